"""The API, whose pages share an envelope."""
