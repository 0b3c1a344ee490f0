"""Walls: what looks make of an interval of constants, as what clocks on the wall show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TypeAlias

from decisionlayer.plan.bind.calendars import counterpart
from decisionlayer.plan.bind.grids import has_outside, moved_wall, plain_length
from decisionlayer.plan.bind.moments import TICK, shown_after
from decisionlayer.plan.bind.ranges import Edge, begins, wall_at
from decisionlayer.resolve.drafting.looks import ACCUMULATIONS, Look
from decisionlayer.resolve.frames.timeunits import MICROSECONDS, MONTHS, is_below_a_day, is_clocked
from decisionlayer.resolve.model import Project

#: From when until when, not included; None is open.
Walls: TypeAlias = tuple[dt.datetime | None, dt.datetime | None]


def ends_tonight(start: dt.datetime | None, end: dt.datetime, today: dt.date | None) -> dt.datetime:
    """Return where a range ends that is the period: with today, where it still runs."""
    tonight = None if today is None else dt.datetime.combine(today, dt.time()) + dt.timedelta(days=1)
    return tonight if tonight is not None and (start is None or start < tonight) and tonight < end else end


def read_walls(
    looks: Iterable[Look], first: dt.datetime | None, before: dt.datetime | None, project: Project, asked: str | None = None,
    *, early: bool = False,
) -> Walls | None:
    """Return what looks make of an interval of constants, None where that lies outside of a calendar: nothing is read there.

    An end that is None is open. ``asked`` is the period that cells are of: the first piece of a longer period is one of it, whatever was
    gathered before. With ``early`` the interval may end anywhere: with the last row of the data, with today, with the range. What
    gathers is then given from the earliest of its ends.
    """
    is_untold = False
    earliest = first if early else None
    for look in looks:
        if look.function == "avg":  # each day of what is asked is looked at
            earliest = first
        found = _read(look, first, before, project, asked, earliest=earliest)
        gathers = look.function in ACCUMULATIONS
        if (found is None and not gathers) or (is_untold and look.function in ("period_start", "first")):
            return None
        # Nobody knows where it begins; what gathers within it may begin anew.
        is_untold = found is None if gathers else is_untold
        first, before = found or (None, before)
        if earliest is not None and gathers:
            earliest = first or dt.datetime.min  # with the last row, which may lie anywhere in it, also before the cell begins
        elif earliest is not None and look.function == "prior":
            earliest = _moved(earliest, -look.count, look.unit or "day", project, asked) or dt.datetime.min
        elif earliest is not None and look.function in ("period_start", "first"):
            earliest = first or dt.datetime.min  # the first day of all is anywhere
    return None if is_untold else (first, before)


def reach_walls(
    looks: Iterable[Look], first: dt.datetime | None, before: dt.datetime | None, project: Project, asked: str | None = None,
    *, early: bool = False,
) -> Walls:
    """Return the most that looks may read of what begins and ends there: without an end, where nobody can tell."""
    return read_walls(looks, first, before, project, asked, early=early) or (None, None)


def _read(
    look: Look, first: dt.datetime | None, before: dt.datetime | None, project: Project, asked: str | None,
    *, earliest: dt.datetime | None,
) -> Walls | None:
    unit, day = look.unit or "day", dt.timedelta(days=1)
    match look.function:
        case "prior":
            begins_at = None if first is None else _moved(first, -look.count, unit, project, asked, clamped=False)
            # The end of a day goes to the end of a day, and of a month to the end of a month; a time of day to that time.
            ends_a_day = before is not None and before.day != 1 and before.time() == dt.time()
            ends_at = before
            if before is not None and ends_a_day and plain_length(1, unit, project)[1] in MONTHS:
                last = moved_wall(before - day, -look.count, unit, project)
                ends_at = None if last is None else last + day
            elif before is not None:
                ends_at = _moved(before, -look.count, unit, project, asked, ends=True)
            if first is not None and begins_at is not None and asked is not None:
                begins_at = min(begins_at, _in_its_place(first, -look.count, unit, asked, project) or begins_at)
            is_lost = (first is not None and begins_at is None) or (before is not None and ends_at is None)
            return None if is_lost else (begins_at, ends_at)
        case "period_start" if first is not None and before is not None:
            begins_at = _begins(first, unit, project)
            if begins_at is None:
                return None
            return begins_at, begins_at + (before - first) if asked is None else _moved(begins_at, 1, asked, project, asked, ends=True)
        case "trailing" | "to_date":
            ends_at = earliest or before
            if ends_at is None:
                return None
            if look.function == "to_date":
                begins_at = _begins(ends_at if earliest else shown_after(ends_at, -1, project.timezone) or ends_at - TICK, unit, project)
                return None if begins_at is None else (begins_at, before)
            begins_at = _moved(ends_at, -look.count, unit, project, asked)
            # Before the year 1 there is nothing that would be left out; before the first day of a file nobody knows how long it was.
            return None if begins_at is None and has_outside(unit, project) else (begins_at, before)
        case "all_time":
            return None, before
        case "first" if first is not None and before is not None:
            begins_at = _begins(first, unit, project)
            ends_at = None if begins_at is None else _moved(begins_at, 1, unit, project, asked, ends=True)
            return first, before if ends_at is None else min(before, ends_at)
        case _:
            return first, before


def _moved(
    wall: dt.datetime, count: int, unit: str, project: Project, asked: str | None, *, clamped: bool = True, ends: bool = False,
) -> dt.datetime | None:
    """Return a wall clock so many periods on: days and longer by the clock on the wall, shorter ones as they pass."""
    by_wall = moved_wall(wall, count, unit, project, clamped=clamped)
    if not is_below_a_day(unit) or is_clocked(unit):
        return None if by_wall is None else wall_at(Edge(by_wall), project, is_end=ends)
    by, of = plain_length(count, unit, project)
    passed = shown_after(wall, by * MICROSECONDS[of], project.timezone) or by_wall
    if passed is not None and by_wall is not None and asked is not None and is_clocked(asked):
        return (max if ends else min)(passed, by_wall)  # several hours go by the wall clock, and what a range cuts of them does not
    return passed


def _in_its_place(first: dt.datetime, count: int, unit: str, asked: str, project: Project) -> dt.datetime | None:
    """Return where the period begins that has the place of the asked one beginning there, of a file whose years are cut otherwise each."""
    own, other = project.almanac.parse(asked), project.almanac.parse(unit)
    if own is None or other is None or own.calendar is None or own.calendar != other.calendar or not has_outside(asked, project):
        return None
    calendar = project.calendar(own.calendar)
    if calendar.start(own.base, first.date()) != first.date():
        return None
    day = counterpart(calendar, other.base, own.base, first.date(), count * other.count, clamped=False)
    return None if day is None else dt.datetime.combine(day, dt.time())


def _begins(wall: dt.datetime, unit: str, project: Project) -> dt.datetime | None:
    """Return the start of the period that holds ``wall``, None outside of a file."""
    found = project.almanac.parse(unit)
    if found is not None and found.calendar is not None and project.calendar(found.calendar).start(found.base, wall.date()) is None:
        return None
    begins_at = begins(wall, unit, project)
    if not is_below_a_day(unit) or is_clocked(unit):
        return begins_at
    return shown_after(wall, (begins_at - wall) // TICK, project.timezone) or begins_at  # an hour that comes twice is two
