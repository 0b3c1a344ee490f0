"""Calendars from a file: one line a day, a column ``day``, and a column for each grain that says which period it lies in.

::

    day,term,school_year
    2013-09-01,autumn 2013,2013/14
    2013-09-02,autumn 2013,2013/14

Days follow each other without a gap, a period is one run of days, and each longer period is made of whole shorter ones.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

from decisionlayer.findings import Place
from decisionlayer.names import did_you_mean, is_name
from decisionlayer.resolve.about import About
from decisionlayer.resolve.frames.calendars import Listed
from decisionlayer.resolve.frames.csv_files import Table, cells_of, day_in, read_csv, say

#: The column of the days.
DAY = "day"
_AT = ("calendar", "file")

#: A line of the file: its number, its day, and the period of each grain.
Line: TypeAlias = tuple[int, dt.date, tuple[str, ...]]


def read_days(about: About, root: Path, file: str, grains: Mapping[str, str]) -> tuple[tuple[str, ...], Listed] | None:
    """Return the grains, finest first, and the periods of a file.

    ``unreadable`` for a file that is not there or holds no days, ``missing-column``, ``calendar-broken`` (DL404) for a gap, an
    overlap or a period that comes back, ``finer-than-grain`` (DL109) for one that is not made of whole shorter ones.
    """
    before = len(about.findings)
    for grain in grains:
        if not is_name(grain) or grain in ("label", "position"):
            told = f"`{grain}` cannot be a grain of {about.title}"
            about.say("bad-name", told, "calendar", "grains", grain, help="give the grain another name")
    table = read_csv(about, root, file, *_AT)
    lines = [] if table is None else _lines(about, table, grains)
    if len(about.findings) > before:
        return None
    lines.sort(key=lambda line: (line[1], line[0]))
    _check_days(about, file, lines)
    if len(about.findings) > before:
        return None
    starts = {grain: _runs(about, file, grain, place, lines) for place, grain in enumerate(grains)}
    for fine, coarse in pairwise(grains):
        _check_whole(about, file, fine, coarse, starts, lines)
    if len(about.findings) > before:
        return None
    return tuple(grains), Listed(
        {grain: tuple(lines[at][1] for at in runs) for grain, runs in starts.items()},
        {grain: tuple(lines[at][2][place] for at in starts[grain]) for place, grain in enumerate(grains)},
        lines[-1][1] + dt.timedelta(days=1),
    )



def _lines(about: About, table: Table, grains: Mapping[str, str]) -> list[Line]:
    """Return the lines of a file; nothing of use after a finding."""
    wanted = (DAY, *grains.values())
    for column in table.lacks(wanted):
        about.say("missing-column", f"`{table.file}` has no column `{column}`", *_AT, help=did_you_mean(column, table.header))
    lines: list[Line] = []
    for number, row in table.lines if not table.lacks(wanted) else ():
        cells = cells_of(about, table, number, row)
        if cells is None:
            return []
        day = day_in(cells[DAY])
        if day is None:
            _say(about, "unreadable", f"{cells[DAY]!r} is no day", table.file, number, help="write days as 2013-01-31")
            return []
        lines.append((number, day, tuple(cells[column] for column in grains.values())))
    if not lines and not table.lacks(wanted):
        about.say("unreadable", f"`{table.file}` holds no day", *_AT, help="write a line for each day, with a column `day`")
    return lines


def _check_days(about: About, file: str, lines: list[Line]) -> None:
    """DL404 for a day that lacks, comes twice, or lies in no period."""
    why = "rows of that day would be counted in no period, or in two"
    for (_, earlier, _), (number, later, _) in pairwise(lines):
        if earlier == later:
            told = f"{later} comes twice"
            _say(about, "calendar-broken", told, file, number, why=why, help="keep one line for each day")
        elif (later - earlier).days > 1:
            lacks = earlier + dt.timedelta(days=1)
            last = later - dt.timedelta(days=1)
            told = f"the day {lacks} is missing" if lacks == last else f"the days from {lacks} to {last} are missing"
            _say(about, "calendar-broken", told, file, number, why=why, help="write a line for each day; time off may be a period too")
    for number, day, periods in lines:
        if "" in periods:
            told = f"{day} lies in no period of some grain"
            _say(about, "calendar-broken", told, file, number, why=why, help="name the period; time off may be one too")
            return


def _runs(about: About, file: str, grain: str, place: int, lines: list[Line]) -> list[int]:
    """Return where each period of a grain begins, as places among the lines; DL404 for one that comes back."""
    begins: list[int] = []
    seen: dict[str, int] = {}
    for at, (number, day, periods) in enumerate(lines):
        name = periods[place]
        if at and lines[at - 1][2][place] == name:
            continue
        if name in seen:
            told = f"the {grain} {name!r} comes back on {day}, after it had ended"
            why = "its rows would be counted as one period with a hole in it"
            _say(about, "calendar-broken", told, file, number, why=why, help="give each period a name of its own, such as `autumn 2013`")
        seen[name] = at
        begins.append(at)
    return begins


def _check_whole(
    about: About, file: str, fine: str, coarse: str, starts: Mapping[str, list[int]], lines: list[Line]
) -> None:
    """DL109 for a longer period that begins inside a shorter one."""
    known = set(starts[fine])
    for at in starts[coarse]:
        if at not in known:
            told = f"a {coarse} begins on {lines[at][1]}, in the middle of a {fine}"
            why = f"numbers by {fine} would not make up those by {coarse}"
            help = "list the grains finest first, each made of whole ones of the one before"
            _say(about, "finer-than-grain", told, file, lines[at][0], why=why, help=help)
            return


def _say(about: About, code: str, told: str, file: str, line: int, *, why: str = "", help: str = "") -> None:
    say(about, code, f"{about.title}: {told}", Place(file, line), help, why)
