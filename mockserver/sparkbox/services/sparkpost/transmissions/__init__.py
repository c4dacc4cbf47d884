"""Transmissions: from the request to the messages."""
