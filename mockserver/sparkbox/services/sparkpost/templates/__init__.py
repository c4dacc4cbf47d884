"""Templates and the content of mail."""
