"""A text that stands beside a date or time, as the date or time that it writes.

``flight_date >= '2013-01-01'`` means a date, whatever a warehouse would make of the text. Beside a timestamp a day is
its midnight. Beside an instant a wall clock needs a zone, and must show a time that came once in it.
"""

from __future__ import annotations

import datetime as dt

from decisionlayer.frozen import replace
from decisionlayer.resolve.language import literals
from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.language.problems import Problem, said
from decisionlayer.resolve.language.tree import Literal
from decisionlayer.resolve.language.types import Kind

#: Kinds of dates and times; where several meet, the last one is what all become.
TIMES = (Kind.date, Kind.timestamp, Kind.instant)

_WRITE = {
    Kind.date: "Write '2013-01-31'.",
    Kind.timestamp: "Write '2013-01-31 10:00:00'.",
    Kind.instant: "Write the zone too: '2013-01-31 10:00:00Z' or '2013-01-31 10:00:00-05:00'.",
}
_WORDS = {Kind.date: "a date", Kind.timestamp: "a timestamp", Kind.instant: "an instant"}


def moment(literal: Literal, kind: Kind, beside: str, zone: dt.tzinfo | None) -> Literal | Problem:
    """Return ``literal`` as a literal of ``kind``, one of ``TIMES``, or why it is none.

    ``beside`` is what it stands beside, as a message says it; ``zone`` is where a wall clock without a zone counts.
    A literal that writes no text and no date or time comes back as it was.
    """
    value = literal.value
    day, clock = None, None
    if isinstance(value, str):
        day, clock = literals.day(value), literals.clock(value)
        if day is None and clock is None:
            return _wrong(literal, f"{beside} is {_WORDS[kind]}, and {_shown(literal)} is none", kind)
    elif isinstance(value, dt.datetime):
        clock = value
    elif isinstance(value, dt.date):
        day = value
    else:
        return literal
    if kind is Kind.date:
        if day is None:
            return _wrong(literal, f"{beside} is a date without time of day, and {_shown(literal)} has one", kind)
        return replace(literal, value=day)
    at = clock if clock is not None else dt.datetime.combine(day or dt.date.min, dt.time())
    if kind is Kind.instant:
        return _instant(literal, at, beside, zone)
    if at.tzinfo is not None:
        return _wrong(literal, f"{beside} is a wall clock without a zone, and {_shown(literal)} names one", kind)
    return replace(literal, value=at)


def _instant(literal: Literal, at: dt.datetime, beside: str, zone: dt.tzinfo | None) -> Literal | Problem:
    """Return a point in time; a wall clock is read in ``zone`` when there is one."""
    if at.tzinfo is not None:
        return replace(literal, value=at)
    if zone is None:
        message = f"{beside} is an instant, and {_shown(literal)} does not say in which zone it counts"
        return _wrong(literal, message, Kind.instant)
    first, second = at.replace(tzinfo=zone), at.replace(tzinfo=zone, fold=1)
    if first.utcoffset() != second.utcoffset():
        message = f"{_shown(literal)} is no one point in time in {zone}, where clocks are changed then"
        return _wrong(literal, message, Kind.instant)
    try:
        return replace(literal, value=first.astimezone(dt.UTC))
    except OverflowError:  # the first or last day of the calendar
        return _wrong(literal, f"{_shown(literal)} lies outside the calendar", Kind.instant)


def _shown(literal: Literal) -> str:
    return said(text_of(literal))


def _wrong(literal: Literal, message: str, kind: Kind) -> Problem:
    return Problem("wrong-argument", message, literal.span, _WRITE[kind])
