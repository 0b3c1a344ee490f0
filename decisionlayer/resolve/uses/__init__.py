"""ROOM uses: what stands on metrics. Words, decisions with their criteria and horizons, views, targets and estates."""
