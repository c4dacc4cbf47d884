"""The account: authorization, balance and plan. https://sendpulse.com/integrations/api#auth"""
