"""Pulse analytics."""
