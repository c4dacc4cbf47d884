"""Figures for ``docs/speed.md``: ratios against a bare Starlette application, measured in one run by ``make bench``."""
