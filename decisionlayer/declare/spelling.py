"""From a place in a value back to the place in the file: YAML spells some texts longer than they are."""

from __future__ import annotations

import re
from functools import lru_cache

_ESCAPE_LENGTHS = {"x": 4, "u": 6, "U": 10}
_BLOCK_HEAD = re.compile(r"(?:^|[\s:\-])([|>])[-+0-9]*[ \t]*(?:#.*)?$")


def position(text: str, line: int, column: int, offset: int) -> tuple[int, int]:
    """Return the line and column of the ``offset``-th character of the value that begins at ``line`` and ``column``.

    A doubled quote and an escape are one character, and so is a line break with the spaces that indent the next line.

    >>> position("where: 'haul = ''short'' and x > 1'", 1, 9, 15)  # the x: its value is  haul = 'short' and x > 1
    (1, 26)
    >>> position("where: >\\n  a > 1\\n  and b\\n", 2, 3, 6)  # the value is  a > 1 and b
    (3, 3)
    """
    if offset == 0:
        return line, column
    lines = _lines(text)
    if not 0 < line <= len(lines):
        return line, column + offset
    head = _BLOCK_HEAD.search(lines[line - 2]) if line > 1 and not lines[line - 1][: column - 1].strip() else None
    quote = lines[line - 1][column - 2 : column - 1] if column > 1 and head is None else ""
    row, at = line - 1, column - 1
    while offset > 0 and row < len(lines):
        rest = lines[row][at:]
        if not rest.strip() if head is None else not rest:
            row, at, breaks = _next_text(lines, row, column - 1 if head else None)
            offset -= max(1, breaks if head and head[1] == "|" else breaks - 1)
            continue
        if quote == "'" and rest.startswith("''"):
            at += 2
        elif quote == '"' and rest[0] == "\\":
            at += _ESCAPE_LENGTHS.get(rest[1:2], 2)
        else:
            at += 1
        offset -= 1
    return (row + 1, at + 1) if row < len(lines) else (line, column)


@lru_cache(maxsize=16)
def _lines(text: str) -> list[str]:
    """Return the lines of a file, kept for the next finding in it: a file may hold thousands."""
    return text.splitlines()


def _next_text(lines: list[str], row: int, indent: int | None) -> tuple[int, int, int]:
    """Return the next row with text, the column where its text begins, and how many line breaks lie between.

    ``indent`` is how far a block's lines are indented; elsewhere all spaces at the beginning of a line are left out.
    """
    breaks = 0
    while row < len(lines):
        row, breaks = row + 1, breaks + 1
        if row < len(lines) and lines[row].strip():
            spaces = len(lines[row]) - len(lines[row].lstrip(" "))
            return row, spaces if indent is None else min(indent, spaces), breaks
    return row, 0, breaks
