"""Creator data."""
