"""The SMTP service: single e-mails and what follows from them. https://sendpulse.com/integrations/api/smtp"""
