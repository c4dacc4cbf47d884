"""The consent page, on which a creator grants access."""
