"""Load generators. Each runs in a process of its own, on another core than the servers."""
