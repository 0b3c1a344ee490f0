"""Lengths: how long the period is that is read, in the days or weeks that ``per`` divides by. Days go by the calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal

from decisionlayer.findings import Finding
from decisionlayer.plan import operations
from decisionlayer.plan.bind.intervals import Grid, Interval, read_by
from decisionlayer.plan.bind.ranges import Range
from decisionlayer.plan.bind.walls import ends_tonight, read_walls
from decisionlayer.resolve.drafting.looks import Length
from decisionlayer.resolve.language.tree import Call, Expr, Literal
from decisionlayer.resolve.model import Project


def lengths_of(
    read: Iterable[Length], asked: Grid | None, cell: Interval | None, range: Range, today: dt.date | None, project: Project,
    findings: list[Finding],
) -> Mapping[Length, Expr]:  # fmt: skip
    """Return each length over the key of the asked periods, whose own ``cell`` is given by days; without a period over the range.

    ``not-built`` for what is no length of whole days, ``needs-period`` for a range without an end.
    """
    found: dict[Length, Expr] = {}
    for length in read:
        looks = length.looks
        is_whole = asked is None or any(look.drops_time for look in looks)
        while any(look.drops_time for look in looks):
            looks = looks[1:]
        moves = tuple(look for look in looks if look.is_in_time)
        gathers = next((look for look in moves if look.function not in ("prior", "period_start")), None)
        if gathers is not None or (not is_whole and cell is None):
            findings.append(_not_told(length, None if gathers is None else gathers.function, asked))
        elif is_whole:
            start, end = (None if edge is None else edge.wall for edge in (range.start, range.end))
            if start is None or end is None:
                findings.append(_needs_period())
                continue
            first, before = read_walls(moves, start, ends_tonight(start, end, today), project)
            days = None if first is None or before is None else Decimal((before - first) // dt.timedelta(seconds=1)) / 86_400
            found[length] = Literal(None if days is None else days / _days_in(length, project))
        elif asked is not None and cell is not None:
            interval = read_by(moves, cell, asked, Grid("day", project))
            assert interval.first is not None
            whole = operations.days_between(interval.before, interval.first)
            by = _days_in(length, project)
            found[length] = whole if by == 1 else Call("/", (whole, Literal(by)))
    return found


def _days_in(length: Length, project: Project) -> int:
    unit = project.almanac.parse(length.unit)
    days = None if unit is None else project.almanac.days_in(unit)
    assert days is not None, length.unit
    return days


def _not_told(length: Length, around: str | None, asked: Grid | None) -> Finding:
    what = f"`{around}` around `per`" if around else f"`per` by {asked.unit if asked else 'the range'}"
    return Finding(
        "not-built", "question", f"{what} is not answered by this version yet",
        help=f"write `per(…, {length.unit})` outside, around what is read" if around else "ask by day, or by what is made of days",
    )  # fmt: skip


def _needs_period() -> Finding:
    return Finding(
        "needs-period", "question", "`per` needs a period", why="without one there is no length to divide by",
        help="ask `by` a period such as month, or give `start` and `end`",
    )  # fmt: skip
