"""The sandbox's machinery. It knows no vendor; the services stand on it."""
