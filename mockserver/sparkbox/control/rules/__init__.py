"""Rules that change responses: faults, stubs and rate limits."""
