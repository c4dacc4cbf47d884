"""Airtime top-ups of the older API: https://github.com/engagespark/api-docs."""
