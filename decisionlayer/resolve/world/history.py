"""History: between which columns a row of an entity holds, and when a row arrived.

An entity with history has one row for each of its versions. Its key is unique at each instant, which only the data can show:
``check --data`` looks, and so does each question before it joins.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from decisionlayer import declare
from decisionlayer.resolve.about import About
from decisionlayer.resolve.language.literals import interval
from decisionlayer.resolve.language.types import TIMESTAMP, UNKNOWN, DataType, Kind
from decisionlayer.resolve.model import Clock, Project, SourceColumn, Validity

_TIMES = (Kind.date, Kind.timestamp, Kind.instant)


def read_validity(
    about: About, item: declare.Source, project: Project, columns: Mapping[str, SourceColumn], clocks: tuple[Clock, ...]
) -> Validity | None:
    """Return when rows hold; None for a source without history, or after what is wrong with it.

    Codes: ``missing-key wrong-argument duplicate-name wrong-type``. A column without a declared type is a wall clock or a date.
    """
    if item.valid is None:
        if item.history is not None:
            about.say(
                "missing-key",
                f"{about.title} has `history: {item.history}` and does not say when a row holds",
                "history",
                help="add `valid: {from: …, to: …}`, or leave `history` out",
            )
        return None
    starts, ends = item.valid.from_, item.valid.to
    if item.describes is None and not item.links:
        about.say(
            "wrong-argument",
            f"{about.title} has versions (`valid`) of nothing: it describes no entity and links to none",
            "valid",
            why="a version is found by a link to the thing that it is a version of",
            help="add `describes:` with the thing that each row is a version of, or leave `valid` out",
        )
        return None
    if starts == ends:
        about.say(
            "duplicate-name",
            f"rows of {about.title} hold from `{starts}` to `{ends}`, which is one column",
            "valid",
            help="name the column where a version begins, and the one where the next one begins",
        )
        return None
    kinds = [_type(name, columns, clocks) for name in (starts, ends)]
    for key, name, kind in zip(("from", "to"), (starts, ends), kinds, strict=True):
        if kind.kind not in _TIMES:
            about.say(
                "wrong-type",
                f"rows of {about.title} hold {key} `{name}`, which is {kind} and tells no time",
                "valid",
                key,
                help="name a date, a timestamp or an instant",
            )
            return None
    if kinds[0].kind is not kinds[1].kind:
        about.say(
            "wrong-type",
            f"rows of {about.title} hold from `{starts}`, which is {kinds[0]}, to `{ends}`, which is {kinds[1]}",
            "valid",
            why="the day of one lies at another instant than the other",
            help="bring both to one type, in the table or in `sql:`",
        )
        return None
    zone = _zone(starts, clocks) or project.timezone if kinds[0].kind is Kind.timestamp else None
    return Validity(starts, ends, kinds[0], zone, item.history or "as_was")


def read_arrival(
    about: About, item: declare.Source, project: Project, columns: Mapping[str, SourceColumn], clocks: tuple[Clock, ...]
) -> Clock | None:
    """Return the column that says when a row arrived, as a clock; None without one, or after ``wrong-type``."""
    if item.fresh is None:
        return None
    kind = _type(item.fresh.at, columns, clocks)
    if kind.kind not in _TIMES:
        about.say(
            "wrong-type",
            f"rows of {about.title} arrived at `{item.fresh.at}`, which is {kind} and tells no time",
            "fresh",
            "at",
            help="name a date, a timestamp or an instant",
        )
        return None
    zone = _zone(item.fresh.at, clocks) or project.timezone if kind.kind is Kind.timestamp else None
    return Clock(item.fresh.at, "day" if kind.kind is Kind.date else "second", kind, zone)


def read_within(about: About, item: declare.Source) -> dt.timedelta | None:
    """Return how old the newest row may be; None where nothing is said, or after ``wrong-argument`` for what is no length of time."""
    if item.fresh is None:
        return None
    found = interval(item.fresh.within)
    unit = "" if found is None else found[1].removesuffix("s")
    if found is None or unit not in _LENGTHS:
        about.say(
            "wrong-argument",
            f"`{item.fresh.within}` is no length of time that a row may be old",
            "fresh",
            "within",
            help="write a number and minutes, hours, days or weeks, such as `2 days`",
        )
        return None
    return found[0] * _LENGTHS[unit]


_LENGTHS = {"minute": dt.timedelta(minutes=1), "hour": dt.timedelta(hours=1), "day": dt.timedelta(days=1), "week": dt.timedelta(weeks=1)}


def _type(name: str, columns: Mapping[str, SourceColumn], clocks: tuple[Clock, ...]) -> DataType:
    declared = columns[name].type if name in columns else UNKNOWN
    if declared is not UNKNOWN:
        return declared
    return next((clock.type for clock in clocks if clock.column == name), TIMESTAMP)


def _zone(name: str, clocks: tuple[Clock, ...]) -> str | None:
    return next((clock.zone for clock in clocks if clock.column == name), None)
