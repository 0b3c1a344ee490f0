"""The file of a reporting line: one line for each unit and stretch of days, read as it stands, with the place of each mistake."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from decisionlayer.findings import Place
from decisionlayer.names import did_you_mean
from decisionlayer.resolve.about import About, listed
from decisionlayer.resolve.frames.csv_files import MOST_TOLD, Table, cells_of, day_in, read_csv, say
from decisionlayer.resolve.frames.lines import ALWAYS, Line, Span
from decisionlayer.resolve.language.types import DataType, Kind

#: The columns between which a line holds, the first day included and the last not.
VALID = ("valid_from", "valid_to")


def read_lines(
    about: About, root: str, written: str, key: Sequence[tuple[str, DataType]], named: tuple[str, ...]
) -> tuple[Line, ...] | None:
    """Return the lines of a CSV file, with what stands in the columns ``named`` as their levels; None after a finding.

    ``key`` are the columns of the unit, with their types. An empty cell is nothing. Codes: ``unreadable``, ``missing-column``,
    ``wrong-type``, ``wrong-argument``.
    """
    table = read_csv(about, root, written, "hierarchy", "file")
    if table is None or not _check_header(about, table, (*(column for column, _ in key), *named)):
        return None
    lines: list[Line] = []
    told = len(about.findings)
    for number, row in table.lines:
        cells = cells_of(about, table, number, row)
        line = None if cells is None else _line(about, Place(written, number), cells, key, named)
        if line is not None:
            lines.append(line)
        if len(about.findings) - told >= MOST_TOLD:
            break
    return None if len(about.findings) > told else tuple(lines)



def _check_header(about: About, table: Table, wanted: tuple[str, ...]) -> bool:
    header, written = table.header, table.file
    lacks = table.lacks(wanted)
    if any(column in header for column in VALID):
        lacks += [column for column in VALID if column not in header]
    if lacks:
        say(
            about, "missing-column", f"`{written}` has no column {listed(lacks)}", Place(written),
            did_you_mean(lacks[0], header) if header else "begin it with a line that names the columns",
        )  # fmt: skip
        return False
    return True


def _line(
    about: About, place: Place, cells: Mapping[str, str], key: Sequence[tuple[str, DataType]], named: tuple[str, ...]
) -> Line | None:
    unit = tuple(_value(about, place, column, type, cells[column]) for column, type in key)
    span = _span(about, place, cells)
    if None in unit or span is None:
        return None
    return Line(unit, tuple(cells[column] or None for column in named), span, place)


def _value(about: About, place: Place, column: str, type: DataType, text: str) -> object | None:
    """Return the value of a unit's key as its declared type."""
    if text == "":
        say(about, "wrong-type", f"this line has no `{column}`, so nobody knows what it is of", place)
        return None
    try:
        match type.kind:
            case Kind.integer:
                return int(text)
            case Kind.decimal:
                return Decimal(text)
            case Kind.date:
                return dt.date.fromisoformat(text)
            case _:
                return text
    except (ValueError, InvalidOperation):
        say(about, "wrong-type", f"`{column}` is {text!r} in this line, and the unit's key is {type}", place)
        return None


def _span(about: About, place: Place, cells: Mapping[str, str]) -> Span | None:
    if VALID[0] not in cells:
        return ALWAYS
    ends: list[dt.date | None] = []
    for column in VALID:
        text = cells[column]
        day = day_in(text)
        if text and day is None:
            help = "write it as 2025-01-01, or leave it empty"
            say(about, "wrong-type", f"`{column}` is {text!r} in this line, which is no day", place, help)
            return None
        ends.append(day)
    start, end = ends
    if start is not None and end is not None and start >= end:
        say(
            about, "wrong-argument", f"this line holds from {start} to {end}, which is no day at all", place,
            "`valid_to` is the first day on which it holds no more",
        )  # fmt: skip
        return None
    return start, end
