"""Which period a row lies in, and whether it lies between the start and the end of a question.

A clock is a date, a wall clock (``timestamp``: what a clock in its zone showed) or a point in time (``instant``). Periods are cut in
the project's zone. A day or longer is a ``date``, its first day; shorter is the point in time at which it began, in UTC.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from decisionlayer.names import PERIODS
from decisionlayer.resolve.frames.calendars import Calendar
from decisionlayer.resolve.language.types import Kind
from decisionlayer.resolve.model import Clock, Project
from tests.reference.almanac import ATTRIBUTES, pages
from tests.reference.language import apply

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
UTC = dt.UTC


class _Short(dict[str, int]):
    """How long the periods below a day are; several of one (``250 milliseconds``) too. Several hours are so long unless clocks change in them."""

    def __missing__(self, grain: str) -> int:
        count, _, unit = grain.partition(" ")
        one = unit.removesuffix("s")
        if not count.isdigit() or not dict.__contains__(self, one):
            raise KeyError(grain)
        return int(count) * dict.__getitem__(self, one)

    def __contains__(self, grain: object) -> bool:
        try:
            return bool(self[str(grain)])
        except KeyError:
            return False


SHORT = _Short(microsecond=1, millisecond=1000, second=10**6, minute=60 * 10**6, hour=3600 * 10**6)


class _Long(_Short):
    """How many months the periods are that are made of them; several of one (``2 quarters``) too."""


MONTHS = _Long(month=1, quarter=3, year=12)


class _Months(dict[str, int]):
    """How many months the periods of whole months have; several of one (``2 months``) too, counted from January or from the year 0."""

    def __missing__(self, grain: str) -> int:
        count, _, unit = grain.partition(" ")
        one = unit.removesuffix("s")
        if not count.isdigit() or not dict.__contains__(self, one):
            raise KeyError(grain)
        return int(count) * dict.__getitem__(self, one)

    def __contains__(self, grain: object) -> bool:
        try:
            return bool(self[str(grain)])
        except KeyError:
            return False


MONTHS = _Months(month=1, quarter=3, year=12)
#: The periods up to a day.
SMALL = ("millisecond", "second", "minute", "hour", "day")
#: The calendars of a project, by name.
Calendars = Mapping[str, Calendar]
NO_CALENDARS: Calendars = {}


def is_period(path: str, calendars: Calendars = NO_CALENDARS) -> bool:
    """Say whether a split is a period, one or several, or one of a calendar."""
    frame, _, grain = path.partition(".")
    return path in PERIODS or path in SHORT or path in MONTHS or (frame in calendars and grain in calendars[frame].grains)


#: Parts of a time: the function that reads it from a wall, and the periods that tell it apart.
PARTS = {
    "minute_of_hour": ("minute", SMALL[:3]), "hour_of_day": ("hour", SMALL[:4]), "day_of_week": ("day_of_week", SMALL[:5]),
    "day_of_month": ("day", SMALL[:5]), "day_of_year": ("day_of_year", SMALL[:5]), "week_of_year": ("week", (*SMALL[:5], "week")),
    "month_of_year": ("month", (*SMALL[:5], "month")), "quarter_of_year": ("quarter", (*SMALL[:5], "month", "quarter")),
}  # fmt: skip


def is_attribute(path: str, calendars: Calendars) -> bool:
    """Say whether a split is what a period of a calendar is called, or its place in its year, or a part of a time."""
    if path in PARTS:
        return True
    period, _, attribute = path.rpartition(".")
    return attribute in ATTRIBUTES and "." in period and is_period(period, calendars)


def timed(path: str, calendars: Calendars) -> tuple[str, str] | None:
    """Return the clock that a split names (none: each metric's own) and its period or attribute; None for what is no time."""
    stem, _, rest = path.partition(".")
    for clock, told in (("", path), (stem, rest)):
        if is_period(told, calendars) or is_attribute(told, calendars):
            return clock, told
    return None


def point_in_time(wall: dt.datetime, zone: str, *, later: bool) -> dt.datetime:
    """Return when a clock in ``zone`` showed ``wall``.

    A time that the clock showed twice, when it was put back, is the ``later`` or the earlier of the two. One that it skipped is read
    as if it had not been put forward yet: 02:30 in the night of the gap is 03:30.
    """
    place = ZoneInfo(zone)
    first = wall.replace(tzinfo=place, fold=0).astimezone(UTC)
    second = wall.replace(tzinfo=place, fold=1).astimezone(UTC)
    return max(first, second) if later or first > second else first


def instant(value: dt.datetime, clock: Clock, project: Project) -> dt.datetime:
    """Return the point in time of a clock that is no date."""
    if value.tzinfo is not None:
        return value.astimezone(UTC)
    return point_in_time(value, clock.zone or project.timezone, later=True)


def local(value: dt.datetime, clock: Clock, project: Project) -> dt.datetime:
    """Return what a clock in the project's zone showed at that time."""
    if value.tzinfo is None and (clock.zone or project.timezone) == project.timezone:
        return value
    return instant(value, clock, project).astimezone(ZoneInfo(project.timezone)).replace(tzinfo=None)


def by_wall(grain: str) -> bool:
    """Say whether a period below a day is cut from midnight and moved by what clocks show: several hours, as days are."""
    return " hour" in grain


def past_in(shown: dt.datetime, grain: str) -> dt.timedelta:
    """Return how much of a day, or of a period below it, has passed on the wall."""
    past = shown - dt.datetime.combine(shown.date(), dt.time())
    return past if grain == "day" else past % dt.timedelta(microseconds=SHORT[grain])


def period(value: dt.date | None, clock: Clock, grain: str, project: Project) -> dt.date | None:
    """Return the period of ``grain`` in which ``value`` lies; no time, no period."""
    if value is None:
        return None
    if not isinstance(value, dt.datetime):
        return first_day(value, grain, project)
    shown = local(value, clock, project)
    if grain in SHORT:
        past = past_in(shown, grain)
        return point_in_time(shown - past, project.timezone, later=False) if by_wall(grain) else instant(value, clock, project) - past
    return first_day(shown.date(), grain, project)


def attribute(value: dt.date | None, clock: Clock, asked: str, project: Project) -> str | int | None:
    """Return what the period of a calendar is called in which ``value`` lies (``retail.week.label``), or its ``position``; or a part of it."""
    if asked in PARTS:
        shown = local(value, clock, project) if isinstance(value, dt.datetime) else value
        return None if shown is None else apply(PARTS[asked][0], [shown])  # type: ignore[return-value]
    grain, _, name = asked.rpartition(".")
    frame, _, own = grain.partition(".")
    begins = period(value, clock, grain, project)
    if begins is None:
        return None
    found = pages(project.calendars[frame]).period(own, begins)
    assert found is not None
    return found.label if name == "label" else found.position


def first_day(day: dt.date, grain: str, project: Project) -> dt.date | None:
    """Return the first day of the period in which ``day`` lies, None outside of a calendar."""
    week_start = project.week_start
    frame, _, own = grain.partition(".")
    if own:
        found = pages(project.calendars[frame]).period(own, day)
        return None if found is None else found.begins
    match grain:
        case "day":
            return day
        case "week":
            return day - dt.timedelta(days=(day.weekday() - WEEKDAYS.index(week_start)) % 7)
    if grain in MONTHS:  # several are cut from January, or from the year 0
        months = day.year * 12 + day.month - 1
        year, month = divmod(months - months % MONTHS[grain], 12)
        return dt.date(year, month + 1, 1)
    raise ValueError(f"{grain} is not made of days")


# -- versions ---------------------------------------------------------------------------------------------------------


def told_as(value: dt.date | None, clock: Clock, kind: Kind, zone: str | None, project: Project) -> dt.date | None:
    """Return a time of a clock as another column tells times: an instant, or what a wall shows in ``zone`` or the project's."""
    if value is None:
        return None
    if not isinstance(value, dt.datetime):
        midnight = dt.datetime.combine(value, dt.time())
        return point_in_time(midnight, project.timezone, later=True) if kind is Kind.instant else value
    if kind is Kind.instant:
        return instant(value, clock, project)
    place = zone or project.timezone
    if value.tzinfo is None and (clock.zone or project.timezone) == place:
        return value
    return instant(value, clock, project).astimezone(ZoneInfo(place)).replace(tzinfo=None)


def end_of(day: dt.date, kind: Kind, zone: str | None, project: Project) -> dt.date:
    """Return the last moment of a day of the project, as a column tells it."""
    if kind is Kind.date:
        return day
    next_day = point_in_time(dt.datetime.combine(day + dt.timedelta(days=1), dt.time()), project.timezone, later=False)
    last = next_day - dt.timedelta(microseconds=1)
    return last if kind is Kind.instant else last.astimezone(ZoneInfo(zone or project.timezone)).replace(tzinfo=None)


# -- start and end ---------------------------------------------------------------------------------------------------

_WRITTEN = re.compile(
    r"(?P<year>\d{4})(-W(?P<week>\d\d)|-(?P<month>\d\d)(-(?P<day>\d\d)([T ](?P<hour>\d\d)(:(?P<minute>\d\d)(:(?P<second>\d\d)(\.(?P<fraction>\d{1,6}))?)?)?"
    r"(?P<zone>Z|[+-]\d\d:\d\d)?)?)?)?\Z"
)


def stretch(text: str) -> tuple[dt.datetime, dt.datetime | None]:
    """Return where the period that ``text`` spells begins, and where the next one does (None after the last year).

    >>> stretch("2013-12")
    (datetime.datetime(2013, 12, 1, 0, 0), datetime.datetime(2014, 1, 1, 0, 0))
    """
    found = _WRITTEN.match(text)
    if found is None:
        raise ValueError(f"{text!r} is no time")
    year, month, day = (int(found[part] or 1) for part in ("year", "month", "day"))
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    begins = dt.datetime(year, month, day, hour, minute, second, int((found["fraction"] or "").ljust(6, "0")))
    if found["week"]:
        begins = dt.datetime.combine(dt.date.fromisocalendar(year, int(found["week"]), 1), dt.time())
    try:
        ends = _next(begins, found)
    except (OverflowError, ValueError):
        return begins, None
    if found["zone"]:
        offset = dt.datetime.fromisoformat(f"2000-01-01T00:00:00{found['zone'].replace('Z', '+00:00')}").tzinfo
        return begins.replace(tzinfo=offset), ends.replace(tzinfo=offset)
    return begins, ends


def _next(begins: dt.datetime, found: re.Match[str]) -> dt.datetime:
    if found["fraction"]:  # as fine as it is written: .25 is a hundredth of a second
        return begins + dt.timedelta(microseconds=10 ** (6 - len(found["fraction"])))
    for part, length in (
        ("second", {"seconds": 1}),
        ("minute", {"minutes": 1}),
        ("hour", {"hours": 1}),
        ("day", {"days": 1}),
    ):
        if found[part]:
            return begins + dt.timedelta(**length)
    if found["week"]:
        return begins + dt.timedelta(days=7)
    if found["month"] and begins.month < 12:
        return begins.replace(month=begins.month + 1)
    return begins.replace(year=begins.year + 1, month=1)


def lies_between(value: dt.date | None, clock: Clock, start: str | None, end: str | None, project: Project) -> bool:
    """Say whether a row belongs to the range: from the beginning of ``start`` to the end of ``end``, both as written."""
    if start is None and end is None:
        return True
    if value is None:
        return False
    lowest = stretch(start)[0] if start else None
    highest = stretch(end)[1] if end else None
    if clock.type.kind is Kind.date:
        at: dt.datetime = dt.datetime.combine(value, dt.time())
        return (lowest is None or lowest <= at) and (highest is None or at < highest)
    assert isinstance(value, dt.datetime)
    when = instant(value, clock, project)
    return (lowest is None or _bound(lowest, project) <= when) and (highest is None or when < ending(highest, project))


def ending(moment: dt.datetime, project: Project) -> dt.datetime:
    """Return when the last moment is over that the wall showed before a time, be it the second of two."""
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    tick = dt.timedelta(microseconds=1)
    last = point_in_time(moment - tick, project.timezone, later=True) + tick
    return min(last, point_in_time(moment, project.timezone, later=True))  # the earlier where the wall skipped what is before


def _bound(moment: dt.datetime, project: Project) -> dt.datetime:
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    return point_in_time(moment, project.timezone, later=False)
