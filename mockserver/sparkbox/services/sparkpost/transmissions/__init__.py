"""Transmissions."""
