"""What every measure of a pass asks of its rows is asked once, before they are counted.

::

    before: aggregate  late = sum(dep_delay) filter (year = 2013 and dep_delay > 15)
                       flights = count(*) filter (year = 2013)
              keep (year = 2013 and dep_delay > 15) or year = 2013
    after:  aggregate  late = sum(dep_delay) filter (dep_delay > 15)
                       flights = count(*)
              keep year = 2013

Rows that are kept satisfy each part of the condition, so no state needs to ask for it again.
"""

from __future__ import annotations

from decisionlayer.frozen import replace
from decisionlayer.plan.nodes import Aggregate, Cells, Keep, Present, State
from decisionlayer.plan.rules.walking import above_rows, conjuncts
from decisionlayer.resolve.language.functions import COMPARISONS
from decisionlayer.resolve.language.tree import Call, Expr, Name, conjunction

#: What holds of no value that is NULL.
_COMPARING = frozenset({*COMPARISONS, "like"})


def lift_filters(root: Present) -> Present:
    """What all states of a pass have in common becomes the filter of its rows."""
    return above_rows(root, _aggregate)


def _aggregate(cells: Cells) -> Cells:
    if not isinstance(cells, Aggregate) or not isinstance(cells.input, Keep):
        return cells
    kept = tuple(dict.fromkeys(part for each in conjuncts(cells.input.condition) for part in _factored(each)))
    states = tuple(_without(state, frozenset(kept)) for state in cells.states)
    if not cells.keys:
        # One row comes out in any case, so rows that no state counts need not be told apart.
        kept = tuple(part for part in kept if not _is_implied(part, states))
    condition = conjunction(kept)
    rows = cells.input.input
    return replace(cells, input=rows if condition is None else Keep(rows, condition), states=states)


def _factored(condition: Expr) -> tuple[Expr, ...]:
    """Return ``(a and b) or (a and c)`` as ``a`` and ``b or c``; ``a`` alone where one side has nothing else.

    So does ``x > 15 or x is not null`` become ``x is not null``: what is compared is there.
    """
    if not isinstance(condition, Call) or condition.function != "or":
        return (condition,)
    sides = [conjuncts(side) for side in condition.arguments]
    asked = dict.fromkeys(part for side in sides for part in side)
    common = tuple(part for part in asked if all(_says(side, part) for side in sides))
    if not common:
        return (condition,)
    rests = [conjunction(tuple(part for part in side if part not in common)) for side in sides]
    if None in rests:
        return common
    unique = tuple(dict.fromkeys(rest for rest in rests if rest is not None))
    return (*common, unique[0] if len(unique) == 1 else Call("or", unique))


def _says(side: tuple[Expr, ...], part: Expr) -> bool:
    """Whether one side holds only where ``part`` does: it asks for it, or compares what has to be there."""
    match part:
        case Call(function="not", arguments=(Call(function="is_null", arguments=(Name() as name,)),)):
            return part in side or any(_compares(each, name) for each in side)
        case _:
            return part in side


def _without(state: State, kept: frozenset[Expr]) -> State:
    if state.where is None:
        return state
    return replace(state, where=conjunction(tuple(part for part in conjuncts(state.where) if part not in kept)))


def _is_implied(condition: Expr, states: tuple[State, ...]) -> bool:
    """Whether every state asks for one side of the condition itself."""
    if not isinstance(condition, Call) or condition.function != "or":
        return False
    sides = [set(conjuncts(side)) for side in condition.arguments]
    return all(any(side <= set(conjuncts(state.where)) for side in sides) for state in states)


def _compares(condition: Expr, name: Name) -> bool:
    match condition:
        case Call(function="in", arguments=(first, *_)):
            return first == name  # one of many may be NULL, and another the one
        case Call(function=function, arguments=arguments):
            return function in _COMPARING and name in arguments
        case _:
            return False
