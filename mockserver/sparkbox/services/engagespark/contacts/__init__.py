"""Contacts and their custom fields: https://openapi.engagespark.com/#tag/Contacts."""
