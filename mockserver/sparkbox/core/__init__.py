"""The sandbox's machinery. It knows no vendor; the services are built on it."""
