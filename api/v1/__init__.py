"""The public API in its first dialect: one module per resource."""
