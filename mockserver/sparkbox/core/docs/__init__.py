"""Documents that are derived from the declarations."""
