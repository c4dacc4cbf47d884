"""Files to send along: https://openapi.engagespark.com/#tag/Files."""
