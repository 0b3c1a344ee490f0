"""ROOM switching: translations, the owned switch from action to choice, and what every row of theirs came to."""
