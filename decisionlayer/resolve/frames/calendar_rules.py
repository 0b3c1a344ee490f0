"""Calendars by rule: years that start in a month, and years of whole weeks."""

from __future__ import annotations

import re
from calendar import monthrange

from decisionlayer.names import did_you_mean
from decisionlayer.resolve.about import About
from decisionlayer.resolve.frames.calendars import ISO, MONTHS, WEEKDAYS, YearsOfMonths, YearsOfWeeks

#: The grains of each kind, finest first.
OF_MONTHS = ("month", "quarter", "half", "year")
OF_WEEKS = ("week", "period", "quarter", "half", "year")
OF_ISO_WEEKS = ("week", "year")

#: How many weeks a quarter has, in years of 52.
_A_QUARTER = 13

_NEAREST = re.compile(r"(?P<weekday>[a-z]+) nearest (?P<month>[a-z]+) (?P<day>\d{1,2})\Z")
_LAST = re.compile(r"last (?P<weekday>[a-z]+) of (?P<month>[a-z]+)\Z")
_EXAMPLES = "write `saturday nearest january 31` or `last saturday of january`"


def read_months(about: About, month: str, named: str) -> tuple[tuple[str, ...], YearsOfMonths] | None:
    """Return the rule of years that start with ``month``; ``wrong-type`` for what is no month."""
    if month not in MONTHS:
        told = f"`year_starts` takes a month, not {month!r}"
        about.say("wrong-type", told, "calendar", "year_starts", help=did_you_mean(month, MONTHS))
        return None
    return OF_MONTHS, YearsOfMonths(MONTHS.index(month) + 1, named)


def read_weeks(about: About, weeks: str, ends: str, named: str) -> tuple[tuple[str, ...], YearsOfWeeks] | None:
    """Return the rule of years of weeks; ``wrong-argument`` for weeks or an end of the year that make no calendar."""
    if weeks == "iso":
        return OF_ISO_WEEKS, ISO
    pattern = tuple(int(each) for each in weeks.split("-")) if re.fullmatch(r"\d{1,2}-\d{1,2}-\d{1,2}", weeks) else ()
    if not pattern or 0 in pattern:
        told = f"`weeks` takes how many weeks the periods of a quarter have, not {weeks!r}"
        about.say("wrong-argument", told, "calendar", "weeks", help="write 4-5-4, 4-4-5, 5-4-4, or iso")
    elif sum(pattern) != _A_QUARTER:
        about.say(
            "wrong-argument",
            f"the weeks {weeks} add up to {sum(pattern)}, and a quarter has {_A_QUARTER}",
            "calendar",
            "weeks",
            why="four quarters make the 52 weeks of a year; a 53rd joins the last period",
            help="write 4-5-4, 4-4-5 or 5-4-4",
        )
    anchor = _anchor(about, ends)
    if anchor is None or sum(pattern) != _A_QUARTER or 0 in pattern:
        return None
    weekday, month, day, plus = anchor
    return OF_WEEKS, YearsOfWeeks(pattern, weekday, month, day, plus, named)


def _anchor(about: About, text: str) -> tuple[int, int, int, int] | None:
    """Return the last weekday of the year, and the month, day and number of days after which the next year's first week lies.

    The last Saturday of January is the one before the week of the first of February; the Saturday nearest January 31 the one
    before the week that lies four days later.
    """
    written = " ".join(text.split())
    found = _NEAREST.match(written) or _LAST.match(written)
    if found is None:
        told = f"`year_ends` takes the day on which a year ends, not {text!r}"
        about.say("wrong-argument", told, "calendar", "year_ends", help=_EXAMPLES)
        return None
    for word, known in (("weekday", WEEKDAYS), ("month", MONTHS)):
        if found[word] not in known:
            told = f"`year_ends` names `{found[word]}`, which is no {word}"
            about.say("wrong-argument", told, "calendar", "year_ends", help=did_you_mean(found[word], known))
            return None
    weekday, month = WEEKDAYS.index(found["weekday"]), MONTHS.index(found["month"]) + 1
    if "day" not in found.groupdict():
        return (weekday, 12, 31, 1) if month == 12 else (weekday, month + 1, 1, 0)
    day = int(found["day"])
    if not 1 <= day <= monthrange(2001, month)[1]:
        told = f"`year_ends` names the {day}th of {found['month']}, which not every year has"
        about.say("wrong-argument", told, "calendar", "year_ends", help=_EXAMPLES)
        return None
    return weekday, month, day, 4
