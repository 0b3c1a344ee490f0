"""A query by levels without its small cells: what is too small is NULL, and so is whatever would tell it.

A small cell is its total less its siblings. So where one part of a total is over too few rows, no part of that total shows its
number, nor does anything within those parts. A total that is shown is over enough rows itself.

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
from collections.abc import Sequence
from itertools import pairwise

from decisionlayer.frozen import dataclass
from decisionlayer.sql.ddl import plain
from decisionlayer.sql.naming import literal


@dataclass(frozen=True, slots=True)
class Hidden:
    """A column that may be hidden, and the column that holds the number of rows it is over."""

    column: str
    rows: str


@dataclass(frozen=True, slots=True)
class Nested:
    """A level by its name and the columns that tell its cells apart."""

    name: str
    keys: tuple[str, ...]


def hiding(
    cells: str, level: str, keys: Sequence[str], nested: Sequence[Nested], numbers: Sequence[Hidden], least: int,
    order: Sequence[tuple[str, bool]],
) -> str:  # fmt: skip
    """Return the query ``cells`` with its numbers hidden where they are over fewer than ``least`` rows, or would tell one that is.

    ``nested`` are its levels, the finest first, each split by all that the next one is split by; ``order`` names columns, and
    whether they run downwards.
    """
    shown = [plain(key) for key in keys]
    shown += [_guarded(number, level, nested, least) for number in numbers]
    by = ", ".join(f"{plain(column)}{' DESC' if down else ''} NULLS LAST" for column, down in order)
    return "\n".join([
        "-- no number over fewer rows than a group has, and none that would tell one", "WITH",
        "-- one row per cell of each level, with the rows that each number is over",
        "counted AS (", textwrap.indent(cells, "  "), "),",
        "-- where one part of a total is too small, none of its parts is shown",
        "guarded AS (", "  SELECT", textwrap.indent(",\n".join(shown), "    "), "  FROM counted", ")",
        f"SELECT {', '.join(plain(name) for name in (*keys, *(number.column for number in numbers)))}", "FROM guarded", f"ORDER BY {by}",
    ])  # fmt: skip


def _guarded(number: Hidden, level: str, nested: Sequence[Nested], least: int) -> str:
    rows, column = plain(number.rows), plain(number.column)
    branches = [f"WHEN {rows} > 0 AND {rows} < {least} THEN NULL"]
    for place, (part, total) in enumerate(pairwise(nested)):
        within = ", ".join(literal(each.name) for each in nested[: place + 1])
        over = f"PARTITION BY {', '.join(plain(key) for key in total.keys)}" if total.keys else ""
        fewest = f"MIN({rows}) FILTER (WHERE {rows} > 0 AND {plain(level)} = {literal(part.name)}) OVER ({over})"
        branches.append(f"WHEN {plain(level)} IN ({within}) AND {fewest} < {least} THEN NULL")
    inside = textwrap.indent("\n".join([*branches, f"ELSE {column}"]), "  ")
    return f"CASE\n{inside}\nEND AS {column}"
