"""Grain: which questions a metric answers. Periods are made of whole finer ones or not, and paths determine others or not."""

from __future__ import annotations

from collections.abc import Iterable

from decisionlayer.names import PERIODS
from decisionlayer.resolve.frames.timeunits import Almanac
from decisionlayer.resolve.model import Grain
from decisionlayer.resolve.reach.paths import Hop, Route

#: The units of a project without calendars.
PLAIN = Almanac()

#: Parts of a time that can be asked like a period, and the longest period that still tells them apart.
PARTS: dict[str, str] = {
    "minute_of_hour": "minute", "hour_of_day": "hour", "day_of_week": "day", "day_of_month": "day", "day_of_year": "day",
    "week_of_year": "week", "month_of_year": "month", "quarter_of_year": "quarter",
}  # fmt: skip


#: What a calendar's period has beside its first day: what it is called, and its place in its year.
ATTRIBUTES = ("label", "position")


def told_apart(asked: str, almanac: Almanac = PLAIN) -> str:
    """Return the finest period that ``asked`` tells apart: a period itself, a part or an attribute of one.

    Weeks are numbered from Monday to Sunday; one that begins on another day has two numbers.

    >>> told_apart("month"), told_apart("day_of_week"), told_apart("retail.week.position")
    ('month', 'day', 'retail.week')
    >>> told_apart("week_of_year"), told_apart("week_of_year", Almanac(week_start="sunday"))
    ('week', 'day')
    """
    if asked == "week_of_year" and almanac.week_start != "monday":
        return "day"
    period, _, attribute = asked.rpartition(".")
    return period if period and attribute in ATTRIBUTES else PARTS.get(asked, asked)


def is_whole_periods(fine: str, coarse: str, almanac: Almanac = PLAIN) -> bool:
    """Say whether every ``coarse`` period is made of whole ``fine`` ones. Weeks make no month, quarter or year.

    >>> is_whole_periods("hour", "day"), is_whole_periods("month", "quarter"), is_whole_periods("day", "week")
    (True, True, True)
    >>> is_whole_periods("week", "month"), is_whole_periods("week", "year"), is_whole_periods("month", "day")
    (False, False, False)
    """
    return almanac.is_whole(fine, coarse)


def allows_time(limit: Grain | str | None, asked: str, almanac: Almanac = PLAIN) -> bool:
    """Say whether a metric of this limit answers a question by ``asked``, a period or a part such as ``day_of_week``.

    >>> allows_time(Grain("day", None), "month"), allows_time(Grain("month", None), "day"), allows_time(None, "hour")
    (True, False, True)
    >>> allows_time("week", "month"), allows_time("month", "day_of_week"), allows_time("day", "month_of_year")
    (False, False, True)
    """
    time = limit.time if isinstance(limit, Grain) else limit
    return time is None or almanac.is_whole(time, told_apart(asked, almanac))


def coarsest(periods: Iterable[str | None], almanac: Almanac = PLAIN) -> str | None:
    """Return the finest period that is made of whole ones of each, None when none is named.

    Raises LookupError when there is no such period: weeks and months meet nowhere.

    >>> coarsest(["hour", None, "month"]), coarsest(["day", "week"]), coarsest([])
    ('month', 'week', None)
    """
    named = [period for period in periods if period is not None]
    if not named:
        return None
    for period in dict.fromkeys((*(each for each in named if each not in PERIODS), *almanac.grains())):
        if all(almanac.is_whole(fine, period) for fine in named):
            return period
    raise LookupError(" and ".join(sorted(set(named))))


def determines(by: Iterable[Route], asked: Route) -> bool:
    """Say whether groups of the paths ``by`` settle the value of ``asked``, so that asking it asks nothing finer.

    A path settles itself, and a key settles everything behind it: by ``origin``, also ``origin.region.name``, but not
    ``destination.region.name``; by ``origin.region`` not the ``origin``.
    """
    return any(_settles(one, asked) for one in by)


def _settles(one: Route, asked: Route) -> bool:
    if one == asked or (one.source, one.path) == (asked.source, asked.path):
        return True
    if one.source == asked.source and one.hops and one.hops[-1].levels:
        return _is_above(one, asked)
    if one.end != "key" or one.source != asked.source:
        return False
    if asked.hops[: len(one.hops)] != one.hops:
        return False
    behind = asked.hops[len(one.hops) :]
    if behind and behind[0].role == one.name:
        return True
    # Its own key settles the whole row of a source that describes an entity, and so every way that leads on from it.
    return one.is_own_key


def _is_above(one: Route, asked: Route) -> bool:
    """Say whether ``asked`` is the level of ``one`` or a wider one of the same reporting line, in whichever version."""
    depth = len(one.hops)
    if len(asked.hops) < depth or [_unversioned(hop) for hop in one.hops] != [_unversioned(hop) for hop in asked.hops[:depth]]:
        return False
    levels = one.hops[-1].levels
    level = asked.hops[depth].role if len(asked.hops) > depth else asked.name
    if one.name not in levels or level not in levels or levels.index(level) > levels.index(one.name):
        return False
    return level != one.name or one.end == "key" or asked.name == one.name


def _unversioned(hop: Hop) -> tuple[str, str]:
    return hop.source, hop.role.partition("@")[0]
