"""For test suites: a sandbox on a thread, an account for each test, and its controls."""
