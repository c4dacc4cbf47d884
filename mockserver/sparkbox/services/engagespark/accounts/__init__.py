"""The organization's balance: https://openapi.engagespark.com/#tag/Balance."""
