"""Chatbots: seven messengers with one API. https://sendpulse.com/integrations/api/chatbot"""
