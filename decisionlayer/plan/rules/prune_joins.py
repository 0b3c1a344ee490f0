"""A join that nothing reads vanishes: it is many-to-one and keeps every row, so without it nothing changes.

::

    before: aggregate by carrier = departures.carrier       after: aggregate by carrier = departures.carrier
              join carriers on departures.carrier                    scan departures
                scan departures
"""

from __future__ import annotations

from decisionlayer.frozen import replace
from decisionlayer.plan.nodes import Aggregate, Cells, Derived, Expand, Instants, Join, Present, Rows, Scan, SemiJoin
from decisionlayer.plan.rules.walking import above_rows, alias_of, expressions, joins_of
from decisionlayer.resolve.language.tree import names


def prune_joins(root: Present) -> Present:
    """Joins whose columns nobody reads are left out."""
    return above_rows(root, _aggregate)


def _aggregate(cells: Cells) -> Cells:
    if not isinstance(cells, Aggregate | Instants):
        return cells
    read = {name.parts[0] for expr in expressions(cells) for name in names(expr)}
    for join in joins_of(cells.input):  # the last first, so that what only it needs is known before its own turn comes
        if isinstance(join, Expand) or alias_of(join) in read:
            read |= {name.parts[0] for expr in join.reads() for name in names(expr)}
    rows = _without(cells.input, read)
    return cells if rows is cells.input else replace(cells, input=rows)


def _without(rows: Rows, read: set[str]) -> Rows:
    if isinstance(rows, Scan | Derived):
        return rows
    below = _without(rows.input, read)
    if isinstance(rows, Join | SemiJoin) and alias_of(rows) not in read:
        return below
    return rows if below is rows.input else replace(rows, input=below)
