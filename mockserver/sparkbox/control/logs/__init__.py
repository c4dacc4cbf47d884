"""What was sent and requested: the sandbox's logs."""
