"""What every dialect of the public API is made of: kinds, shapes, bodies, views."""
