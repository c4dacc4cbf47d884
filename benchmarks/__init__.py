"""Figures for the README: ratios against a bare Starlette application, measured in one run. Run ``make bench``."""
