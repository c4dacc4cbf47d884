"""Sparked's contract: https://sparked.com/integration."""
