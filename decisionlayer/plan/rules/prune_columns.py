"""Only the columns that something reads are scanned.

::

    before: scan departures (arr_delay, carrier, dep_delay, dest, distance, flight, origin, tailnum, time_hour)
    after:  scan departures (carrier, dep_delay)
"""

from __future__ import annotations

from decisionlayer.frozen import replace
from decisionlayer.plan.nodes import Aggregate, Cells, Derived, Instants, Join, MatchEvents, Present, Rows, Scan
from decisionlayer.plan.rules.walking import above_rows, alias_of, expressions, joins_of, of_rows
from decisionlayer.resolve.language.tree import names


def prune_columns(root: Present) -> Present:
    """Scans list the columns that are read, and no others."""
    return above_rows(root, _aggregate)


def _aggregate(cells: Cells) -> Cells:
    if not isinstance(cells, Aggregate | Instants):
        return cells
    read = {name.parts for expr in expressions(cells) for name in names(expr)}
    for join in joins_of(cells.input):
        read |= {name.parts for expr in join.reads() for name in names(expr)}
        read |= {(alias_of(join), column) for _, column in join.on}
    rows = _narrowed(cells.input, read)
    return cells if rows == cells.input else replace(cells, input=rows)


def _events(rows: MatchEvents) -> Rows:
    """Return the events with the columns that finding them reads."""
    read = {name.parts for expr in (*(theirs for _, theirs in rows.on), rows.event_time) for name in names(expr)}
    read |= {name.parts for expr in of_rows(rows.events) for name in names(expr)}
    for join in joins_of(rows.events):
        read |= {name.parts for expr in join.reads() for name in names(expr)}
        read |= {(alias_of(join), column) for _, column in join.on}
    return _narrowed(rows.events, read)


def _narrowed(rows: Rows, read: set[tuple[str, ...]]) -> Rows:
    match rows:
        case Scan():
            return _scan(rows, read)
        case Derived():
            return rows
        case MatchEvents():
            return replace(rows, input=_narrowed(rows.input, read), events=_events(rows))
        case Join():
            return replace(rows, input=_narrowed(rows.input, read), scan=_scan(rows.scan, read))
        case _:
            return replace(rows, input=_narrowed(rows.input, read))


def _scan(scan: Scan, read: set[tuple[str, ...]]) -> Scan:
    return replace(scan, fields=tuple(field for field in scan.fields if (scan.alias, field.name) in read))
