"""Campaigns: https://openapi.engagespark.com/#tag/Campaigns."""
