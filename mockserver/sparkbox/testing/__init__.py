"""What a test suite uses: a sandbox on a thread, an account of its own, and its controls."""
