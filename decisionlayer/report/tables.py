"""Tables for pages: in columns of text with heads that fold, or as Markdown; numbers to the right, words to the left."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence

from decisionlayer.frozen import dataclass

_GAP = "  "


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, its cells, and whether they are numbers."""

    head: str
    cells: tuple[str, ...]
    is_number: bool = False


def text_table(columns: Sequence[Column], width: int) -> list[str]:
    """Return columns side by side in lines of at most ``width``, if they can be: heads fold first, then the last column."""
    widths = [max(map(len, (column.head, *column.cells))) for column in columns]
    least = [max(map(len, (*_pieces(column.head), *column.cells))) for column in columns]
    room = width - len(_GAP) * (len(columns) - 1)
    for at in sorted(range(len(columns)), key=lambda at: least[at] - widths[at]):
        if sum(widths) > room:
            widths[at] = max(least[at], widths[at] - (sum(widths) - room))
    if sum(widths) > room and not columns[-1].is_number:
        widths[-1] = max(12, widths[-1] - (sum(widths) - room))
    heads = [_folded(column.head, wide) for column, wide in zip(columns, widths, strict=True)]
    deep = max(map(len, heads))
    lines = [_line(columns, widths, [([""] * (deep - len(head)) + head)[at] for head in heads]) for at in range(deep)]
    lines.append(_GAP.join("─" * wide for wide in widths))
    for row in range(len(columns[0].cells)):
        cells = [_wrapped(column.cells[row], wide) for column, wide in zip(columns, widths, strict=True)]
        for at in range(max(map(len, cells))):
            lines.append(_line(columns, widths, [cell[at] if at < len(cell) else "" for cell in cells]))
    return lines


def markdown_table(columns: Sequence[Column]) -> list[str]:
    """Return columns as a Markdown table."""
    lines = [_row(column.head for column in columns), _row("--:" if column.is_number else "---" for column in columns)]
    return [*lines, *(_row(column.cells[row] for column in columns) for row in range(len(columns[0].cells)))]


def _row(cells: Iterable[str]) -> str:
    escaped = (cell.replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"


def _line(columns: Sequence[Column], widths: Sequence[int], texts: Sequence[str]) -> str:
    padded = (text.rjust(wide) if column.is_number else text.ljust(wide) for column, wide, text in zip(columns, widths, texts, strict=True))
    return _GAP.join(padded).rstrip()


def _pieces(head: str) -> list[str]:
    """Return a head in the pieces between which it may be folded.

    >>> _pieces("broken_promise_cost USD/flight")
    ['broken_', 'promise_', 'cost', 'USD/', 'flight']
    """
    return [piece.strip() for piece in re.findall(r"[^_/ ]*[_/ ]|[^_/ ]+", head)]


def _folded(head: str, width: int) -> list[str]:
    lines = [""]
    for piece in re.findall(r"[^_/ ]*[_/ ]|[^_/ ]+", head):
        if lines[-1] and len((lines[-1] + piece).rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) or [""]
