"""Reporting lines: which unit stood under which, from which day to which. Parent and child become levels here.

A *line* says it for one unit and one stretch of days, half open; None is open. ``flatten`` turns lines that name a parent into
lines that name every level, so that all that follows knows levels only. ``two_parents`` finds what stands in two places on one day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from decisionlayer.findings import Place
from decisionlayer.frozen import dataclass, replace

#: The values of a unit's key.
Key: TypeAlias = tuple[object, ...]
#: The days from the first to the one after the last; None is open.
Span: TypeAlias = tuple[dt.date | None, dt.date | None]

ALWAYS: Span = (None, None)
#: How many units may stand one above the other.
DEEPEST = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One unit under its levels, widest first, during a span; None is a level that it does not stand under."""

    unit: Key
    levels: tuple[str | None, ...]
    span: Span = ALWAYS
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Twice:
    """Something that stands under two parents on one day; ``level`` is the place of the lower one, None for the unit itself."""

    who: str
    level: int | None
    parents: tuple[str | None, str | None]
    day: dt.date | None
    place: Place | None


class Loop(Exception):
    """Units that stand under each other in a circle: ``way`` names them, each under the next, ``day`` is one on which they do.

    A way that does not come back to where it began is the beginning of one that is longer than ``DEEPEST``.
    """

    def __init__(self, way: tuple[str, ...], day: dt.date | None, place: Place | None) -> None:
        super().__init__(" → ".join(way))
        self.way, self.day, self.place = way, day, place


def overlap(one: Span, other: Span) -> Span | None:
    """Return the days that two spans share, None when they share none.

    >>> overlap((None, dt.date(2025, 1, 1)), (dt.date(2024, 1, 1), None))
    (datetime.date(2024, 1, 1), datetime.date(2025, 1, 1))
    >>> overlap((None, dt.date(2025, 1, 1)), (dt.date(2025, 1, 1), None)) is None
    True
    """
    start = max((day for day in (one[0], other[0]) if day is not None), default=None)
    end = min((day for day in (one[1], other[1]) if day is not None), default=None)
    return None if start is not None and end is not None and start >= end else (start, end)


def holds(span: Span, day: dt.date) -> bool:
    """Say whether a day lies in a span."""
    return (span[0] is None or span[0] <= day) and (span[1] is None or day < span[1])


# parent and child


def flatten(lines: Iterable[Line], levels: int) -> tuple[Line, ...]:
    """Return lines of one parent each as lines of ``levels`` levels, counted from the top.

    A shorter branch repeats its last unit, the units below the last level stand under it too, and a unit under a parent that has no
    line on that day stands under nothing. Raises Loop.

    >>> chief, anna, bob = Line(("chief",), (None,)), Line(("anna",), ("chief",)), Line(("bob",), ("anna",))
    >>> [(line.unit[0], *line.levels) for line in flatten((chief, anna, bob), 2)]
    [('chief', 'chief', 'chief'), ('anna', 'chief', 'anna'), ('bob', 'chief', 'anna')]
    """
    by_unit: dict[str, list[Line]] = {}
    for line in lines:
        by_unit.setdefault(_text(line.unit), []).append(line)
    found: list[Line] = []
    for group in by_unit.values():
        for line in group:
            pieces = [
                replace(line, levels=_levels(way, levels), span=span) for span, way in _ways(line, line.span, by_unit, ())
            ]
            found += _joined(pieces)
    return tuple(found)


def _ways(
    line: Line, span: Span, by_unit: Mapping[str, list[Line]], below: tuple[str, ...]
) -> Iterator[tuple[Span, tuple[str, ...] | None]]:
    """Yield, for each piece of ``span``, the way from the top down to the line's unit; None where it leads to no top."""
    name = _text(line.unit)
    if name in below:
        raise Loop((*below[below.index(name) :], name), _first(span), line.place)
    if len(below) >= DEEPEST:
        raise Loop(below[:3], None, line.place)
    parent = line.levels[0]
    if parent is None:
        yield span, (name,)
        return
    rest: list[Span] = [span]
    for above in by_unit.get(parent, ()):
        for piece in rest[:]:
            shared = overlap(piece, above.span)
            if shared is None:
                continue
            rest.remove(piece)
            rest += _outside(piece, shared)
            for inner, way in _ways(above, shared, by_unit, (*below, name)):
                yield inner, None if way is None else (*way, name)
    for piece in rest:
        yield piece, None


def _outside(whole: Span, part: Span) -> list[Span]:
    """Return what of ``whole`` lies before and after ``part``, which lies within it."""
    pieces: list[Span] = []
    if part[0] is not None and part[0] != whole[0]:
        pieces.append((whole[0], part[0]))
    if part[1] is not None and part[1] != whole[1]:
        pieces.append((part[1], whole[1]))
    return pieces


def _levels(way: tuple[str, ...] | None, levels: int) -> tuple[str | None, ...]:
    if way is None:
        return (None,) * levels
    return tuple(way[min(place, len(way) - 1)] for place in range(levels))


def _joined(pieces: list[Line]) -> list[Line]:
    """Return the pieces of one line in order of time, neighbours that say the same as one."""
    found: list[Line] = []
    for piece in sorted(pieces, key=lambda each: each.span[0] or dt.date.min):
        last = found[-1] if found else None
        if last is not None and last.levels == piece.levels and last.span[1] == piece.span[0]:
            found[-1] = replace(last, span=(last.span[0], piece.span[1]))
        else:
            found.append(piece)
    return found


# two parents on one day


def repeated(lines: Iterable[Line]) -> Iterator[tuple[Line, Line]]:
    """Yield each line of a unit that shares a day with the one before it, with that one."""
    by_unit: dict[Key, list[Line]] = {}
    for line in lines:
        by_unit.setdefault(line.unit, []).append(line)
    for group in by_unit.values():
        if len(group) > 1:
            ordered = sorted(group, key=lambda line: line.span[0] or dt.date.min)
            yield from _overlapping(ordered)


def _overlapping(ordered: Sequence[Line]) -> Iterator[tuple[Line, Line]]:
    longest = ordered[0]
    for line in ordered[1:]:
        if overlap(longest.span, line.span) is not None:
            yield longest, line
        if longest.span[1] is not None and (line.span[1] is None or line.span[1] > longest.span[1]):
            longest = line


def two_parents(lines: Sequence[Line]) -> Iterator[Twice]:
    """Yield what stands under two parents on one day: first units, then the values of each level, each once."""
    for before, line in repeated(lines):
        if before.levels != line.levels:
            place = next(at for at, (one, two) in enumerate(zip(before.levels, line.levels, strict=True)) if one != two)
            shared = overlap(before.span, line.span)
            parents = (before.levels[place], line.levels[place])
            yield Twice(_text(line.unit), None, parents, shared and _first(shared), line.place)
    count = len(lines[0].levels) if lines else 0
    for level in range(1, count):
        yield from _of_level(lines, level)


def _of_level(lines: Sequence[Line], level: int) -> Iterator[Twice]:
    by_value: dict[str, dict[str | None, list[Line]]] = {}
    for line in lines:
        value, parent = line.levels[level], line.levels[level - 1]
        if value is not None:
            by_value.setdefault(value, {}).setdefault(parent, []).append(line)
    for value, parents in by_value.items():
        if len(parents) > 1:
            found = _shared_day(value, level, parents)
            if found is not None:
                yield found


def _shared_day(value: str, level: int, parents: Mapping[str | None, list[Line]]) -> Twice | None:
    ordered = sorted(
        ((line, parent) for parent, lines in parents.items() for line in lines), key=lambda each: each[0].span[0] or dt.date.min
    )
    latest: dict[str | None, Line] = {}
    for line, parent in ordered:
        for other, before in latest.items():
            shared = overlap(before.span, line.span) if other != parent else None
            if shared is not None:
                return Twice(value, level, (other, parent), _first(shared), line.place)
        known = latest.get(parent)
        if known is None or (known.span[1] is not None and (line.span[1] is None or line.span[1] > known.span[1])):
            latest[parent] = line
    return None


def _first(span: Span) -> dt.date | None:
    """Return a day of a span; None for one without ends."""
    if span[0] is not None:
        return span[0]
    return None if span[1] is None else span[1] - dt.timedelta(days=1)


def _text(unit: Key) -> str:
    """Return a unit as its children name it."""
    return str(unit[0]) if len(unit) == 1 else " ".join(str(part) for part in unit)
