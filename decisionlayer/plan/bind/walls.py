"""Walls: what looks make of an interval of constants, as what clocks on the wall show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from decisionlayer.plan.bind.intervals import moved_wall, plain_length
from decisionlayer.plan.bind.ranges import begins
from decisionlayer.resolve.drafting.looks import Look
from decisionlayer.resolve.frames.timeunits import MONTHS
from decisionlayer.resolve.model import Project


def ends_tonight(start: dt.datetime | None, end: dt.datetime, today: dt.date | None) -> dt.datetime:
    """Return where a range ends that is the period: with today, where it still runs."""
    tonight = None if today is None else dt.datetime.combine(today, dt.time()) + dt.timedelta(days=1)
    return tonight if tonight is not None and (start is None or start < tonight) and tonight < end else end


def read_walls(
    looks: Iterable[Look], first: dt.datetime | None, before: dt.datetime | None, project: Project, asked: str | None = None,
    *, early: bool = False,
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Return what looks make of an interval of constants; None is where the calendar ends.

    ``asked`` is the period that cells are of: the first piece of a longer period is one of it, whatever was gathered before. With
    ``early`` the interval may end anywhere: with the last row of the data, with today, with the range. What gathers is then given from
    the earliest of its ends.
    """
    day = dt.timedelta(days=1)
    for look in looks:
        unit = look.unit or "day"
        match look.function:
            case "prior":
                # The end of a day goes to the end of a day, and of a month to the end of a month; a time of day to that time.
                ends_a_day = before is not None and before.day != 1 and before.time() == dt.time()
                if before is not None and ends_a_day and plain_length(1, unit, project)[1] in MONTHS:
                    last = moved_wall(before - day, -look.count, unit, project)
                    before = None if last is None else last + day
                elif before is not None:
                    before = moved_wall(before, -look.count, unit, project)
                first = None if first is None else moved_wall(first, -look.count, unit, project)
            case "period_start" if first is not None and before is not None:
                length = before - first
                first = begins(first, unit, project)
                before = first + length if asked is None else moved_wall(first, 1, asked, project)
            case "trailing" if before is not None:
                first = moved_wall(first if early and first is not None else before, -look.count, unit, project)
            case "to_date" if before is not None:
                first = begins(first if early and first is not None else before - dt.timedelta(microseconds=1), unit, project)
            case "all_time":
                first = None
            case _:
                pass
    return first, before
