"""A step that is used once is written where it is used.

::

    before: compute  cost_per_seat = late_cost / seats      after: compute  cost_per_seat = late * 74 / seats
              compute  late_cost = late * 74,  seats
"""

from __future__ import annotations

from collections import Counter

from decisionlayer.frozen import replace
from decisionlayer.plan.nodes import Cells, Compute, Output, Present
from decisionlayer.plan.rules.walking import above_rows
from decisionlayer.plan.shape import fields
from decisionlayer.resolve.language.tree import Expr, Literal, Name, children, names, transform

#: How deep an expression may grow by this, so that a long chain of formulas stays readable, for people and for parsers.
DEEPEST = 24


def fuse_computes(root: Present) -> Present:
    """Columns that are used once are written into what uses them; steps that only pass on vanish."""
    return above_rows(root, _fused)


def _fused(cells: Cells) -> Cells:
    if not isinstance(cells, Compute) or not isinstance(cells.input, Compute):
        return cells
    lower = cells.input
    if cells.where is not None or lower.where is not None:
        return cells  # what is left out is left out where it was said
    used = Counter(name.text for column in cells.columns for name in names(column.expr))
    inside = {column.name: column.expr for column in lower.columns if _may_move(column, used[column.name])}
    columns = tuple(
        replace(column, expr=transform(column.expr, lambda node: _written(node, inside))) for column in cells.columns
    )
    if any(_depth(column.expr) > DEEPEST for column in columns):
        return cells
    needed = dict.fromkeys(name.text for column in columns for name in names(column.expr))
    defined = {column.name: column for column in lower.columns if column.name not in inside}
    if not any(name in defined for name in needed):
        return _fused(Compute(lower.input, cells.keys, columns))
    types = {field.name: field.type for field in fields(lower.input)}
    keys = {key.name for key in lower.keys}  # they pass through by themselves
    kept = tuple(
        defined[name] if name in defined else Output(name, types[name], Name((name,))) for name in sorted(needed) if name not in keys
    )
    below = _fused(Compute(lower.input, lower.keys, kept))
    return Compute(below, cells.keys, columns)


def _may_move(column: Output, uses: int) -> bool:
    return isinstance(column.expr, Name | Literal) or uses <= 1


def _written(node: Expr, inside: dict[str, Expr]) -> Expr | None:
    return inside.get(node.text) if isinstance(node, Name) else None


def _depth(expr: Expr) -> int:
    return 1 + max((_depth(child) for child in children(expr)), default=0)
