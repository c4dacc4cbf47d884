"""One request: read, matched, checked, handled, answered."""
