"""The tables of frames are CSV files of the project: read as they stand, with the line of each mistake."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable
from pathlib import Path

from decisionlayer.findings import Finding, Place
from decisionlayer.frozen import dataclass
from decisionlayer.names import counted
from decisionlayer.resolve.about import About

#: How many mistakes of one file are told.
MOST_TOLD = 5


@dataclass(frozen=True, slots=True)
class Table:
    """A file as it stands: its columns, and its lines with their numbers, cells without the space around them, empty lines left out."""

    file: str
    header: tuple[str, ...]
    lines: tuple[tuple[int, tuple[str, ...]], ...]

    def lacks(self, wanted: Iterable[str]) -> list[str]:
        """Return which of the columns wanted are not there, each once."""
        return [column for column in dict.fromkeys(wanted) if column not in self.header]


def read_csv(about: About, root: str | Path, file: str, *at: str | int) -> Table | None:
    """Return a file as a table; ``at`` is where the declaration names it.

    ``unreadable`` for what is not there or no CSV in UTF-8, ``duplicate-name`` for two columns of one name. None after a finding.
    """
    text = _text(about, root, file, at)
    if text is None:
        return None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        table = [(reader.line_num, tuple(cell.strip() for cell in cells)) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as wrong:
        say(about, "unreadable", f"this is no CSV file: {wrong}", Place(file, max(1, reader.line_num)))
        return None
    header = table[0][1] if table else ()
    twice = next((column for column in header if header.count(column) > 1), None)
    if twice is not None:
        say(about, "duplicate-name", f"`{file}` has two columns `{twice}`", Place(file), "name each column once")
        return None
    return Table(file, header, tuple(table[1:]))


def cells_of(about: About, table: Table, number: int, cells: tuple[str, ...]) -> dict[str, str] | None:
    """Return the cells of a line by column; ``wrong-argument`` for a line that has more or fewer than the file has columns."""
    if len(cells) != len(table.header):
        told = f"this line has {counted(len(cells), 'cell')}, and the file has {counted(len(table.header), 'column')}"
        say(about, "wrong-argument", told, Place(table.file, number))
        return None
    return dict(zip(table.header, cells, strict=True))


def day_in(text: str) -> dt.date | None:
    """Return the day that a cell holds, written as 2026-01-31; None for anything else."""
    try:
        return dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def say(about: About, code: str, told: str, place: Place, help: str = "", why: str = "") -> None:
    """Add a finding about a line of a frame's file."""
    about.findings.append(Finding(code, about.subject, told, place, why=why, help=help))


def _text(about: About, root: str | Path, file: str, at: tuple[str | int, ...]) -> str | None:
    try:
        return (Path(root) / file).read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        about.say("unreadable", f"there is no file `{file}` in the project", *at, help="correct the path, from the project's folder")
    except UnicodeDecodeError:
        about.say("unreadable", f"`{file}` is no UTF-8 text", *at, help="save it as CSV in UTF-8")
    except OSError as wrong:
        about.say("unreadable", f"`{file}` cannot be read: {(wrong.strerror or str(wrong)).lower()}", *at)
    return None
