"""What a test asks for: faults, stubs, and the patterns that select requests."""
