"""The declarations of a service: sections, operations, errors, limits, credentials, and the shapes of its responses."""
