"""The e-mail service: mailing lists, senders, webhooks. https://sendpulse.com/integrations/api/bulk-email"""
