"""Freshness: how old the newest row of a source may be, by the source's own word, and how old it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

from decisionlayer.errors import EngineError
from decisionlayer.findings import Finding
from decisionlayer.plan.bind.structure import today_in
from decisionlayer.resolve.model import Model, Source
from decisionlayer.resolve.quantities.printed import days
from decisionlayer.run import Engine
from decisionlayer.sql.checks import newest


def stale(model: Model, engine: Engine, unread: Collection[str]) -> Iterator[Finding]:
    """Yield ``stale-input`` for each source whose newest row is older, on the model's day, than the source says it may be.

    Days are whole: what arrived yesterday is a day old. An empty source has no newest row, which is told elsewhere.
    """
    today = model.today or today_in(model.project)
    for name, source in model.sources.items():
        if source.within is None or f"source {name}" in unread or f"source {name}" in model.broken:
            continue
        assert source.arrival is not None
        try:
            last = engine.rows(newest(source, source.arrival.column))[0][0]
        except EngineError:  # a source that cannot be read is told by the checks of its rows
            continue
        if isinstance(last, dt.date):
            age = today - (last.date() if isinstance(last, dt.datetime) else last)
            if age > source.within:
                yield _stale(source, last, age, today)


def _stale(source: Source, last: dt.date, age: dt.timedelta, today: dt.date) -> Finding:
    assert source.within is not None and source.arrival is not None
    allowed = _whole(source.within) if source.within.days else f"{source.within.seconds // 60} minutes"
    return Finding(
        "stale-input", f"source {source.name}",
        f"the newest row of `{source.name}` arrived on {last:%Y-%m-%d}, {_whole(age)} before {today}; it may be {allowed} old",
        source.place, why="a decision on it is a decision on what was, and nobody sees that in the number",
        damage=f"{_whole(age - source.within)} too old" if (age - source.within).days else "",
        help="find out why nothing arrives, or say `within:` how old it may be",
    )  # fmt: skip


def _whole(length: dt.timedelta) -> str:
    return days(dt.timedelta(days=length.days))
