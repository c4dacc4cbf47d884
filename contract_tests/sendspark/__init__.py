"""Sendspark's contract: https://help.sendspark.com/."""
