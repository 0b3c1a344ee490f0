"""Ties: does every number account for its rows, keep within what its translation tolerates, and tie to its control total?"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from decisionlayer.ask import Desk
from decisionlayer.errors import DecisionLayerError, QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.plan.query import Query
from decisionlayer.publish.lineage import Lineage
from decisionlayer.resolve.model import Metric
from decisionlayer.run.rolling import untied_steps


def untied(desk: Desk, lineage: Lineage, bad: Collection[str], only: Collection[str] | None = None) -> Iterator[Finding]:
    """Yield DL602 and DL604 of the metrics whose translation leaves rows out, tolerates some, or names a control total.

    ``bad`` are subjects that stand on rows with a trouble of their own, which is told already; ``only`` those to look at.
    """
    for metric in desk.model.metrics.values():
        subject = f"metric {metric.name}"
        known = (only is None or subject in only) and subject not in desk.model.broken
        if known and _promises(metric) and frozenset(bad).isdisjoint({subject, *lineage.beneath(subject)}):
            yield from _of(desk, metric)


def unrolled(desk: Desk, lineage: Lineage, bad: Collection[str]) -> Iterator[Finding]:
    """Yield DL602 of the stocks that their flows do not lead from one level to the next."""
    for metric in desk.model.metrics.values():
        subject = f"metric {metric.name}"
        known = metric.roll_forward is not None and subject not in desk.model.broken
        if known and frozenset(bad).isdisjoint({subject, *lineage.beneath(subject)}):
            try:
                found = untied_steps(desk, metric)
            except DecisionLayerError as refused:
                yield from refused.findings
                continue
            if found is not None:
                yield found


def _promises(metric: Metric) -> bool:
    it = metric.translation
    return it is not None and (bool(metric.excludes) or it.tolerance is not None or it.control_total is not None)


def _of(desk: Desk, metric: Metric) -> Iterator[Finding]:
    assert metric.translation is not None
    asked = Query(metrics=(metric.name,))
    try:
        yield from desk.ledger(asked, metric.name, by_key=True).findings(metric.translation.tolerance)
        control = desk.control_total(asked, metric.name)
        told = None if control is None else control.finding()
        if told is not None:
            yield told
    except QueryError as refused:  # what cannot be asked has not been shown to tie
        yield from (replace(each, subject=f"metric {metric.name}", place=each.place or metric.place) for each in refused.findings)
    except DecisionLayerError as refused:
        yield from refused.findings
