"""Ties: does every number account for its rows, keep within what its translation tolerates, and tie to its control total?"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from decisionlayer.ask import Desk
from decisionlayer.errors import DecisionLayerError, DeclarationError, QueryError
from decisionlayer.findings import Finding, Severity
from decisionlayer.frozen import replace
from decisionlayer.govern.lineage import Lineage
from decisionlayer.plan.kinds.parts import has_parts
from decisionlayer.plan.lives import lives_of
from decisionlayer.plan.query import Query
from decisionlayer.resolve.model import Measure, Metric
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.run.rolling import untied_steps


def untied(desk: Desk, lineage: Lineage, bad: Collection[str], only: Collection[str] | None = None) -> Iterator[Finding]:
    """Yield DL602 and DL604 of the metrics whose translation leaves rows out, tolerates some, or names a control total.

    ``bad`` are subjects that stand on rows with a trouble of their own, which is told already; ``only`` those to look at.
    """
    for metric in _named(desk):
        subject = f"metric {metric.name}"
        known = (only is None or subject in only) and subject not in desk.model.broken
        if known and any(map(_promises, _ever(desk, metric))) and frozenset(bad).isdisjoint({subject, *lineage.beneath(subject)}):
            yield from _of(desk, metric)


def unrolled(desk: Desk, lineage: Lineage, bad: Collection[str]) -> Iterator[Finding]:
    """Yield DL602 of the stocks that their flows do not lead from one level to the next."""
    for metric in _named(desk):
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


def torn_rows(desk: Desk, lineage: Lineage, bad: Collection[str]) -> Iterator[Finding]:
    """Yield what rows stop: ``empty-part`` (DL111), and as a warning ``missing-rate``, for what is asked may lie where rates are."""
    told: set[tuple[str, str]] = set()
    for metric in _named(desk):
        subject = f"metric {metric.name}"
        known = any(map(_may_stop, _ever(desk, metric))) and subject not in desk.model.broken
        if known and frozenset(bad).isdisjoint({subject, *lineage.beneath(subject)}):
            for life in lives_of(_asked(desk, metric), desk.model, (metric.name,)):
                try:
                    desk.answer(life.query)
                except DeclarationError as refused:
                    found = [each for each in refused.findings if each.code in ("empty-part", "missing-rate")]
                    soft = {"missing-rate": Severity.warning}
                    yield from (replace(each, soft=soft.get(each.code)) for each in found if (each.code, each.message) not in told)
                    told |= {(each.code, each.message) for each in found}
                except DecisionLayerError:  # what has no total is looked at where it is asked
                    continue


def _named(desk: Desk) -> Iterator[Metric]:
    """Yield the metrics that people can ask; what one was before is looked at with it."""
    return (metric for metric in desk.model.metrics.values() if metric.edition_of is None)


def _ever(desk: Desk, metric: Metric) -> tuple[Metric, ...]:
    """Return a metric as it is defined and as it was before."""
    return (metric, *(desk.model.metrics[edition.name] for edition in metric.editions[1:]))


def _asked(desk: Desk, metric: Metric) -> Query:
    """Return the question for all of a metric, each definition in its own time."""
    dated = any(below.editions for below in Beneath(desk.model.metrics).tree(metric.name))
    return Query(metrics=(metric.name,), definition="as_then" if dated else None)


def _may_stop(metric: Metric) -> bool:
    if isinstance(metric.body, Measure):
        return not metric.skips_nulls and has_parts(metric.body.expr)
    return any(term.convert is not None for term in metric.body.terms.values())


def _promises(metric: Metric) -> bool:
    it = metric.translation
    return it is not None and (bool(metric.excludes) or it.tolerance is not None or it.control_total is not None)


def _of(desk: Desk, metric: Metric) -> Iterator[Finding]:
    asked = _asked(desk, metric)
    tolerance = None if metric.translation is None else metric.translation.tolerance
    try:
        yield from desk.ledger(asked, metric.name, by_key=True).findings(tolerance)
        yield from (told for held in desk.control_totals(asked, metric.name) if (told := held.finding()) is not None)
    except QueryError as refused:  # what cannot be asked has not been shown to tie
        yield from (replace(each, subject=f"metric {metric.name}", place=each.place or metric.place) for each in refused.findings)
    except DecisionLayerError as refused:
        yield from refused.findings
