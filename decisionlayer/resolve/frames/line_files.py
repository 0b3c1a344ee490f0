"""The file of a reporting line: one line for each unit and stretch of days, read as it stands, with the place of each mistake."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from decisionlayer.findings import Finding, Place
from decisionlayer.names import did_you_mean
from decisionlayer.resolve.about import About, listed
from decisionlayer.resolve.frames.lines import ALWAYS, Line, Span
from decisionlayer.resolve.language.types import DataType, Kind

#: The columns between which a line holds, the first day included and the last not.
VALID = ("valid_from", "valid_to")
#: How many mistakes of one file are told.
MOST_TOLD = 5


def read_lines(
    about: About, root: str, written: str, key: Sequence[tuple[str, DataType]], named: tuple[str, ...]
) -> tuple[Line, ...] | None:
    """Return the lines of a CSV file, with what stands in the columns ``named`` as their levels; None after a finding.

    ``key`` are the columns of the unit, with their types. An empty cell is nothing. Codes: ``unreadable``, ``missing-column``,
    ``wrong-type``, ``wrong-argument``.
    """
    text = _text(about, root, written)
    if text is None:
        return None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        table = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as wrong:
        _say(about, "unreadable", f"this is no CSV file: {wrong}", Place(written, max(1, reader.line_num)))
        return None
    header = [cell.strip() for cell in table[0][1]] if table else []
    wanted = (*(column for column, _ in key), *named)
    if not _check_header(about, written, header, wanted):
        return None
    at = {column: header.index(column) for column in header}
    lines: list[Line] = []
    told = len(about.findings)
    for number, cells in table[1:]:
        line = _line(about, Place(written, number), [cell.strip() for cell in cells], at, key, named)
        if line is not None:
            lines.append(line)
        if len(about.findings) - told >= MOST_TOLD:
            break
    return None if len(about.findings) > told else tuple(lines)


def _text(about: About, root: str, written: str) -> str | None:
    try:
        return (Path(root) / written).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        help = "correct the path, from the project's folder"
        about.say("unreadable", f"there is no file `{written}` in the project", "hierarchy", "file", help=help)
    except UnicodeDecodeError:
        about.say("unreadable", f"`{written}` is no UTF-8 text", "hierarchy", "file", help="save it as CSV in UTF-8")
    except OSError as wrong:
        about.say("unreadable", f"`{written}` cannot be read: {(wrong.strerror or str(wrong)).lower()}", "hierarchy", "file")
    return None


def _check_header(about: About, written: str, header: list[str], wanted: tuple[str, ...]) -> bool:
    place = Place(written)
    twice = next((column for column in header if header.count(column) > 1), None)
    if twice is not None:
        _say(about, "duplicate-name", f"`{written}` has two columns `{twice}`", place, "name each column once")
        return False
    lacks = [column for column in wanted if column not in header]
    if any(column in header for column in VALID):
        lacks += [column for column in VALID if column not in header]
    if lacks:
        _say(
            about, "missing-column", f"`{written}` has no column {listed(lacks)}", place,
            did_you_mean(lacks[0], header) if header else "begin it with a line that names the columns",
        )  # fmt: skip
        return False
    return True


def _line(
    about: About, place: Place, cells: list[str], at: dict[str, int], key: Sequence[tuple[str, DataType]], named: tuple[str, ...]
) -> Line | None:
    if len(cells) != len(at):
        _say(about, "wrong-argument", f"this line has {len(cells)} cells, and the file has {len(at)} columns", place)
        return None
    unit = tuple(_value(about, place, column, type, cells[at[column]]) for column, type in key)
    span = _span(about, place, cells, at)
    if None in unit or span is None:
        return None
    return Line(unit, tuple(cells[at[column]] or None for column in named), span, place)


def _value(about: About, place: Place, column: str, type: DataType, text: str) -> object | None:
    """Return the value of a unit's key as its declared type."""
    if text == "":
        _say(about, "wrong-type", f"this line has no `{column}`, so nobody knows what it is of", place)
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
        _say(about, "wrong-type", f"`{column}` is {text!r} in this line, and the unit's key is {type}", place)
        return None


def _span(about: About, place: Place, cells: list[str], at: dict[str, int]) -> Span | None:
    if VALID[0] not in at:
        return ALWAYS
    ends: list[dt.date | None] = []
    for column in VALID:
        text = cells[at[column]]
        try:
            ends.append(dt.date.fromisoformat(text) if text else None)
        except ValueError:
            help = "write it as 2025-01-01, or leave it empty"
            _say(about, "wrong-type", f"`{column}` is {text!r} in this line, which is no day", place, help)
            return None
    start, end = ends
    if start is not None and end is not None and start >= end:
        _say(
            about, "wrong-argument", f"this line holds from {start} to {end}, which is no day at all", place,
            "`valid_to` is the first day on which it holds no more",
        )  # fmt: skip
        return None
    return start, end


def _say(about: About, code: str, message: str, place: Place, help: str = "") -> None:
    about.findings.append(Finding(code, about.subject, message, place, help=help))
