"""engageSPARK's contract: https://openapi.engagespark.com/."""
