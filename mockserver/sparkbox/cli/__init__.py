"""The command ``sparkbox``."""
