"""Recipients and stored lists of them."""
