"""Pages for people: the dashboard of a merchant, and whether the machine is well."""
