"""Tables for people: they fit the terminal, say the unit, break no number, and print what is missing as words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rich.cells import cell_len, chop_cells

from decisionlayer.frozen import dataclass, replace
from decisionlayer.run.cells import column_texts, python_values, without_other_levels
from decisionlayer.run.result import Result

#: More rows than this are counted, not printed.
MOST_ROWS = 200
#: What stands between two columns.
GAP = "  "
#: A column of texts is not folded below this width.
NARROWEST = 12


def result_table(result: Result, *, width: int, colour: bool = False, most: int = MOST_ROWS) -> str:
    """Return the rows as a table of at most ``width`` characters a line, the unit under each metric's name.

    A NULL group prints as ``Unassigned``, a missing number as ``–``, shares as percent, periods as people write them. Long names
    are folded in the head, long texts in their column; numbers never are: what does not fit is printed row by row instead.
    """
    found = result.arrow()
    shown = found.slice(0, most)
    columns = [
        _column(one.name, one.role == "metric", result.passports.get(one.name, {}), python_values(values, one.name))
        for one, values in zip(result.statement.columns, shown.columns, strict=True)
    ]
    columns = _with_rest_named(columns)
    rounding: list[str] = []
    if result.statement.is_leveled:
        named = [(one.name, column) for one, column in zip(result.statement.columns, columns, strict=True)]
        groups = without_other_levels({name: column.cells for name, column in named if not column.is_number})
        columns = [replace(column, cells=groups.get(name, column.cells)) for name, column in named]
        rounding = [f"note: {line}" for line in result.rounding([column.cells for column in columns])] if found.num_rows <= most else []
    widths = _fit(columns, width)
    lines = _cards(columns, shown.num_rows, width) if widths is None else _table(columns, widths, colour)
    if found.num_rows == 0:
        lines.append("no rows")
    if found.num_rows > most:
        lines.append(f"… {found.num_rows - most:,} more rows; --format csv prints them all")
    return "\n".join(line.rstrip() for line in (*lines, *rounding))


@dataclass(frozen=True)
class _Column:
    """One column as texts: its name and unit, and its cells."""

    name: str
    unit: str
    is_number: bool
    cells: tuple[str, ...]

    def narrowest(self) -> int:
        """Return the least width: that of the widest number, or of the longest piece of the head."""
        cells = max((cell_len(cell) for cell in self.cells), default=0)
        pieces = max(cell_len(piece) for piece in (*_pieces(self.name), *_pieces(self.unit), ""))
        return max(pieces, cells if self.is_number else min(cells, NARROWEST))

    def widest(self) -> int:
        return max(cell_len(text) for text in (self.name, self.unit, *self.cells))

    def needed(self, width: int) -> int:
        """Return what is left of ``width`` once everything is folded to it."""
        return max(map(cell_len, (*self.head(width), *(line for cell in self.cells for line in _folded_text(cell, width)))))

    def head(self, width: int) -> list[str]:
        return [*_folded(_pieces(self.name), width), *(_folded(_pieces(self.unit), width) if self.unit else [])]


def _with_rest_named(columns: list[_Column]) -> list[_Column]:
    """Return the columns with the groups of the rest called so: they are not unassigned, they are all others."""
    told = next((one.cells for one in columns if one.name == "rest" and set(one.cells) <= {"yes", "no"}), None)
    if told is None or "yes" not in told:
        return columns
    return [
        one if one.is_number or one.cells == told else replace(one, cells=tuple(
            "all others" if rest == "yes" and cell == "Unassigned" else cell for cell, rest in zip(one.cells, told, strict=True)
        ))
        for one in columns
    ]  # fmt: skip


def _column(name: str, is_number: bool, passport: Mapping[str, object], values: Sequence[object]) -> _Column:
    unit, cells = column_texts(name, is_number, passport, values)
    return _Column(name.replace("__", "."), unit, is_number, cells)


# -- layout ----------------------------------------------------------------------------------------------------------


def _fit(columns: Sequence[_Column], width: int) -> list[int] | None:
    """Return the width of each column, or None when they cannot stand side by side.

    First the heads are folded, then, as far as needed, the widest columns of texts.
    """
    room = width - len(GAP) * (len(columns) - 1)
    widths = [column.widest() for column in columns]
    least = [column.narrowest() for column in columns]
    unfolded = [max(floor, *map(cell_len, (*column.cells, ""))) for floor, column in zip(least, columns)]
    if sum(least) > room:
        return None
    while sum(widths) > room:
        # A head is folded before a text is: it is read once, the text in every row.
        floors = unfolded if any(wide > floor for wide, floor in zip(widths, unfolded)) else least
        widest = max(wide for wide, floor in zip(widths, floors) if wide > floor)
        widths[next(i for i, (wide, floor) in enumerate(zip(widths, floors)) if wide == widest > floor)] -= 1
    return [column.needed(wide) for column, wide in zip(columns, widths)]


def _table(columns: Sequence[_Column], widths: Sequence[int], colour: bool) -> list[str]:
    heads = [column.head(wide) for column, wide in zip(columns, widths)]
    height = max(len(head) for head in heads)
    lines = [_line(columns, widths, [(head + [""] * height)[row] for head in heads]) for row in range(height)]
    if colour:
        lines = [f"\033[1m{line}\033[0m" for line in lines]
    lines.append(GAP.join("─" * wide for wide in widths))
    for row in range(len(columns[0].cells) if columns else 0):
        cells = [_folded_text(column.cells[row], wide) for column, wide in zip(columns, widths)]
        for part in range(max(map(len, cells))):
            lines.append(_line(columns, widths, [cell[part] if part < len(cell) else "" for cell in cells]))
    return lines


def _line(columns: Sequence[_Column], widths: Sequence[int], texts: Sequence[str]) -> str:
    padded = []
    for column, wide, text in zip(columns, widths, texts):
        space = " " * (wide - cell_len(text))
        padded.append(space + text if column.is_number else text + space)
    return GAP.join(padded).rstrip()


def _cards(columns: Sequence[_Column], rows: int, width: int) -> list[str]:
    """Return each row as lines of its own, ``name  value unit``."""
    names = max(cell_len(column.name) for column in columns)
    lines: list[str] = []
    for row in range(rows):
        lines += [""] if lines else []
        for column in columns:
            unit = f" {column.unit}" if column.unit and column.cells[row] != "–" else ""
            text = column.cells[row] + unit
            label = column.name + " " * (names - cell_len(column.name))
            if names + len(GAP) + cell_len(text) <= width:
                lines.append(f"{label}{GAP}{text}")
            else:
                lines += [column.name, *(f"{GAP}{part}" for part in _folded_text(text, max(width - len(GAP), 1)))]
    return lines


def _pieces(name: str) -> list[str]:
    """Return a name in the pieces between which it may be folded.

    >>> _pieces("late_cost.name"), _pieces("USD/seat")
    (['late_', 'cost.', 'name'], ['USD/', 'seat'])
    """
    return re.findall(r"[^_./* ]*[_./* ]|[^_./* ]+", name)


def _folded(pieces: Sequence[str], width: int) -> list[str]:
    lines = [""]
    for piece in pieces:
        if lines[-1] and cell_len(lines[-1] + piece) > width:
            lines.append("")
        lines[-1] += piece
    return lines


def _folded_text(text: str, width: int) -> list[str]:
    """Return text in lines of at most ``width``, broken between words where that is possible."""
    lines = [""]
    for word in re.findall(r"\S+\s*|\s+", text):
        if lines[-1] and cell_len(lines[-1] + word.rstrip()) > width:
            lines.append("")
        lines[-1] += word
    return [part for line in lines for part in (chop_cells(line.rstrip(), width) or [""])]
