"""SendPulse's contract: https://sendpulse.com/integrations/api."""
