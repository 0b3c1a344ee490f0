"""Damage: what a finding about definitions does to the numbers, measured on the rows that are there.

Two metrics of one title are two meanings (DL301). How far they lie apart is said in the rows on which they differ, each read
by itself: a metric of one row is what that row does to it. What means something else than what was signed (DL304) is measured
against the state that was signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from decisionlayer.ask import Desk
from decisionlayer.errors import DecisionLayerError
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.govern.since_signed import SinceSigned
from decisionlayer.plan.query import Query
from decisionlayer.resolve.bodies.by_row import key_splits, split_by_row
from decisionlayer.resolve.model import Metric
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.values.uses import heard

#: So many rows are named; the rest are counted.
_NAMED = 5


def with_damage(desk: Desk, findings: Iterable[Finding], root: str) -> Iterator[Finding]:
    """Yield the findings, those with what they do to the numbers which can be measured; the others as they are.

    ``root`` is the folder of the project, of which git may know what was signed.
    """
    since_signed = SinceSigned(desk, root)
    for finding in findings:
        if finding.code == "changed-since-signed":
            yield since_signed.measured(finding)
            continue
        damage = _two_meanings(desk, finding) if finding.code == "two-meanings" and not finding.damage else ""
        yield replace(finding, damage=damage) if damage else finding


def _two_meanings(desk: Desk, finding: Finding) -> str:
    metric = desk.model.metrics.get(finding.subject.partition(" ")[2])
    if metric is None:
        return ""
    told = []
    for other in desk.model.metrics.values():
        is_called_so = other.title.split() and heard(other.title) == heard(metric.title) and other.purpose is metric.purpose
        if is_called_so and other.meaning != metric.meaning:
            told.append(_apart(desk, metric, other))
    return "; ".join(one for one in told if one)


def _apart(desk: Desk, one: Metric, other: Metric) -> str:
    """Return on which rows of their common source two metrics differ; empty where they have none, or where nobody can ask."""
    beneath = Beneath(desk.model.metrics)
    sources = {*beneath.sources(one.name), *beneath.sources(other.name)}
    if len(sources) != 1 or desk.engine is None or not desk.engine.is_there:
        return ""
    source = desk.model.sources[sources.pop()]
    names = key_splits(source)
    by_row = desk.beside(split_by_row(desk.model, source, (one.name, other.name)))
    a, b = one.name, other.name
    differ = f"{a} <> {b} or ({a} is null and {b} is not null) or ({a} is not null and {b} is null)"
    try:
        rows = by_row.answer(Query(metrics=(one.name, other.name), by=names, having=differ)).rows()
    except DecisionLayerError:  # a source that cannot be read is told by itself
        return ""
    if not rows:
        return f"on the rows that are there `{one.name}` and `{other.name}` are the same"
    shown = ", ".join("/".join(str(value) for value in row[: len(names)]) for row in rows[:_NAMED])
    more = f" and {len(rows) - _NAMED:,} more" if len(rows) > _NAMED else ""
    count = "1 row" if len(rows) == 1 else f"{len(rows):,} rows"
    return f"`{one.name}` and `{other.name}` differ on {count} of `{source.name}`: {shown}{more}"
