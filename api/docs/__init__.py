"""Documentation for developers: the machine-readable reference and the pages made from it."""
