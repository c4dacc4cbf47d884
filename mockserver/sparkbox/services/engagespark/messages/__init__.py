"""Messages in both directions.

https://openapi.engagespark.com/#tag/SMS and https://openapi.engagespark.com/#tag/WhatsApp
"""
