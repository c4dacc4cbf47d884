"""The pictures of creators and assets."""
