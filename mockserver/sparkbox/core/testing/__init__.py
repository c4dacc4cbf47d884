"""What a test can set: faults, stubs, and the patterns that select requests."""
