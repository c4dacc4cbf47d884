"""Mail: reading it, building it, its addresses, tracking, and the outcomes of test recipients."""
