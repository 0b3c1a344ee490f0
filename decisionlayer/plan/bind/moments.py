"""Moments: wall clocks and instants in zones, also where clocks are changed.

A wall clock that comes twice (when clocks go back) means the later time in data, as warehouses read it. One that never
comes (when they go forward) is the moment of the change. Everything is kept inside the years 1 to 9999.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

SECOND = dt.timedelta(seconds=1)
MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
#: In which years clocks are looked at, and every how many days: the shortest time between two changes is longer.
FIRST_YEAR, LAST_YEAR, STEP = 1970, 2038, 28
TICK = dt.timedelta(microseconds=1)


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """Return a zone by its name."""
    return ZoneInfo(name)


def earliest(wall: dt.datetime, name: str) -> dt.datetime | None:
    """Return the first instant at which clocks in a zone showed ``wall``, as UTC; None when it is out of the calendar."""
    return _instant(wall, name, fold=0)


def latest(wall: dt.datetime, name: str) -> dt.datetime | None:
    """Return the last instant at which clocks in a zone showed ``wall``, as UTC; None when it is out of the calendar."""
    return _instant(wall, name, fold=1)


def ending(wall: dt.datetime, name: str) -> dt.datetime | None:
    """Return when the last moment is over that clocks showed before ``wall``, as UTC; None when it is out of the calendar.

    What ends within an hour that comes twice ends in its second run, and what ends where that hour begins ends before its first.

    >>> [f"{ending(dt.datetime(2024, 11, 3, 1, minute), 'America/New_York'):%H:%M}" for minute in (0, 1)]
    ['05:00', '06:01']
    """
    last = latest(wall, name)
    before = None if wall == dt.datetime.min else latest(wall - TICK, name)
    return last if last is None or before is None else min(last, before + TICK)


def told(wall: dt.datetime, name: str) -> dt.datetime | None:
    """Return when clocks in a zone showed ``wall``, as UTC; of a time that came twice its ``fold`` tells which is meant."""
    return _instant(wall, name, fold=wall.fold)


def shown(instant: dt.datetime, name: str) -> dt.datetime | None:
    """Return what clocks in a zone show at an instant, with the ``fold`` that tells it from the other; None out of the calendar."""
    try:
        return instant.astimezone(zone(name)).replace(tzinfo=None)
    except (OverflowError, ValueError):
        return None


def shown_after(wall: dt.datetime, micros: int, name: str) -> dt.datetime | None:
    """Return what clocks show when so many microseconds more have passed, with the ``fold`` of both; None out of the calendar."""
    begins = told(wall, name)
    try:
        return None if begins is None else shown(begins + dt.timedelta(microseconds=micros), name)
    except OverflowError:
        return None


def wall_of(instant: dt.datetime, name: str) -> dt.datetime | None:
    """Return the least wall clock, of those that data may hold, that is at or after ``instant``; None out of the calendar.

    Data that was written by a wall clock does not tell the two runs of a repeated hour apart, and is read as the later:
    an instant in the first run is therefore before the whole hour.
    """
    try:
        found = instant.astimezone(zone(name))
    except (OverflowError, ValueError):
        return None
    wall = found.replace(tzinfo=None, fold=0)
    if found.fold == 0 and _offset(wall, name, 1) < _offset(wall, name, 0):
        change = _change(instant, instant + dt.timedelta(days=1), name)
        return change.astimezone(zone(name)).replace(tzinfo=None, fold=0)
    return wall


@lru_cache(maxsize=1024)
def changes(year: int, name: str) -> tuple[dt.datetime, ...]:
    """Return the instants of a year, as UTC, at which clocks in a zone are changed. No zone changes them twice in a day."""
    begins, found = dt.datetime(year, 1, 1, tzinfo=dt.UTC), []
    for _ in range(366):
        ends = begins + dt.timedelta(days=1)
        if offset_at(begins, name) != offset_at(ends, name):
            found.append(_change(begins, ends, name))
        begins = ends
    return tuple(each for each in found if each.year == year)


@lru_cache(maxsize=256)
def keeps_midnights(name: str) -> bool:
    """Say whether every day begins at a midnight that clocks in a zone show once. In Havana and on the Azores some do not.

    >>> keeps_midnights("America/New_York"), keeps_midnights("America/Havana"), keeps_midnights("Atlantic/Azores")
    (True, False, False)
    """
    return keeps_edges(name, 24)


@lru_cache(maxsize=256)
def keeps_edges(name: str, hours: int) -> bool:
    """Say whether clocks in a zone show once each time at which so many hours from midnight begin.

    >>> keeps_edges("Europe/Berlin", 2), keeps_edges("Europe/Berlin", 6), keeps_edges("America/Havana", 6)
    (False, True, False)
    """
    place = zone(name)
    for change in _all_changes(name):
        for shown in {(change + beside).astimezone(place).replace(tzinfo=None, fold=0) for beside in (-HOUR, dt.timedelta(), HOUR)}:
            edge = shown.replace(hour=shown.hour - shown.hour % hours, minute=0, second=0, microsecond=0)
            if _offset(edge, name, 0) != _offset(edge, name, 1):
                return False
    return True


@lru_cache(maxsize=256)
def kept_by_changes(name: str) -> str:
    """Return the longest of hour, minute and second that begins alike before and after every change of clocks in a zone.

    On Lord Howe clocks are changed by half an hour, so that 12 hours after an hour began another is half over.

    >>> kept_by_changes("America/New_York"), kept_by_changes("Australia/Lord_Howe"), kept_by_changes("Africa/Monrovia")
    ('hour', 'minute', 'second')
    """
    by = [offset_at(change, name) - offset_at(change - SECOND, name) for change in _all_changes(name)]
    if all(not each % HOUR for each in by):
        return "hour"
    return "minute" if all(not each % MINUTE for each in by) else "second"


def offset_at(instant: dt.datetime, name: str) -> dt.timedelta:
    """Return how far clocks in a zone are ahead of UTC at an instant."""
    return instant.astimezone(zone(name)).utcoffset() or dt.timedelta()


def _instant(wall: dt.datetime, name: str, fold: int) -> dt.datetime | None:
    try:
        first, second = (wall.replace(tzinfo=zone(name), fold=each).astimezone(dt.UTC) for each in (0, 1))
    except (OverflowError, ValueError):
        return None
    if second < first:  # clocks never showed it: forward over it
        return _change(second, first, name)
    return second if fold else first


def _offset(wall: dt.datetime, name: str, fold: int) -> dt.timedelta:
    return wall.replace(tzinfo=zone(name), fold=fold).utcoffset() or dt.timedelta()


@lru_cache(maxsize=256)
def _all_changes(name: str) -> tuple[dt.datetime, ...]:
    """Return every change of clocks in a zone, as UTC, of the years that are looked at."""
    first = dt.datetime(FIRST_YEAR, 1, 1, tzinfo=dt.UTC)
    days = [first + dt.timedelta(days=each) for each in range(0, 366 * (LAST_YEAR - FIRST_YEAR), STEP)]
    offsets = [offset_at(each, name) for each in days]
    changed = (pair for pair, was, then in zip(pairwise(days), offsets, offsets[1:], strict=False) if was != then)
    return tuple(_change(before, after, name) for before, after in changed)


def _change(before: dt.datetime, after: dt.datetime, name: str) -> dt.datetime:
    """Return the instant between two at which the zone's offset changes, to the second."""
    before, after = before.astimezone(dt.UTC), after.astimezone(dt.UTC)
    offset = before.astimezone(zone(name)).utcoffset()
    low, high = 0, int((after - before) / SECOND)
    while high - low > 1:
        middle = (low + high) // 2
        if (before + middle * SECOND).astimezone(zone(name)).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return before + high * SECOND
