"""Media kits."""
