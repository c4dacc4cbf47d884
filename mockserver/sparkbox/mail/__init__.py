"""Mail: reading and building it, addresses, tracking, and the outcomes of test recipients."""
