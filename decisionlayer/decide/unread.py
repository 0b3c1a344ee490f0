"""Unread: options of which a criterion says nothing, and horizons of which nothing is known at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from decisionlayer.ask import Desk
from decisionlayer.decide.firmness import Ranking
from decisionlayer.errors import DecisionLayerError
from decisionlayer.findings import Finding
from decisionlayer.plan.query import Query
from decisionlayer.resolve.model import Decision


def unread(desk: Desk, decision: Decision, ranking: Ranking) -> Iterator[Finding]:
    """Yield ``no-value`` for each criterion that says nothing of some options, so that they are seen to be missing and not bad.

    A horizon in which no criterion says anything is told once, with the last period that has rows: most often it is the day
    of the question that lies beyond the data, and no option.
    """
    lacking = {
        metric: [place.option for place in ranking.governed if metric in place.missing]
        for metric in ranking.seen.criteria
    }
    if all(len(options) == len(ranking.governed) for options in lacking.values()):
        yield _nothing_at_all(desk, decision, ranking)
        return
    for metric, options in lacking.items():
        if options:
            names = ", ".join(f"`{option}`" for option in options)
            yield Finding(
                "no-value", f"decision {decision.name}",
                f"decision `{decision.name}` over `{ranking.name}`: `{metric}` has no value for {names}",
                decision.place, why="what nobody knows is neither good nor bad, so the option has no score and no place",
                help="find the rows behind it, leave the option out of `list`, or decide on it by hand",
            )  # fmt: skip


def _nothing_at_all(desk: Desk, decision: Decision, ranking: Ranking) -> Finding:
    query = ranking.seen.query
    unit = ranking.seen.horizon.period or "year"
    last = _last(desk, query, unit)
    follows = ranking.seen.horizon.period is not None
    moved = "ask as of a day after it with `--today`" if follows else "move the horizon's `start:` and `end:`"
    ends = "" if last is None else f"; the last {unit} with any begins on {last}: {moved}"
    return Finding(
        "no-value", f"decision {decision.name}",
        f"decision `{decision.name}` over `{ranking.name}`: there are no rows at all from {query.start} to {query.end}{ends}",
        decision.place, why="what nobody knows is neither good nor bad, so no option has a score or a place",
        help="ask for a time that has rows, or find out why none arrive",
    )  # fmt: skip


def _last(desk: Desk, query: Query, unit: str) -> object:
    """Return the first day of the last period with rows of any criterion, None where that cannot be asked or there is none."""
    try:
        found = desk.answer(Query(
            metrics=query.metrics, by=(unit,), order=(f"-{unit}",), limit=1, today=query.today, known_on=query.known_on,
        )).rows()  # fmt: skip
    except DecisionLayerError:  # the question is advice: what refuses it has nothing to do with the decision
        return None
    first = found[0][0] if found else None
    return first.date() if isinstance(first, dt.datetime) else first
