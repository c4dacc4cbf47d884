"""Events of messages: recorded, documented and searched."""
