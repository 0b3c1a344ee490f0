"""The query that proves that parts make up the whole: it returns no rows when they do, and one per broken total when not."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from decisionlayer.frozen import dataclass
from decisionlayer.sql.ddl import plain
from decisionlayer.sql.naming import literal

#: The distance between 1 and the next floating number.
_EPSILON = "2.220446049250313e-16"


@dataclass(frozen=True, slots=True)
class Total:
    """One total to compare: its column in the cells and in the whole, and how cells add up: ``sum``, ``count``, ``min``, ``max``.

    ``terms`` and ``size`` name columns of the whole for a floating sum: how many numbers were added, and the sum of their
    absolute values; both None when the total must tie exactly.
    """

    label: str
    column: str
    how: str
    terms: str | None = None
    size: str | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """One question to prove: the query of its cells, and the queries over raw rows with the totals that each has to meet."""

    title: str
    cells: str
    wholes: tuple[tuple[str, tuple[Total, ...]], ...]


def proof(head: Sequence[str], sides: Sequence[Side]) -> str:
    """Return the proof of some questions; ``head`` are the lines of the comment above it.

    ::

        question | total                 | of_the_parts | of_the_whole
        quarter  | late: sum(dep_delay)  |          410 |          385
    """
    steps: list[str] = []
    comparisons: list[str] = []
    for number, side in enumerate(sides, start=1):
        totals = [total for _, some in side.wholes for total in some]
        added = ",\n".join(f"  {_added(total)} AS {plain(total.column)}" for total in totals)
        steps.append(_step(f"cells_{number}", "one row per cell of what is shown", side.cells))
        steps.append(_step(f"parts_{number}", "one row: the cells, added up", f"SELECT\n{added}\nFROM cells_{number}"))
        for place, (text, some) in enumerate(side.wholes, start=1):
            whole = f"whole_{number}_{place}"
            steps.append(_step(whole, "one row: the same over the raw rows, neither split nor joined", text))
            comparisons += [_compare(side.title, total, f"parts_{number}", whole) for total in some]
    compared = "\nUNION ALL\n".join(comparisons)
    lines = [f"-- {line}" for line in head]
    return "\n".join([
        *lines, "WITH", ",\n".join(steps), "SELECT question, total, of_the_parts, of_the_whole FROM (", _indented(compared),
        ") AS totals", "WHERE NOT ties", "ORDER BY question, total",
    ])  # fmt: skip


def _step(name: str, says: str, text: str) -> str:
    return f"-- {says}\n{name} AS (\n{_indented(text)}\n)"


def _added(total: Total) -> str:
    column = plain(total.column)
    match total.how:
        case "count":
            return f"COALESCE(SUM({column}), 0)"
        case "sum":
            return f"SUM({column})"
        case _:
            return f"{total.how.upper()}({column})"


def _compare(title: str, total: Total, parts: str, whole: str) -> str:
    part, all_rows = f"{parts}.{plain(total.column)}", f"{whole}.{plain(total.column)}"
    ties = f"{part} IS NOT DISTINCT FROM {all_rows}"
    if total.terms is not None and total.size is not None:
        # Floating sums depend on their order; this is how far two orders may lie apart.
        leeway = f"{whole}.{plain(total.terms)} * {_EPSILON} * {whole}.{plain(total.size)}"
        ties = f"({ties} OR COALESCE(ABS({part} - {all_rows}) <= {leeway}, FALSE))"
    return (
        f"SELECT {literal(title)} AS question, {literal(total.label)} AS total, CAST({part} AS VARCHAR) AS of_the_parts, "
        f"CAST({all_rows} AS VARCHAR) AS of_the_whole,\n  {ties} AS ties\nFROM {parts} CROSS JOIN {whole}"
    )


def _indented(text: str) -> str:
    return textwrap.indent(text, "  ")
