"""Metrics: aggregates of events."""
