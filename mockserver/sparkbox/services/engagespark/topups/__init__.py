"""Airtime top-ups: https://openapi.engagespark.com/#tag/Top-Up."""
