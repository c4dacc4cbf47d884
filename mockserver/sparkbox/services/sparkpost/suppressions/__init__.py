"""Suppression List."""
