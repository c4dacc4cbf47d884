"""Recipient Lists."""
