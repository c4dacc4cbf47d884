"""The server: HTTP, TLS, the CONNECT proxy, the mail relay, and the environment of programs run against it."""
