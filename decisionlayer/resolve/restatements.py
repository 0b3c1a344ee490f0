"""Restatements: which new definitions may be read for the periods before them, because somebody wrote who, why and the effect."""

from __future__ import annotations

import datetime as dt

from decisionlayer.resolve.model import Model


def is_restated(model: Model, metric: str, since: dt.date) -> bool:
    """Say whether a record restates the periods before a metric's definition of a day."""
    if not model.log.records:
        return False
    from decisionlayer.declare.records import Restate

    return any(record.restate == metric and record.since in (None, since) for _, record in model.log.of(Restate))
