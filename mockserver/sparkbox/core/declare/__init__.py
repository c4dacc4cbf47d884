"""What a service declares: sections, operations, errors, limits, credentials, and the shapes of its responses."""
