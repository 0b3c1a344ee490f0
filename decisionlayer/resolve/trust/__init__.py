"""ROOM trust: who answers for what on a day. Signatures, handovers, waivers, flags, and whether a number is official."""
