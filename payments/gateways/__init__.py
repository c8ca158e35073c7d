"""The one place where payments speaks to providers: a small port, and an adapter for each."""
