"""Comparisons of a text that a CASE gives, written so that DuckDB 2.0 answers them rightly.

Where the statistics of a table say that a text CASE can only be one text or NULL, the optimizer loses the NULL: ``case when n >
1000 then 'dear' end in ('dear', 'steep')`` in WHERE keeps every row, and where it can only be NULL, comparing it fails outright.
The same comparison inside each branch is answered rightly, and means the same.

::

    before: CASE WHEN n > 1000 THEN 'dear' END IN ('dear', 'steep')
    after:  CASE WHEN n > 1000 THEN 'dear' IN ('dear', 'steep') END

A CASE whose every result is written out, ``else`` included, is left as it is: it is never NULL.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from decisionlayer.plan.types import Lookup, type_of
from decisionlayer.resolve.language.functions import COMPARISONS, FUNCTIONS, Nulls
from decisionlayer.resolve.language.tree import Call, Case, Expr, Literal, Param, walk
from decisionlayer.resolve.language.types import Kind

#: What compares texts.
COMPARING = frozenset({*COMPARISONS, "in", "like"})

#: The most branches that a comparison is spread over; beyond it is left as it is.
MOST = 64


def spread(call: Call, lookup: Lookup) -> Expr:
    """Return a comparison with every doubtful text CASE in it outside of it; ``lookup`` gives the type of a name."""
    if call.function not in COMPARING:
        return call

    def is_doubtful(case: Case) -> bool:
        results = [then for _, then in case.branches] + ([] if case.otherwise is None else [case.otherwise])
        if type_of(case, lookup).kind not in (Kind.text, Kind.unknown):
            return False
        return case.otherwise is None or not all(isinstance(each, Literal) and each.value is not None for each in results)

    return _spread(call, is_doubtful)


def compares_texts(condition: Expr, lookup: Lookup) -> bool:
    """Whether a condition has ``in`` or ``like`` over a text: what loses NULL when it is a filter over groups."""
    return any(
        isinstance(node, Call)
        and node.function in ("in", "like")
        and type_of(node.arguments[0], lookup).kind in (Kind.text, Kind.unknown)
        for node in walk(condition)
    )


def guarded(condition: Expr, lookup: Lookup) -> Expr:
    """Return a filter over groups that asks of each text whether it is known before it is compared.

    There the CASE lies in the step before, out of reach of ``spread``: ``price <> 'p'`` fails where no row of the table is dear,
    ``price IS NOT NULL AND price <> 'p'`` does not. For a filter both mean the same.
    """
    match condition:
        case Call(function="and" | "or", arguments=parts):
            return Call(condition.function, tuple(guarded(part, lookup) for part in parts))
        case Call(function="not", arguments=(Call() as inner,)) if inner.function in COMPARISONS:
            compared = inner.arguments
        case Call() if condition.function in COMPARISONS:
            compared = condition.arguments
        case _:
            return condition
    if type_of(compared[0], lookup).kind is not Kind.text and type_of(compared[1], lookup).kind is not Kind.text:
        return condition
    doubtful = [each for each in compared if not isinstance(each, Literal | Param)]
    for each in reversed(doubtful):
        condition = Call("and", (Call("not", (Call("is_null", (each,)),)), condition))
    return condition


def _spread(call: Call, is_doubtful: Callable[[Case], bool]) -> Expr:
    arguments = tuple(_lifted(argument, is_doubtful) for argument in call.arguments)
    cases = [position for position, each in enumerate(arguments) if isinstance(each, Case) and is_doubtful(each)]
    if not cases or prod(len(_results(arguments[position])) for position in cases) > MOST:
        return call
    first = arguments[cases[0]]
    assert isinstance(first, Case)

    def inside(result: Expr) -> Expr:
        return _spread(Call(call.function, (*arguments[: cases[0]], result, *arguments[cases[0] + 1 :])), is_doubtful)

    branches = tuple((when, inside(then)) for when, then in first.branches)
    if first.otherwise is not None:
        return Case(branches, inside(first.otherwise))
    is_strict = FUNCTIONS[call.function].nulls in (Nulls.spread, Nulls.undefined) or (call.function == "in" and cases[0] == 0)
    return Case(branches, None if is_strict else inside(Literal(None)))


def _lifted(expr: Expr, is_doubtful: Callable[[Case], bool]) -> Expr:
    """Return what is compared with its CASE on the outside: ``coalesce(case … end, 'x')`` as a CASE of coalesces."""
    if isinstance(expr, Call) and expr.function in FUNCTIONS and expr.function not in COMPARING:
        return _spread(expr, is_doubtful)
    return expr


def _results(expr: Expr) -> tuple[Expr, ...]:
    assert isinstance(expr, Case)
    return (*(then for _, then in expr.branches), expr.otherwise or Literal(None))
