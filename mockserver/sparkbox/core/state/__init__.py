"""State that lasts between requests: accounts, their stores, their clocks, and the work that waits."""
