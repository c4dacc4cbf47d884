"""Event webhooks: their targets and batches."""
