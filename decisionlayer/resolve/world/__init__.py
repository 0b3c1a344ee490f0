"""ROOM world: what rows are about. Sources with their columns, clocks, links, histories and bridges, and the names that one row has."""
