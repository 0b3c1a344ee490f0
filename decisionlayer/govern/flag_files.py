"""Flags from a file that somebody fills: one a line, all raised or none.

::

    name,by,severity,text,where,start,end,if_upheld
    held_rate,alpha_desk,blocks,Six were closed by the robot.,team = 'Alpha',2026-07-01,2026-09-30,held=-6
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from decisionlayer.declare import Book
from decisionlayer.errors import DecisionLayerError, QueryError
from decisionlayer.findings import Finding, Place
from decisionlayer.frozen import replace
from decisionlayer.govern.recording import Recorded, held, record
from decisionlayer.names import did_you_mean
from decisionlayer.resolve.model import Model

_NEEDED = ("name", "by", "severity", "text")
_COLUMNS = (*_NEEDED, "where", "start", "end", "if_upheld", "dated")


def raise_all(book: Book, model: Model, file: Path) -> tuple[Recorded, ...]:
    """Write a flag for each line of a CSV file.

    Raises QueryError with every finding of every line, each at its place: ``unreadable`` for a file or a number that cannot be
    read, ``unknown-key`` for a column that no flag has, ``missing-key``, and what keeps a record from standing. Then none is written.
    """
    lines = _read(file)
    findings: list[Finding] = []
    said = []
    for number, line in lines:
        place = Place(file.name, number)
        try:
            flag = _flag(line)
            held(model, flag)
        except DecisionLayerError as refused:
            findings += (replace(finding, place=place) for finding in refused.findings)
            continue
        if flag in said:
            findings.append(Finding("duplicate-name", "flags", "this line says what another one says", place, help="leave one of them out"))
        said.append(flag)
    if findings:
        raise QueryError(findings)
    return tuple(record(book, model, flag) for flag in said)


def _read(file: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as wrong:
        raise QueryError(Finding("unreadable", "flags", f"`{file.name}` cannot be read: {wrong}", Place(file.name))) from None
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = [column.strip() for column in next(rows, [])]
        wrong_columns = [column for column in columns if column not in _COLUMNS]
        lacking = [column for column in _NEEDED if column not in columns]
        if wrong_columns or lacking:
            told = f"`{wrong_columns[0]}` is no column of flags" if wrong_columns else f"the column `{lacking[0]}` lacks"
            help = did_you_mean(wrong_columns[0], _COLUMNS) if wrong_columns else f"the columns are {', '.join(_COLUMNS)}"
            raise QueryError(Finding("unknown-key" if wrong_columns else "missing-key", "flags", told, Place(file.name), help=help))
        found = []
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(columns):
                told = f"the line has {len(row)} cells, and there are {len(columns)} columns"
                raise QueryError(Finding(
                    "unreadable", "flags", told, Place(file.name, rows.line_num), help="put quotes around a text that has a comma",
                ))  # fmt: skip
            found.append((rows.line_num, dict(zip(columns, (cell.strip() for cell in row), strict=True))))
        return found
    except csv.Error as wrong:
        raise QueryError(Finding("unreadable", "flags", f"the file cannot be read: {wrong}", Place(file.name, rows.line_num))) from None


def _flag(line: dict[str, str]) -> dict[str, object]:
    filled: dict[str, object] = {key: value for key, value in line.items() if value and key not in ("name", "if_upheld")}
    changes: dict[str, object] = {}
    for part in line.get("if_upheld", "").split(";"):
        term, equals, change = part.partition("=")
        if not part.strip():
            continue
        try:
            changes[term.strip()] = float(change) if "." in change else int(change)
        except ValueError:
            equals = ""
        if not equals:
            told = f"`if_upheld` is {part.strip()!r}"
            raise QueryError(Finding("unreadable", "flags", told, help="write TERM=CHANGE, as held=-6; several with ;"))
    return {"flag": line["name"], **filled, **({"if_upheld": changes} if changes else {})}
