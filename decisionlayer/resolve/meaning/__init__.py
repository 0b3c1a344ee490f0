"""ROOM meaning: what a number means, as a fingerprint, and whether two numbers mean the same."""
