"""A query without the numbers of small cells: what is over too few rows is NULL, and so is whatever would tell it.

The query is left as it is, and a second one counts the rows that each of its numbers is over. A cell of which nobody counted any rows
is hidden too. By levels a small cell is its total less its siblings. So where one part of a total is over too few rows, no part of that
total shows its number, nor does anything within those parts. A total that is shown is over enough rows itself.

::

    level         month     shop   rows   worth       shown        at least 5 rows
    month, shop   January   N         9      90           –
    month, shop   January   S         2      30           –        too small; 120 less 90 would tell it
    month         January   –        11     120         120
    month, shop   March     N         8      70          70
    month, shop   March     S         6      80          80
    month         March     –        14     150         150
"""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Sequence
from itertools import pairwise

from decisionlayer.frozen import dataclass
from decisionlayer.sql.ddl import plain
from decisionlayer.sql.naming import literal


@dataclass(frozen=True, slots=True)
class Hidden:
    """A column of the query, and the columns that hold the numbers of rows it is over; it has as many as it reads cells."""

    column: str
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nested:
    """A level by its name and the columns that tell its cells apart."""

    name: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a query: the columns that tell them apart, and its levels, the finest first, under the column ``level``.

    Each level is split by all that the next one is split by; no levels where every row is of one.
    """

    keys: tuple[str, ...]
    level: str = ""
    nested: tuple[Nested, ...] = ()


def hiding(
    shown: str, counted: str, cells: Cells, numbers: Sequence[Hidden], least: int, *, order: Sequence[tuple[str, bool]] = (),
    dropped: Collection[str] = (),
) -> str:  # fmt: skip
    """Return the query ``shown`` with its numbers hidden where they are over fewer than ``least`` rows, or would tell one that is.

    ``counted`` has the same cells with the rows of each. ``order`` names columns, and whether they run downwards. A row goes
    whose number in one of ``dropped`` is hidden: to show it at all would tell of the number.
    """
    counts = dict.fromkeys(rows for number in numbers for rows in number.rows)
    flags = [_too_small(rows, cells, least) for rows in counts]
    on = " AND ".join(f"shown.{plain(key)} IS NOT DISTINCT FROM small.{plain(key)}" for key in cells.keys) or "TRUE"
    columns = [f"shown.{plain(key)}" for key in cells.keys] + [_guarded(number) for number in numbers]
    listed = ",\n".join([*(plain(key) for key in cells.keys), *flags])
    gone = [number for number in numbers if number.column in dropped and number.rows]
    lines = [
        "-- no number over fewer rows than a group has, and none that would tell one", "WITH",
        "-- one row per cell, as it is asked", "shown AS (", textwrap.indent(shown, "  "), "),",
        "-- one row per cell, with the rows that each number is over", "counted AS (", textwrap.indent(counted, "  "), "),",
        f"-- whether those are too few{'; where one part of a total is too small, none of its parts is shown' if cells.nested else ''}",
        "small AS (", "  SELECT", textwrap.indent(listed, "    "), "  FROM counted", "),",
        "guarded AS (", "  SELECT", textwrap.indent(",\n".join(columns), "    "), "  FROM shown", f"  LEFT JOIN small ON {on}",
        *([f"  WHERE NOT ({' OR '.join(_hides(number) for number in gone)})"] if gone else []), ")",
        f"SELECT {', '.join(plain(name) for name in (*cells.keys, *(number.column for number in numbers)))}", "FROM guarded",
    ]  # fmt: skip
    if order:
        lines.append("ORDER BY " + ", ".join(f"{plain(column)}{' DESC' if down else ''} NULLS LAST" for column, down in order))
    return "\n".join(lines)


def _hides(number: Hidden) -> str:
    """Return when a number is hidden: what nobody counted is."""
    return " OR ".join(f"COALESCE(small.{plain(rows)}, TRUE)" for rows in number.rows)


def _guarded(number: Hidden) -> str:
    column = plain(number.column)
    return f"CASE WHEN NOT ({_hides(number)}) THEN shown.{column} END AS {column}" if number.rows else f"shown.{column}"


def _too_small(counted: str, cells: Cells, least: int) -> str:
    rows, level = plain(counted), plain(cells.level)
    reasons = [f"COALESCE({rows} > 0 AND {rows} < {least}, FALSE)"]
    for place, (part, total) in enumerate(pairwise(cells.nested)):
        within = ", ".join(literal(each.name) for each in cells.nested[: place + 1])
        over = f"PARTITION BY {', '.join(plain(key) for key in total.keys)}" if total.keys else ""
        fewest = f"MIN({rows}) FILTER (WHERE {rows} > 0 AND {level} = {literal(part.name)}) OVER ({over})"
        reasons.append(f"({level} IN ({within}) AND COALESCE({fewest} < {least}, FALSE))")
    return "\n  OR ".join(reasons) + f" AS {rows}"
