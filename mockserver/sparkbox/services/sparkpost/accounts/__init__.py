"""The account, its volume and its sending limits."""
