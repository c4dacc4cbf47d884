"""The servers that the sandbox is compared with."""
