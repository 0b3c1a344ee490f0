"""Lives: the stretches of a question in which every metric beneath it has one definition, each as a question of its own.

::

    on_time_rate, as_reported, 2026, defined anew on 2026-07-01
    lives: 2026-01-01 to 2026-06-30 under the definition of 2024-01-01; from 2026-07-01 under its own

What is held against something else, or accounted for row by row, is so under one definition at a time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan.bind.ranges import read_range
from decisionlayer.plan.bind.structure import structure_of, today_in
from decisionlayer.plan.query import Query, definition_of
from decisionlayer.resolve.model import Metric, Model
from decisionlayer.resolve.reach.beneath import stands_on
from decisionlayer.resolve.values.editions import Edition


@dataclass(frozen=True, slots=True)
class Life:
    """A stretch from ``since`` on, up to the day before ``before``; None is open.

    ``query`` asks of it what the question asks, ``whole`` the same of all of it. ``editions`` name the definition of each metric that
    has several.
    """

    since: dt.date | None
    before: dt.date | None
    query: Query
    whole: Query
    editions: Mapping[str, Edition]

    def under(self, metric: Metric, model: Model) -> Metric:
        """Return a metric as it is defined here."""
        edition = self.editions.get(metric.name)
        return metric if edition is None else model.metrics[edition.name]


def lives_of(query: Query, model: Model, names: Iterable[str]) -> tuple[Life, ...]:
    """Return the lives that a question reads of some metrics, the oldest first; one, where it reads one definition of each."""
    dated = [metric for name in _closure(names, model) if (metric := model.metrics[name]).editions]
    if not dated:
        return (Life(None, None, query, replace(query, start=None, end=None), {}),)
    today = query.today or today_in(model.project)
    day = today if query.known_on is None else min(today, query.known_on)
    if definition_of(query) != "as_then":
        at = query.basis is not None and "@" in query.basis
        return (_one(query, dated, structure_of(query, model, []).day if at else day),)
    first = max(metric.editions[-1].since for metric in dated)
    days = sorted({first, *(each.since for metric in dated for each in metric.editions if first < each.since <= day)})
    ends: list[dt.date | None] = [*days[1:], None]
    found = (_between(query, model, dated, since, before) for since, before in zip(days, ends, strict=True))
    return tuple(life for life in found if life is not None)


def _closure(names: Iterable[str], model: Model) -> tuple[str, ...]:
    """Return metrics and all that they, or definitions that they had before, stand on."""
    found: dict[str, None] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found and name in model.metrics:
            found[name] = None
            waiting += stands_on(model.metrics[name])
    return tuple(found)


def _on(metric: Metric, day: dt.date) -> Edition:
    return next((edition for edition in metric.editions if edition.since <= day), metric.editions[-1])


def _one(query: Query, dated: Iterable[Metric], day: dt.date) -> Life:
    editions = {metric.name: _on(metric, day) for metric in dated}
    since = max(edition.since for edition in editions.values())
    later = [each.since for metric in dated for each in metric.editions if since < each.since]
    before = min(later, default=None)
    return Life(None, None, query, _over(query, since, before), editions)


def _between(query: Query, model: Model, dated: Iterable[Metric], since: dt.date, before: dt.date | None) -> Life | None:
    """Return what a question reads of a stretch, None where it ends before or begins after it."""
    range = read_range(query.start, query.end, model.project, [])
    opens = dt.datetime.combine(since, dt.time())
    closes = None if before is None else dt.datetime.combine(before, dt.time())
    start = None if range.start is None or range.start.wall <= opens else query.start
    end = None if range.end is None or (closes is not None and closes <= range.end.wall) else query.end
    if start is not None and closes is not None and range.start is not None and closes <= range.start.wall:
        return None
    if end is not None and range.end is not None and range.end.wall <= opens:
        return None
    whole = _over(query, since, before)
    asked = replace(query, start=start or whole.start, end=end or whole.end)
    return Life(since, before, asked, whole, {metric.name: _on(metric, since) for metric in dated})


def _over(query: Query, since: dt.date, before: dt.date | None) -> Query:
    return replace(query, start=since.isoformat(), end=None if before is None else (before - dt.timedelta(days=1)).isoformat())
