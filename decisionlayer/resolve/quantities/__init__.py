"""ROOM quantities: units as exponents over named bases, and how numbers print."""
