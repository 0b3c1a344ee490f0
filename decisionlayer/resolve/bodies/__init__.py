"""ROOM bodies: what a metric computes. Measures, formulas, conversions and stocks, each after all that it stands on."""
