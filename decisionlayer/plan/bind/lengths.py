"""Lengths: how long the period is that is read, in the units that ``per`` divides by.

Days and weeks go by the calendar, so that the day on which clocks are changed is one. Hours and shorter are as many as passed, and
so is everything where periods shorter than a day are asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from decisionlayer.findings import Finding
from decisionlayer.plan import operations
from decisionlayer.plan.bind.grids import Grid, Interval, finest
from decisionlayer.plan.bind.intervals import read_by
from decisionlayer.plan.bind.moments import told
from decisionlayer.plan.bind.ranges import Range, walls_of
from decisionlayer.plan.bind.walls import ends_tonight, reach_walls
from decisionlayer.resolve.drafting.looks import ACCUMULATIONS, Length, Look
from decisionlayer.resolve.frames.timeunits import MICROSECONDS, is_below_a_day
from decisionlayer.resolve.language.tree import Call, Expr, Literal
from decisionlayer.resolve.model import Project

#: The asked cell's own interval as values of a finer grid.
Cell = Callable[[Grid], Interval]


def lengths_of(
    read: Iterable[Length], asked: Grid | None, cell: Cell, edges: str, range: Range, today: dt.date | None, project: Project,
    findings: list[Finding],
) -> Mapping[Length, Expr]:  # fmt: skip
    """Return each length over the key of the asked periods; without a period over the range. ``edges`` is what cuts them at their ends.

    ``needs-period`` for a range without an end and for what has no beginning, ``not-built`` for what ends with the data.
    """
    found: dict[Length, Expr] = {}
    for length in read:
        looks = length.looks
        is_whole = asked is None or any(look.drops_time for look in looks)
        while any(look.drops_time for look in looks):
            looks = looks[1:]
        moves = tuple(look for look in looks if look.is_in_time)
        endless = next((look for look in moves if look.function in ACCUMULATIONS and look.unit is None), None)
        if endless is not None:
            findings.append(_endless(endless.function))
        elif is_whole:
            start, end = walls_of(range, project)
            if end is None or (start is None and not any(look.function in ACCUMULATIONS for look in moves[:1])):
                findings.append(_needs_period())
                continue
            found[length] = Literal(_between_walls(*reach_walls(moves, start, ends_tonight(start, end, today), project), length, project))
        elif asked is not None and (loose := _loose(moves, asked)) is not None:
            findings.append(_ends_with_data(loose, length, asked))
        elif asked is not None:
            found[length] = _over_key(moves, length, asked, cell, edges)
    return found


def _over_key(moves: tuple[Look, ...], length: Length, asked: Grid, cell: Cell, edges: str) -> Expr:
    """Return the length of what is read, over the key of the asked periods."""
    project = asked.project
    units = (asked.unit, edges, *(look.unit for look in moves if look.unit is not None))
    # Periods are dates, so their ends are days apart; by days a term would go to the day of the other year, and not to the term.
    base = Grid(finest(units, project.almanac), project)
    if is_below_a_day(length.unit) and not base.is_instant:
        base = Grid("hour", project)
    interval = read_by(moves, cell(base), asked, base)
    assert interval.first is not None
    one = _micros_in(length, project)
    if not base.is_instant:
        whole, days = operations.days_between(interval.before, interval.first), one // MICROSECONDS["day"]
        return whole if days == 1 else Call("/", (whole, Literal(days)))
    ends = (interval.before, interval.first)
    if not (is_below_a_day(length.unit) or asked.is_instant):
        ends = (operations.wall(ends[0], None, project.timezone), operations.wall(ends[1], None, project.timezone))
    return Call("/", (operations.micros_between(*ends), Literal(one)))


def _between_walls(first: dt.datetime | None, before: dt.datetime | None, length: Length, project: Project) -> Decimal | int | None:
    if first is None or before is None:
        return None
    if is_below_a_day(length.unit):
        first, before = (told(wall, project.timezone) for wall in (first, before))
        if first is None or before is None:
            return None
    micros, one = (before - first) // dt.timedelta(microseconds=1), _micros_in(length, project)
    return micros // one if micros % one == 0 else Decimal(micros) / one


def _loose(moves: tuple[Look, ...], asked: Grid) -> Look | None:
    """Return what gathers by periods that are shorter than the asked one and not all as long: it, and its length, ends with the data."""
    almanac = asked.project.almanac
    for look in moves:
        unit = None if look.unit is None else almanac.parse(look.unit)
        if look.function in ("first", "avg") and not almanac.is_whole(asked.unit, look.unit or asked.unit):
            return look  # where the data begin within a period, so does what is read
        if look.function not in ACCUMULATIONS or unit is None or finest((asked.unit, str(unit)), almanac) == asked.unit:
            continue
        if look.function != "trailing" or almanac.microseconds_in(unit) is None:
            return look
    return None


def _micros_in(length: Length, project: Project) -> int:
    unit = project.almanac.parse(length.unit)
    micros = None if unit is None else project.almanac.microseconds_in(unit)
    assert micros is not None, length.unit
    return micros


def _ends_with_data(look: Look, length: Length, asked: Grid) -> Finding:
    if look.function in ("first", "avg"):
        return Finding(
            "not-built", "question",
            f"`per(…, {length.unit})` under `{look.said}` is not answered by {asked.unit} in this version yet",
            why=f"the first {look.unit} may be that of the first row, and its length would begin elsewhere", help=f"ask by {look.unit}",
        )  # fmt: skip
    return Finding(
        "not-built", "question",
        f"`per(…, {length.unit})` under `{look.function}` by {look.unit} is not answered by {asked.unit} in this version yet",
        why=f"asked by a longer period it ends with the last {look.unit} that has data, and its length would end elsewhere",
        help=f"ask by {look.unit}, or by what it is made of",
    )  # fmt: skip


def _endless(function: str) -> Finding:
    return Finding(
        "needs-period", "question", f"`{function}` around `per` reads what has no beginning, and so no length",
        why="what is divided by it would hang on when the first row happens to be", help="say since when: `to_date` or `trailing`",
    )  # fmt: skip


def _needs_period() -> Finding:
    return Finding(
        "needs-period", "question", "`per` needs a period", why="without one there is no length to divide by",
        help="ask `by` a period such as month, or give `start` and `end`",
    )  # fmt: skip
