"""dbt's ``semantic_manifest.json``: its questions answered unchanged, its definitions read into a project of ours.

Two readings, and they are kept apart. ``query`` answers in dbt's own arithmetic, name for name and row for row: spines, offsets,
conversions above 100%. ``load_layer`` gives the same definitions as a layer of ours, asked in
our words under our laws; where the two differ, ``losses`` says so. Start at ``reader.py``; ``metrics.py`` is dbt's arithmetic.
"""

from __future__ import annotations

from decisionlayer.exchange.metricflow.losses import Loss
from decisionlayer.exchange.metricflow.project import project_of
from decisionlayer.exchange.metricflow.reader import load_layer, losses, query, sql

__all__ = ["Loss", "load_layer", "losses", "project_of", "query", "sql"]
