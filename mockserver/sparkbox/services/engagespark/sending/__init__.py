"""Sending SMS: https://openapi.engagespark.com/#tag/SMS."""
