"""Where a range has two ends, the zone's clock changes within it are known, and periods are cut on the raw clock.

::

    before: aggregate by month = period_day(wall(departures.time_hour, 'UTC', 'America/New_York'), 'month', 'monday')
              keep departures.time_hour >= 2013-07-01 04:00 and departures.time_hour < 2013-09-01 04:00
                scan departures
    after:  aggregate by month = case when departures.time_hour < 2013-08-01 04:00 then 2013-07-01 else 2013-08-01
              keep departures.time_hour >= 2013-07-01 04:00 and departures.time_hour < 2013-09-01 04:00
                scan departures

Comparing a clock with twelve constants takes a fifteenth of converting it. Where there are too many periods, or a part of time is
asked, the offset of the zone is added, which changes twice a year. A range with one open end stays as it is: nobody knows how
far the rows go.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from decisionlayer.plan import operations
from decisionlayer.plan.bind.moments import changes, offset_at
from decisionlayer.plan.bind.ranges import WEEKDAYS
from decisionlayer.plan.nodes import Aggregate, Cells, Derived, Present, over_rows
from decisionlayer.plan.rules.walking import above_rows, is_matched, kept, reading, span
from decisionlayer.resolve.frames.timeunits import MONTHS
from decisionlayer.resolve.language.tree import Call, Case, Expr, Literal, Name, transform

#: The most periods that are told apart by comparing, and the most offsets.
_MOST_PERIODS, _MOST_OFFSETS = 16, 8
#: The years in which zones are trusted to be known alike everywhere: before, they had offsets of odd seconds; after, rules are guesses.
_FIRST_YEAR, _LAST_YEAR = 1973, 2037
#: How many days a period has at least.
_DAYS = {"day": 1, "week": 7, "month": 28, "quarter": 90, "year": 365}
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}

#: A stretch of the raw clock without a change: where it begins and ends, and the offset.
_Stretch = tuple[dt.datetime, dt.datetime, dt.timedelta]


def cut_raw_clocks(root: Present) -> Present:
    """Between two known ends periods are cut on the raw clock, and no row is converted between zones."""
    return above_rows(root, _aggregate)


def _aggregate(cells: Cells) -> Cells:
    if not isinstance(cells, Aggregate) or isinstance(over_rows(cells.input), Derived) or is_matched(cells.input):
        return cells
    known = _Known(cells)
    return reading(cells, known.change) if known.reads_a_range else cells


class _Known:
    """What is known of the clocks of an aggregate's rows."""

    def __init__(self, cells: Aggregate) -> None:
        self.alias = over_rows(cells.input).alias
        self.conditions = kept(cells.input)
        # What each of several levels is grouped by is written once for each of them: it had better be short.
        self.most = 0 if cells.levels else _MOST_PERIODS

    @property
    def reads_a_range(self) -> bool:
        """Whether any condition says where a clock begins."""
        return any(isinstance(each, Call) and each.function == ">=" for each in self.conditions)

    def change(self, expr: Expr) -> Expr:
        """Return an expression with no clock of a known range converted."""
        return transform(expr, self._instead)

    def _instead(self, node: Expr) -> Expr | None:
        match node:
            case Call(function=operations.PERIOD_DAY, arguments=(Call() as wall, Literal(value=str(unit)), Literal(value=str(start)))):
                found = self._stretches(wall)
                return None if found is None else _periods(*found, unit, start, self.most)
            case Call(function=operations.PERIOD_POINT, arguments=(point, Call() as wall, Literal(value=str(unit)) as period)):
                found = self._stretches(wall)
                if found is None or unit not in _SECONDS or any(each.total_seconds() % _SECONDS[unit] for _, _, each in found[1]):
                    return None
                return Call(operations.PERIOD_POINT, (point, found[0], period))  # a clock whole hours ahead shows the same minutes
            case Call():
                found = self._stretches(node)
                return None if found is None else _moved(*found)
            case _:
                return None

    def _stretches(self, wall: Call) -> tuple[Name, tuple[_Stretch, ...]] | None:
        """Return the clock that is converted, and the stretches of its range; None where that is another, or too much."""
        match wall:
            case Call(function=operations.WALL, arguments=(Name() as clock, Literal(value="UTC"), Literal(value=str(home)))):
                ends = span(self.conditions, clock) if clock.parts[0] == self.alias else None
                found = () if ends is None else tuple(_stretches(*ends, home))
                return (clock, found) if 0 < len(found) <= _MOST_OFFSETS else None
            case _:
                return None


def _stretches(first: dt.datetime, last: dt.datetime, home: str) -> Iterator[_Stretch]:
    """Yield the stretches between two readings of a clock in UTC; none where they are not sure."""
    if first.tzinfo is not None or last.tzinfo is not None or not first < last:
        return
    if not _FIRST_YEAR <= first.year <= last.year <= _LAST_YEAR or last.year - first.year > _MOST_OFFSETS:
        return
    found = (each.replace(tzinfo=None) for year in range(first.year, last.year + 1) for each in changes(year, home))
    begins = [first, *(each for each in found if first < each < last)]
    for begin, end in zip(begins, [*begins[1:], last], strict=True):
        yield begin, end, offset_at(begin.replace(tzinfo=dt.UTC), home)


def _periods(clock: Name, stretches: tuple[_Stretch, ...], unit: str, week_start: str, most: int) -> Expr | None:
    """Return the period as what a clock is compared with; None where there are too many."""
    if unit not in _DAYS or (stretches[-1][1] - stretches[0][0]).days > most * _DAYS[unit]:
        return None
    ends: list[tuple[dt.datetime, dt.date]] = []
    for begin, end, offset in stretches:
        period = _begun(begin + offset, unit, week_start)
        while True:
            after = _after(period, unit)
            until = min(end, dt.datetime.combine(after, dt.time()) - offset)
            if ends and ends[-1][1] == period:
                ends[-1] = (until, period)
            else:
                ends.append((until, period))
            if until == end:
                break
            period = after
    if len(ends) > most:
        return None
    if len(ends) == 1:
        return Literal(ends[0][1])
    return Case(tuple((_before(clock, until), Literal(day)) for until, day in ends[:-1]), Literal(ends[-1][1]))


def _begun(wall: dt.datetime, unit: str, week_start: str) -> dt.date:
    """Return the day on which the period began that holds a wall clock."""
    day = wall.date()
    if unit == "week":
        return day - dt.timedelta(days=(day.weekday() - WEEKDAYS.index(week_start)) % 7)
    if unit == "day":
        return day
    months = MONTHS[unit]
    return day.replace(month=(day.month - 1) // months * months + 1, day=1)


def _after(day: dt.date, unit: str) -> dt.date:
    """Return the first day of the period that follows the one that begins on ``day``."""
    if unit in ("day", "week"):
        return day + dt.timedelta(days=_DAYS[unit])
    month = day.month - 1 + MONTHS[unit]
    return day.replace(year=day.year + month // 12, month=month % 12 + 1)


def _moved(clock: Name, stretches: tuple[_Stretch, ...]) -> Expr:
    """Return the wall clock as the raw one, moved by the offset of its stretch."""
    walls = [(end, _shifted(clock, offset)) for _, end, offset in stretches]
    if len(walls) == 1:
        return walls[0][1]
    return Case(tuple((_before(clock, end), wall) for end, wall in walls[:-1]), walls[-1][1])


def _shifted(clock: Name, offset: dt.timedelta) -> Expr:
    seconds = int(offset.total_seconds())
    unit = next(each for each in ("hour", "minute", "second") if seconds % _SECONDS[each] == 0)
    return operations.shifted(clock, seconds // _SECONDS[unit], unit)


def _before(clock: Name, until: dt.datetime) -> Expr:
    return Call("<", (clock, Literal(until)))
