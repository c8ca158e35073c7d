"""Values and rules every app shares: pure, no framework, no database, no clock but one door."""
