"""The version, kept here alone: the build and ``sparkbox --version`` read it."""

__version__ = "0.1.0"
