"""The content plan."""
