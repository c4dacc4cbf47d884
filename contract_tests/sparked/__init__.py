"""Contract tests of Sparked: https://sparked.com/integration."""
