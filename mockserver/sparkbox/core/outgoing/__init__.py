"""Requests that the sandbox makes itself, to the webhook targets that a user configured."""
