"""What changes responses: faults, stubs and rate limits."""
