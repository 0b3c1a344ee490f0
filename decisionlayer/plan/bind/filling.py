"""Filling: every period of a range, those without rows too.

Periods of one length follow each other by that length. Those of a calendar may be longer and shorter, and several hours are cut from
each midnight: they are found among shorter steps, by where each step's own period begins.
"""

from __future__ import annotations

import datetime as dt

from decisionlayer.findings import RULES, Finding
from decisionlayer.frozen import dataclass
from decisionlayer.plan.bind.calendars import start
from decisionlayer.plan.bind.grids import Grid, moved_wall
from decisionlayer.plan.bind.moments import earliest
from decisionlayer.plan.bind.ranges import Range, begins
from decisionlayer.plan.nodes import Every
from decisionlayer.resolve.frames.calendars import A_YEAR, MONTHS_OF, Listed, YearsOfMonths, YearsOfWeeks
from decisionlayer.resolve.frames.timeunits import MONTHS, is_clocked
from decisionlayer.resolve.language.tree import Expr, Literal, Name

#: The most periods that `fill` makes.
MOST_PERIODS = 100_000
#: A year that every warehouse still counts.
LAST_YEAR = 200_000
#: What a statement says that would make more of them.
TOO_FAR = f"{RULES['bad-question'].told}: more than {MOST_PERIODS:,} periods would be made, by `fill` or for a mean over days"


@dataclass(frozen=True, slots=True)
class _Steps:
    """Steps of ``count`` times ``unit``, at most ``each`` of them a period; ``starts`` where not every step begins one."""

    count: int
    unit: str
    each: int = 1
    starts: Expr | None = None


def every_of(grid: Grid, key: str, range: Range, findings: list[Finding]) -> Every | None:
    """Return all periods of the range over the column ``key``; ``bad-question`` for more than anybody reads."""
    project = grid.project
    steps = _steps(grid, Name((key,)))
    opens, closes = (None if edge is None else edge.wall for edge in (range.start, range.end))
    first = None if opens is None else begins(opens, grid.unit, project)
    last = None if closes is None else begins(closes - dt.timedelta(microseconds=1), grid.unit, project)
    first, last = _in_file(grid, first, last)
    most = MOST_PERIODS * steps.each
    if steps.unit in MONTHS:  # a warehouse's calendar ends before a hundred thousand times ten years
        most = min(most, 12 * LAST_YEAR // (MONTHS[steps.unit] * steps.count))
    if first is not None and last is not None:
        longest = moved_wall(first, most * steps.count, steps.unit, project)
        if longest is not None and longest < last:
            findings.append(Finding(
                "bad-question", "question", f"`fill` would make more than {MOST_PERIODS:,} periods",
                help="ask a shorter range, or longer periods",
            ))  # fmt: skip
            return None
    opening, closing = (None if wall is None else Literal(_value(wall, grid)) for wall in (first, last))
    return Every(opening, closing, steps.count, steps.unit, most, steps.starts)


def every_step(grid: Grid, key: Expr) -> tuple[int, str, int, Expr | None]:
    """Return the steps in which all periods of a grid are found: how long each is, how many at most make a period, and its start."""
    steps = _steps(grid, key)
    return steps.count, steps.unit, steps.each, steps.starts


def _steps(grid: Grid, key: Expr) -> _Steps:
    unit = grid.project.almanac.parse(grid.unit)
    assert unit is not None
    if unit.calendar is None:
        if is_clocked(grid.unit):  # clocks are changed by an hour, somewhere by half of one
            return _Steps(30, "minute", 2 * unit.count, grid.at(key, Grid("minute", grid.project)))
        return _Steps(unit.count, unit.base)
    calendar = grid.project.calendar(unit.calendar)
    starts = start(calendar, unit.base, key)
    match calendar.rule:
        case YearsOfMonths():
            return _Steps(MONTHS_OF[unit.base], "month")
        case YearsOfWeeks():
            return _Steps(1, "week") if unit.base == "week" else _Steps(1, "week", 53 // A_YEAR.get(unit.base, 1) + 1, starts)
        case Listed(starts=listed, after=after):
            days = (after - listed[unit.base][0]).days
            return _Steps(1, "day", -(-days // len(listed[unit.base])), starts)


def _in_file(grid: Grid, first: dt.datetime | None, last: dt.datetime | None) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Return the ends within what a file says of a calendar: outside of it there are no periods."""
    unit = grid.project.almanac.parse(grid.unit)
    rule = None if unit is None or unit.calendar is None else grid.project.calendar(unit.calendar).rule
    if unit is None or not isinstance(rule, Listed):
        return first, last
    opens, closes = (dt.datetime.combine(rule.starts[unit.base][place], dt.time()) for place in (0, -1))
    return None if first is None else max(first, opens), None if last is None else min(last, closes)


def _value(wall: dt.datetime, grid: Grid) -> dt.date | dt.datetime | None:
    return earliest(wall, grid.project.timezone) if grid.is_instant else wall.date()
