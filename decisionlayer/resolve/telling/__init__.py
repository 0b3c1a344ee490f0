"""ROOM telling: a number with its meaning, as a passport and in plain sentences."""
