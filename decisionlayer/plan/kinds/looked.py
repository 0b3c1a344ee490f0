"""A measure in another cell: the same value over other columns, and what its absence means there.

In a cell of the past that has no rows a measure is absent, as anywhere: a count is 0, a sum takes it for nothing. A cell that
lies wholly outside the data is missing: its value is NULL whatever the measure, and no sum swallows it. ``known`` tells the
two apart.
"""

from __future__ import annotations

from collections.abc import Mapping

from decisionlayer.frozen import replace
from decisionlayer.plan.kinds.formula import Keep, Null, Value, evaluate
from decisionlayer.resolve.language.tree import Aggregate, Call, Case, Expr, Literal, Name, transform


def looked(value: Value, names: Mapping[str, str], known: str | None, rows: int, *, hides: bool = False) -> Value:
    """Return the value over the columns ``names``; ``known`` is the column that says whether the cell touches the data.

    ``rows`` numbers the rows that are read, which are not those of the cell. ``hides`` says that ``known`` may be false of a cell
    with rows.
    """

    def renamed(node: Expr) -> Expr | None:
        return Name((names[node.text],)) if isinstance(node, Name) and node.text in names else None

    atoms = frozenset(replace(atom, column=names.get(atom.column, atom.column), rows=rows, known=known) for atom in value.atoms)
    expr = transform(value.expr, renamed)
    if known is None:
        return Value(expr, atoms, value.null)
    if value.is_strict and not hides:
        return Value(expr, atoms, Null.implied)
    return Value(Case(((Name((known,)), expr),), None), atoms, Null.outside if value.null is Null.never else Null.unknown)


def share_of_past(change: Expr, past: Expr) -> Expr:
    """Return a change as a fraction of the past; NULL unless the past is above zero, where a percentage means nothing."""
    return Case(((Call(">", (past, Literal(0))), Call("/", (change, past))),), None)


def change_of(now: Value, then: Value, keep: Keep) -> Value:
    """Return the difference of a value and another cell's, as a formula would give it."""

    def side(name: Name | Aggregate) -> Value:
        return now if name == _NOW else then

    return evaluate(Call("-", (_NOW, _THEN)), side, keep)


_NOW, _THEN = Name(("now",)), Name(("then",))
