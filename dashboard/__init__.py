"""Pages for people: for now, whether the machine is well."""
