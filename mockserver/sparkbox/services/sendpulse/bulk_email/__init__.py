"""Bulk email."""
