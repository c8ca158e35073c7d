"""The face for customers: pages reached by a link that is a capability."""
