"""Clients, scopes and grants: what the consent page and the token endpoint share."""
