"""A clock that tells whole hours or longer has few readings, and each is converted between zones once, not in every row.

::

    before: aggregate by month = period_day(wall(departures.time_hour, 'UTC', 'America/New_York'), 'month', 'monday')
              keep departures.dep_delay > 15
                scan departures
    after:  aggregate by month = clock.month
              look up clock by departures.time_hour
                · where departures.dep_delay > 15
                · month = period_day(wall(departures.time_hour, 'UTC', 'America/New_York'), 'month', 'monday')
                keep departures.dep_delay > 15
                  scan departures

A year has 8,760 hours, and converting one costs as much as adding up twenty rows. The rows are looked at twice only where that
is cheap (a table or a Parquet file, not a query that somebody wrote), and only where most of them stay: of the few that have
one carrier each is converted where it stands.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from decisionlayer.frozen import replace
from decisionlayer.plan import operations
from decisionlayer.plan.nodes import (
    PERIODS,
    Aggregate,
    Cells,
    Cover,
    Derived,
    Expand,
    Join,
    Keep,
    MatchEvents,
    Output,
    Present,
    Readings,
    Rows,
    Scan,
    SemiJoin,
    over_rows,
)
from decisionlayer.plan.rules.walking import above_rows, alias_of, is_matched, joins_of, kept, reading, span
from decisionlayer.resolve.language.functions import DATE_PARTS
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name, conjunction, names, transform, walk
from decisionlayer.resolve.language.types import INTEGER, DataType
from decisionlayer.resolve.model import DataFile, SqlText

_CONVERTS = frozenset({operations.WALL, operations.POINT, operations.FIRST_POINT})
_LOOKED_UP = _CONVERTS | {operations.PERIOD_DAY, operations.PERIOD_POINT, *DATE_PARTS}

#: A range of a few days holds so few readings that looking for them takes longer than converting them.
_SHORT = dt.timedelta(days=3)


def read_clocks_once(root: Present) -> Present:
    """Clocks of whole hours are converted between zones once for each reading."""
    return above_rows(root, _aggregate)


def _aggregate(cells: Cells) -> Cells:
    if not isinstance(cells, Aggregate):
        return cells
    scan = over_rows(cells.input)
    if isinstance(scan, Derived) or is_matched(cells.input):
        return cells
    if isinstance(scan.relation, SqlText) or (isinstance(scan.relation, DataFile) and scan.relation.is_text):
        return cells
    if any(_leaves_few(part) for part in kept(cells.input)):
        return cells
    for column in scan.hourly:
        ends = span(kept(cells.input), Name((scan.alias, column)))
        if ends is None or ends[1] - ends[0] > _SHORT:
            cells = _looked_up(cells, scan, column)
    return cells


def _looked_up(cells: Aggregate, scan: Scan, column: str) -> Aggregate:
    """Return the aggregate with what it converts of one clock looked up; itself when it converts nothing."""
    clock = Name((scan.alias, column))
    alias = _unlike("clock", {PERIODS, *_aliases(cells.input)})
    found: dict[Expr, Output] = {}

    def put_in(node: Expr) -> Expr | None:
        if not isinstance(node, Call) or node.function not in _LOOKED_UP or set(names(node)) != {clock}:
            return None
        if not any(isinstance(inner, Call) and inner.function in _CONVERTS for inner in walk(node)):
            return None
        if node not in found:
            name = _unlike(_named(node), {column.casefold(), *(each.name.casefold() for each in found.values())})
            found[node] = Output(name, _type(node), node)
        return Name((alias, found[node].name))

    def change(expr: Expr) -> Expr:
        return transform(expr, put_in)

    made = reading(cells, change)
    if not found:
        return cells
    own = [part for part in kept(made.input) if {name.parts[0] for name in names(part)} <= {scan.alias}]
    what = (alias, clock, tuple(found.values()), conjunction(tuple(own)))
    return replace(made, input=_placed(made.input, lambda below: Readings(below, *what), alias))


def _placed(rows: Rows, put: Callable[[Rows], Rows], alias: str) -> Rows:
    """Put the lookup as high as what reads it allows: below it rows have left, and joins have had their say."""
    if isinstance(rows, Scan | Derived) or not _reads(rows, alias):
        return put(rows)
    return replace(rows, input=_placed(rows.input, put, alias))


def _reads(rows: Rows, alias: str) -> bool:
    """Whether a node, or one below it, reads what is looked up."""
    match rows:
        case Scan() | Derived():
            return False
        case Keep():
            read: tuple[Expr, ...] = (rows.condition,)
        case Join() | SemiJoin() | Expand():
            read = rows.reads()
        case Cover():
            read = (rows.period,)
        case Readings() | MatchEvents():
            read = ()
    return any(name.parts[0] == alias for expr in read for name in names(expr)) or _reads(rows.input, alias)


def _leaves_few(condition: Expr) -> bool:
    """Whether a condition looks as if few rows held it: one value of many, or no value."""
    match condition:
        case Call(function="=" | "in" | "like" | "is_null"):
            return True
        case Call(function="or", arguments=parts):
            return all(_leaves_few(part) for part in parts)
        case _:
            return False


def _aliases(rows: Rows) -> set[str]:
    return {over_rows(rows).alias, *(alias_of(join) for join in joins_of(rows))}


def _named(node: Call) -> str:
    """Return what a looked-up column is called: its period, or the part of time that it is."""
    match node.function:
        case operations.PERIOD_DAY:
            said = node.arguments[1]
        case operations.PERIOD_POINT:
            said = node.arguments[2]
        case function:
            return function
    return str(said.value) if isinstance(said, Literal) else node.function


def _type(node: Call) -> DataType:
    return operations.GIVES.get(node.function, INTEGER)


def _unlike(name: str, taken: set[str]) -> str:
    folded = {each.casefold() for each in taken}
    number, candidate = 1, name
    while candidate.casefold() in folded:
        number += 1
        candidate = f"{name}_{number}"
    return candidate
