"""What a column's values are already, and which aggregates that rules out: DL006, DL101, DL103, DL104; rounding: DL110."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from decisionlayer.resolve.language.functions import QUANTILES
from decisionlayer.resolve.language.problems import Problem
from decisionlayer.resolve.language.tree import Aggregate, Call, Case, Expr, Literal, Name, names, walk
from decisionlayer.resolve.model import SourceColumn

#: Functions that hand on a value of the same nature as their arguments.
_HANDS_ON = frozenset({"+", "-", "negate", "coalesce", "nullif", "least", "greatest", "abs", "round", "floor", "ceil"})
_ROUNDS = frozenset({"round", "floor", "ceil"})
#: Aggregates that make one value out of many rows, as if each row stood for itself.
_POOLS = frozenset({"sum", "avg", *QUANTILES})

_SPOKEN = {"sum": "sum", "avg": "average", "min": "smallest", "max": "greatest", "quantile": "quantile", "quantile_disc": "quantile"}


def stored_problems(expr: Expr, column: Callable[[tuple[str, ...]], SourceColumn | None]) -> Iterator[Problem]:
    """Yield a problem for each aggregate over a column whose values cannot be aggregated so; ``column`` finds it by its path."""
    for node in walk(expr):
        if not isinstance(node, Aggregate) or node.argument is None:
            continue
        handed = {name.parts for name in _handed_on(node.argument)}
        for name in dict.fromkeys(names(node.argument)):
            found = column(name.parts)
            if found is None or found.holds == "amount":
                continue
            problem = _problem(node, name, found.holds, is_bare=name.parts in handed)
            if problem is not None:
                yield problem


def _handed_on(expr: Expr) -> Iterator[Name]:
    """Yield the names whose own value comes out of ``expr``: an average times a count is a total, and no average any more."""
    match expr:
        case Name():
            yield expr
        case Call(function=function, arguments=arguments) if function in _HANDS_ON:
            for argument in arguments:
                yield from _handed_on(argument)
        case Call(function="*", arguments=(left, right)) if not names(left) or not names(right):
            yield from _handed_on(left)
            yield from _handed_on(right)
        case Call(function="/", arguments=(above, below)) if not names(below):
            yield from _handed_on(above)
        case Case():
            for _, then in expr.branches:
                yield from _handed_on(then)
            if expr.otherwise is not None:
                yield from _handed_on(expr.otherwise)
        case _:
            return


def _problem(node: Aggregate, name: Name, holds: str, *, is_bare: bool) -> Problem | None:
    column, does = f"`{name.text}`", _SPOKEN.get(node.function, node.function)
    pools = node.function in _POOLS and is_bare
    match holds:
        case "average" if pools:
            return Problem(
                "average-of-averages",
                f"{column} holds averages, and their {does} is not the {does} of the rows behind them",
                node.span,
                f"divide the total by the count that it was made from, or weigh it: `sum({name.text} * …) / sum(…)`",
            )
        case "ratio" if pools:
            return Problem(
                "stored-ratio",
                f"{column} holds ratios, and their {does} is not the ratio of the whole",
                node.span,
                "take its numerator and its denominator: `sum(…) / sum(…)`",
            )
        case "distinct" if node.function == "sum":
            return Problem(
                "distinct-summed",
                f"{column} holds counts of different things, and the same thing may be in several of them",
                node.span,
                "count over the rows themselves: `count(distinct …)`",
            )
        case "quantile" if node.function not in ("count", "count_distinct"):
            return Problem(
                "rebuilt-quantile",
                f"{column} holds quantiles, and no {does} of them is a quantile of the whole",
                node.span,
                "take it from the rows themselves: `quantile(…, …)`",
            )
        case _:
            return None


# -- rounding -----------------------------------------------------------------------------------------------------------


def rounding_problems(expr: Expr, is_rounded: Callable[[Name], bool]) -> Iterator[Problem]:
    """Yield a problem where rounded values are added; ``is_rounded`` says which named metrics are rounded already."""
    help = "round once, where it is printed: write `digits:` on the metric"
    for node in walk(expr):
        if isinstance(node, Aggregate) and node.function in ("sum", "avg") and node.argument is not None:
            if ends_rounded(node.argument, lambda _: False):
                yield Problem(
                    "rounded-before-adding",
                    f"each row is rounded before the {_SPOKEN[node.function]} is taken",
                    node.span,
                    help,
                )
        elif isinstance(node, Call) and node.function in ("+", "-"):
            rounded = [argument for argument in node.arguments if ends_rounded(argument, is_rounded)]
            if rounded and not any(isinstance(argument, Literal) for argument in node.arguments):
                what = f"`{rounded[0].text}` is" if isinstance(rounded[0], Name) else "one part is"
                does = "added" if node.function == "+" else "subtracted"
                yield Problem("rounded-before-adding", f"{what} rounded before it is {does}", node.span, help)


def ends_rounded(expr: Expr, is_rounded: Callable[[Name], bool]) -> bool:
    """Say whether what comes out of ``expr`` was rounded: by itself, or in a part that it only hands on or multiplies."""
    match expr:
        case Name():
            return is_rounded(expr)
        case Call(function=function) if function in _ROUNDS:
            return True
        case Call(function=function, arguments=arguments) if function in _HANDS_ON or function == "*":
            return any(ends_rounded(argument, is_rounded) for argument in arguments)
        case Call(function="/", arguments=(above, _)):
            return ends_rounded(above, is_rounded)
        case Case():
            results = [then for _, then in expr.branches]
            if expr.otherwise is not None:
                results.append(expr.otherwise)
            return any(ends_rounded(result, is_rounded) for result in results)
        case _:
            return False
