"""Ranges: ``start`` and ``end`` as people write them, as half-open bounds on the raw column of each clock.

Both are ISO 8601 at any precision and inclusive as written: ``end="2013-12"`` is all of December. They count in the
project's zone unless they name an offset. Only the bounds are converted, never the column, so that a warehouse can skip what
lies outside.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TypeAlias

from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass
from decisionlayer.plan.bind.moments import SECOND, earliest, ending, shown, told, wall_of, zone
from decisionlayer.resolve.frames.timeunits import MICROSECONDS, MONTHS, is_below_a_day
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name
from decisionlayer.resolve.language.types import Kind
from decisionlayer.resolve.model import Clock, Project

_DAY = re.compile(r"(?P<year>\d{4})(-(?P<month>\d{2})(-(?P<day>\d{2}))?)?\Z", re.ASCII)
_WEEK = re.compile(r"(?P<year>\d{4})-?W(?P<week>\d{2})(-(?P<weekday>[1-7]))?\Z", re.ASCII)
_TIME = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2}|\d{4}-W\d{2}-[1-7])[Tt ](?P<hour>\d{2})"
    r"(:(?P<minute>\d{2})(:(?P<second>\d{2})(\.(?P<fraction>\d{1,6}))?)?)?"
    r"(?P<offset>[Zz]|[+-]\d{2}(:?\d{2})?)?\Z",
    re.ASCII,
)
_EXAMPLE = "write it as 2013-12-31, 2013-12, 2013, 2013-W05, 2013-12-31T18:30 or 2013-12-31T18:30Z"

#: The weekdays by the project's words, as ``datetime.weekday`` counts them.
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


#: From when until when by the wall clock, not included; None is without end.
Span: TypeAlias = tuple[dt.datetime | None, dt.datetime | None]


@dataclass(frozen=True, slots=True)
class Edge:
    """One end of a range: the wall clock in the project's zone, and the instant when an offset was written."""

    wall: dt.datetime
    instant: dt.datetime | None = None


def edge_of(wall: dt.datetime, project: Project, *, is_end: bool = False) -> Edge:
    """Return the end of a range at a wall clock; of a time that came twice its ``fold`` tells which is meant."""
    instant = told(wall, project.timezone)
    is_plain = instant == (ending if is_end else earliest)(wall, project.timezone)
    return Edge(wall.replace(fold=0), None if is_plain else instant)


def wall_at(edge: Edge, project: Project, *, is_end: bool = False) -> dt.datetime:
    """Return the end of a range as a wall clock that tells by its ``fold`` which is meant of a time that came twice."""
    instant = edge.instant or (ending if is_end else earliest)(edge.wall, project.timezone)
    if instant is None or (edge.wall.time() == dt.time() and instant == earliest(edge.wall, project.timezone)):
        return edge.wall  # a day begins at its midnight, which clocks that go forward there never show
    return shown(instant, project.timezone) or edge.wall


@dataclass(frozen=True, slots=True)
class Range:
    """The range of a question, ``start`` included and ``end`` not; None is open. ``texts`` are the ends as written."""

    start: Edge | None
    end: Edge | None
    texts: tuple[str | None, str | None]

    @property
    def is_open(self) -> bool:
        """Whether nothing bounds it; an end beyond the calendar bounds nothing, and is asked all the same."""
        return self.texts == (None, None) and self.start is None and self.end is None


def walls_of(range: Range, project: Project) -> Span:
    """Return the ends of a range as wall clocks that tell by their ``fold`` which are meant of times that came twice."""
    start, end = range.start, range.end
    return (
        None if start is None else wall_at(start, project),
        None if end is None else wall_at(end, project, is_end=True),
    )


def within(span: Span, other: Span | None) -> Span:
    """Return what two spans share."""
    if other is None:
        return span
    lows = [low for low in (span[0], other[0]) if low is not None]
    highs = [high for high in (span[1], other[1]) if high is not None]
    return (max(lows) if lows else None), (min(highs) if highs else None)


def empty(wall: dt.datetime, texts: tuple[str | None, str | None]) -> Range:
    """Return a range that ends where it begins, whatever a clock shows twice there."""
    edge = Edge(wall, wall.replace(tzinfo=dt.UTC))
    return Range(edge, edge, texts)


def narrowed(range: Range, span: Span | None) -> Range:
    """Return a range cut to what a definition may count."""
    if span is None:
        return range
    low, high = span
    start, end = range.start, range.end
    if low is not None and (start is None or start.wall < low):
        start = Edge(low)
    if high is not None and (end is None or end.wall > high):
        end = Edge(high)
    return Range(start, end, range.texts)


def read_range(start: str | None, end: str | None, project: Project, findings: list[Finding]) -> Range:
    """Return the range of a question; ``bad-time`` for what cannot be read, and for a start after the end."""
    first = _read("start", start, project, findings)
    last = _read("end", end, project, findings)
    opening = first[0] if first else None
    closing = last[1] if last else None
    if opening and closing and not _before(opening, closing):
        findings.append(Finding(
            "bad-time", "question", f"`start` is {start} and `end` is {end}: the range ends before it begins",
            help="turn them round",
        ))  # fmt: skip
    return Range(_of_day(opening, project), _of_day(closing, project), (start, end))


def _of_day(edge: Edge | None, project: Project) -> Edge | None:
    """Return an edge at the first moment of a day as its midnight, which clocks that spring forward there never show."""
    if edge is None or edge.wall.time() == dt.time():
        return edge
    midnight = at_midnight(edge.wall.date())
    first = earliest(midnight, project.timezone)
    is_first = first is not None and first == (edge.instant or earliest(edge.wall, project.timezone))
    return Edge(midnight, edge.instant) if is_first else edge


def bounds(clock: Clock, alias: str, range: Range, project: Project) -> tuple[Expr, ...]:
    """Return the conditions that keep a clock's raw column inside the range."""
    column = Name((alias, clock.column))
    conditions: list[Expr] = []
    for edge, operator in ((range.start, ">="), (range.end, "<")):
        value = None if edge is None else on_clock(clock, edge, project, is_end=operator == "<")
        if value is not None:
            conditions.append(Call(operator, (column, Literal(value))))
    if not conditions and not range.is_open:  # a row without a time is in no range, however wide
        conditions.append(Call("not", (Call("is_null", (column,)),)))
    return tuple(conditions)


def broken_edge(range: Range, unit: str, project: Project) -> str | None:
    """Return which end (``start`` or ``end``) is not where a period of ``unit`` begins, None when the range is whole."""
    for name, edge in (("start", range.start), ("end", range.end)):
        if edge is not None and begins(edge.wall, unit, project) != edge.wall:
            return name
    return None


def cut_notes(range: Range, unit: str, text: str, project: Project) -> tuple[str, ...]:
    """Return a note for each end of the range that cuts a period: ``the month of 2013-01-01 is cut by start``."""
    notes = []
    for name, edge in (("start", range.start), ("end", range.end)):
        if edge is None:
            continue
        first = begins(edge.wall, unit, project)
        if first != edge.wall:
            shown = first.isoformat(sep=" ") if is_below_a_day(unit) else first.date().isoformat()
            written = range.texts[0 if name == "start" else 1]
            notes.append(f"the {unit} of {shown} (`{text}`) is incomplete: `{name}` {written} cuts it")
    return tuple(notes)


def begins(wall: dt.datetime, unit: str, project: Project) -> dt.datetime:
    """Return the start of the period that holds ``wall``; outside a calendar ``wall`` itself, where nothing is cut."""
    found = project.almanac.parse(unit)
    midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    if found is None:
        return midnight
    if found.calendar is not None:
        day = project.calendar(found.calendar).start(found.base, wall.date())
        return wall if day is None else at_midnight(day)
    if found.base == "week":
        back = dt.timedelta(days=(wall.weekday() - WEEKDAYS.index(project.week_start)) % 7)
        return midnight - back if midnight - dt.datetime.min >= back else midnight
    if found.base in MONTHS:
        months = wall.year * 12 + wall.month - 1
        months -= months % (found.count * MONTHS[found.base])
        return dt.datetime(max(months // 12, 1), months % 12 + 1, 1)
    length = dt.timedelta(microseconds=found.count * MICROSECONDS[found.base])
    return wall - (wall - midnight) % length


def _before(start: Edge, end: Edge) -> bool:
    if start.instant is not None and end.instant is not None:
        return start.instant < end.instant
    return start.wall < end.wall


def on_clock(clock: Clock, edge: Edge, project: Project, *, is_end: bool) -> dt.date | dt.datetime | None:
    """Return an edge as a value of the clock's column; None when that lies outside the calendar, where nothing is cut."""
    if clock.type.kind is Kind.date:
        return edge.wall.date()
    if clock.zone == project.timezone and edge.instant is None:
        return edge.wall
    instant = edge.instant
    if instant is None:
        instant = (ending if is_end else earliest)(edge.wall, project.timezone)
    if instant is None or clock.zone is None:
        return instant
    return wall_of(instant, clock.zone)


# reading


def _read(name: str, text: str | None, project: Project, findings: list[Finding]) -> tuple[Edge | None, Edge | None] | None:
    """Return where what is written begins, and where the next begins (None: beyond the calendar)."""
    if text is None:
        return None
    try:
        found = _span(text.strip(), project)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        findings.append(Finding("bad-time", "question", f"`{name}` is {text!r}, which is no time", help=_EXAMPLE))
    return found


def _span(text: str, project: Project) -> tuple[Edge | None, Edge | None] | None:
    day = _DAY.match(text)
    if day is not None:
        year, month, of_month = int(day["year"]), day["month"], day["day"]
        begins = dt.datetime(year, int(month or 1), int(of_month or 1))
        if of_month:
            return Edge(begins), _edge(begins, dt.timedelta(days=1))
        months = 1 if month else 12
        index = year * 12 + begins.month - 1 + months
        return Edge(begins), Edge(dt.datetime(index // 12, index % 12 + 1, 1)) if index // 12 <= 9999 else None
    week = _WEEK.match(text)
    if week is not None:
        weekday = int(week["weekday"] or 1)
        begins = at_midnight(dt.date.fromisocalendar(int(week["year"]), int(week["week"]), weekday))
        return Edge(begins), _edge(begins, dt.timedelta(days=1 if week["weekday"] else 7))
    time = _TIME.match(text)
    return None if time is None else _time(time, project)


def _time(time: re.Match[str], project: Project) -> tuple[Edge | None, Edge | None]:
    begins = at_midnight(dt.date.fromisoformat(time["date"])).replace(
        hour=int(time["hour"]), minute=int(time["minute"] or 0), second=int(time["second"] or 0),
        microsecond=int((time["fraction"] or "0").ljust(6, "0")),
    )  # fmt: skip
    if time["fraction"]:
        length = dt.timedelta(microseconds=10 ** (6 - len(time["fraction"])))
    elif time["second"]:
        length = SECOND
    else:
        length = dt.timedelta(minutes=1) if time["minute"] else dt.timedelta(hours=1)
    offset = time["offset"]
    if not offset:
        return Edge(begins), _edge(begins, length)
    instant = (begins - _offset(offset)).replace(tzinfo=dt.UTC)
    local = zone(project.timezone)
    ends = instant + length
    return (
        Edge(instant.astimezone(local).replace(tzinfo=None, fold=0), instant),
        Edge(ends.astimezone(local).replace(tzinfo=None, fold=0), ends),
    )


def _offset(text: str) -> dt.timedelta:
    if text in "Zz":
        return dt.timedelta()
    digits = text[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 23 or minutes > 59:
        raise ValueError(text)
    return (dt.timedelta(hours=hours, minutes=minutes)) * (-1 if text[0] == "-" else 1)


def _edge(begins: dt.datetime, length: dt.timedelta) -> Edge | None:
    try:
        return Edge(begins + length)
    except OverflowError:
        return None


def at_midnight(day: dt.date) -> dt.datetime:
    """Return the wall clock at which a day begins."""
    return dt.datetime.combine(day, dt.time())
