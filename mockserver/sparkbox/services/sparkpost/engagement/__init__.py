"""Engagement tracking."""
