"""The sandbox itself: its health, its services, its certificate authority."""
