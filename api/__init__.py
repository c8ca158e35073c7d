"""The face for programs: callbacks of providers now, the public APIs to come."""
