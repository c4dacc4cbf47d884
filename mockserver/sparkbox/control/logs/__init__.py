"""The sandbox's logs: messages, requests, events and webhook deliveries."""
