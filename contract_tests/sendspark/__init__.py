"""Contract tests of Sendspark: https://help.sendspark.com/."""
