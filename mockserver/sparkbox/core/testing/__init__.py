"""For tests to set: faults, stubs, and the patterns that select requests."""
