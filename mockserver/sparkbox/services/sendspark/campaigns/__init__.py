"""Dynamics campaigns."""
