"""Accounts: their state, their clocks, and what happens to them from outside."""
