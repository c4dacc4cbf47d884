"""What happened, in bounded logs: requests, messages, events, webhook deliveries."""
