"""Sending Domains."""
