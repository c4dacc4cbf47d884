"""The token endpoint: exchange, refresh and revoke tokens."""
