"""Bounded logs: requests, messages, events, webhook deliveries."""
