"""Defined: a metric whose definition changed, each cell under the one that was in force when what it reads began.

Each definition counts only rows of its own time, so in a cell every other one has none: what is absent under the definition of the
cell is absent under all.
"""

from __future__ import annotations

from collections.abc import Iterable

from decisionlayer.frozen import replace
from decisionlayer.plan.kinds.formula import NULL, Keep, Null, Value
from decisionlayer.resolve.language.tree import Call, Case, Expr, Name

#: From the least to the most that a NULL may mean.
_LOOSER = (Null.absent, Null.implied, Null.unknown)


def defined(values: Iterable[Value], from_: Iterable[Expr], keep: Keep) -> Value:
    """Return the value of a cell: of ``values``, newest definition first, the first whose condition in ``from_`` holds.

    One condition less than values: the oldest definition takes what is left. As many: before the first day the number is
    missing, which is not absent: no sum swallows it.
    """
    values, conditions = tuple(values), tuple(from_)
    branches = tuple((condition, value.expr) for condition, value in zip(conditions, values, strict=False))
    is_bound = len(conditions) == len(values)
    expr = Case(branches, None if is_bound else values[-1].expr) if branches else values[-1].expr
    atoms = frozenset(atom for value in values for atom in value.atoms)
    nulls = {value.null for value in values}
    if is_bound:
        known = keep(conditions[-1])
        assert isinstance(known, Name)
        atoms |= {replace(atom, known=known.text) for atom in atoms}
        null = Null.unknown
    elif nulls == {Null.never}:
        null = Null.never
    elif nulls & {Null.never, Null.outside}:
        null = Null.unknown
    else:
        null = max(nulls, key=_LOOSER.index)
    return Value(expr, atoms, null)


def unbroken(change: Expr, crossed: Iterable[tuple[Expr, Expr]]) -> Expr:
    """Return a change, NULL where a break lies between: ``crossed`` says for each break that a cell and the other lie after it."""
    for now, then in crossed:
        change = Case(((Call("and", (now, Call("not", (then,)))), NULL),), change)
    return change
