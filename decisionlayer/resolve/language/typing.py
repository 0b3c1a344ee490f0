"""The type of an expression, what does not fit together, and texts that stand for days beside dates, made into days.

Unknown types pass everywhere: nothing is said about a column whose type nobody declared. Types are never converted in
silence: text is no number and a number no condition. The one exception is a written text beside a date or time, as in
``flight_date >= '2013-01-01'``, which becomes a date (``settle``); what cannot be read as one is refused.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import assert_never

from decisionlayer.frozen import dataclass, replace
from decisionlayer.resolve.language import type_rules
from decisionlayer.resolve.language.functions import AGGREGATES, FUNCTIONS, METRIC_FUNCTIONS, Function, Gives, Takes
from decisionlayer.resolve.language.moments import TIMES, moment
from decisionlayer.resolve.language.printing import shown, text_of
from decisionlayer.resolve.language.problems import Problem, brief
from decisionlayer.resolve.language.tree import Aggregate, Call, Case, Expr, Literal, Name, Param, Span, children
from decisionlayer.resolve.language.types import BOOLEAN, FLOAT, INTEGER, TEXT, UNKNOWN, DataType, Kind

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")


@dataclass(frozen=True, slots=True)
class Typed:
    """An expression with its days made into days, its type (unknown for a bare NULL), and what is wrong with it."""

    expr: Expr
    type: DataType
    problems: tuple[Problem, ...] = ()


def type_of(expr: Expr, lookup: Callable[[Name], DataType | None]) -> tuple[DataType, tuple[Problem, ...]]:
    """Return the type of ``expr`` and everything in it that does not fit; a name that ``lookup`` lacks is unknown.

    Division gives a float, sums of whole numbers stay whole, sums of ``decimal(p, s)`` are ``decimal(38, s)``.
    """
    typed = check(expr, lookup)
    return typed.type, typed.problems


def settle(expr: Expr, lookup: Callable[[Name], DataType | None], zone: dt.tzinfo | None = None) -> Expr:
    """Return ``expr`` with each text that stands beside a date or time as a typed literal, if it can be read as one."""
    return check(expr, lookup, zone).expr


def check(expr: Expr, lookup: Callable[[Name], DataType | None], zone: dt.tzinfo | None = None) -> Typed:
    """Return type, problems and settled tree in one pass.

    ``zone`` is where a written day or time without a zone counts when it stands beside an instant; without it such a
    comparison is refused.
    """
    checking = _Checking(lookup, zone)
    settled, found = checking.node(expr)
    return Typed(settled, found or UNKNOWN, tuple(dict.fromkeys(checking.problems)) if checking.problems else ())


def check_filter(expr: Expr, lookup: Callable[[Name], DataType | None], zone: dt.tzinfo | None = None) -> Typed:
    """Return the same as ``check``, with a problem when the whole is no condition: ``dep_delay`` filters nothing."""
    typed = check(expr, lookup, zone)
    if typed.type in (BOOLEAN, UNKNOWN) or typed.problems:
        return typed
    message = f"{shown(expr)} is {_word(typed.type)}, and a filter is a condition"
    problem = Problem("wrong-argument", message, expr.span, "Compare it with something, as in dep_delay > 15.")
    return replace(typed, problems=(problem,))


_WORDS = {
    Kind.boolean: "a condition",
    Kind.integer: "a whole number",
    Kind.decimal: "a decimal",
    Kind.float: "a number",
    Kind.text: "a text",
    Kind.date: "a date",
    Kind.timestamp: "a timestamp",
    Kind.instant: "an instant",
    Kind.unknown: "of unknown type",
}
_PLURAL = {
    Takes.number: "numbers",
    Takes.text: "texts",
    Takes.pattern: "texts",
    Takes.condition: "conditions",
    Takes.time: "dates and timestamps",
    Takes.clock: "timestamps",
    Takes.ordered: "what has an order",
}
_SIGNS = {"negate": "-", "concat": "||", "is_null": "is null"}


class _Checking:
    """One expression's types being found, from the leaves up; None is the type of a bare NULL, which fits all."""

    def __init__(self, lookup: Callable[[Name], DataType | None], zone: dt.tzinfo | None) -> None:
        self.lookup = lookup
        self.zone = zone
        self.problems: list[Problem] = []

    def node(self, expr: Expr) -> tuple[Expr, DataType | None]:
        """Return a node settled, and its type."""
        match expr:
            case Literal():
                return expr, type_rules.type_of_value(expr.value)
            case Param():
                return expr, UNKNOWN
            case Name():
                return expr, self.lookup(expr) or UNKNOWN
            case Call():
                return self.call(expr)
            case Case():
                return self.case(expr)
            case Aggregate():
                return self.aggregate(expr)
            case _:
                assert_never(expr)

    def nodes(self, exprs: Sequence[Expr]) -> tuple[list[Expr], list[DataType | None]]:
        """Return several nodes settled, and their types."""
        settled: list[Expr] = []
        types: list[DataType | None] = []
        for expr in exprs:
            node, found = self.node(expr)
            settled.append(node)
            types.append(found)
        return settled, types

    def case(self, expr: Case) -> tuple[Expr, DataType | None]:
        """Require conditions after ``when``, and results of one kind."""
        whens: list[Expr] = []
        results: list[Expr] = []
        types: list[DataType | None] = []
        for when, then in expr.branches:
            condition, found = self.node(when)
            self.require(Takes.condition, condition, found, "case when")
            whens.append(condition)
            result, type_ = self.node(then)
            results.append(result)
            types.append(type_)
        if expr.otherwise is not None:
            result, type_ = self.node(expr.otherwise)
            results.append(result)
            types.append(type_)
        shared = self.alike(results, types, "used for one another")
        otherwise = results.pop() if expr.otherwise is not None else None
        settled = replace(expr, branches=tuple(zip(whens, results, strict=True)), otherwise=otherwise)
        return _changed(expr, settled), shared

    def aggregate(self, expr: Aggregate) -> tuple[Expr, DataType | None]:
        """Require what the aggregate takes, and a condition in its filter."""
        row = AGGREGATES[expr.function]
        argument, found = (None, None) if expr.argument is None else self.node(expr.argument)
        where = None
        if expr.where is not None:
            where, condition = self.node(expr.where)
            self.require(Takes.condition, where, condition, "filter")
        if argument is not None:
            self.require(row.takes[0], argument, found, expr.function)
        same = argument is expr.argument and where is expr.where
        settled = expr if same else replace(expr, argument=argument, where=where)
        match row.gives:
            case Gives.total:
                return settled, type_rules.total(found)
            case Gives.first:
                return settled, found
            case Gives.integer:
                return settled, INTEGER
            case _:
                return settled, FLOAT

    def call(self, expr: Call) -> tuple[Expr, DataType | None]:
        """Require what the row says of each argument, and follow its rule for the result."""
        row = FUNCTIONS[expr.function]
        if row.name in METRIC_FUNCTIONS:  # the other arguments are periods and paths, not values
            first, found = self.node(expr.arguments[0])
            settled = _with(expr, [first, *expr.arguments[1:]])
            return settled, FLOAT if row.gives is Gives.float else found
        arguments, types = self.nodes(expr.arguments)
        shared: DataType | None = None
        if row.takes[0] in (Takes.alike, Takes.ordered):
            shared = self.matched(expr, row, arguments, types)
        else:
            for position, argument in enumerate(arguments):
                self.require(row.takes_at(position), argument, types[position], row.name)
        return _with(expr, arguments), type_rules.given(row, types, shared, _digits(arguments))

    def matched(
        self, expr: Call, row: Function, arguments: list[Expr], types: list[DataType | None]
    ) -> DataType | None:
        """Require arguments of one kind; in comparisons none that is NULL outright."""
        compares = row.gives is Gives.condition
        if compares and None in types:
            self.never(expr, arguments, types)
        shared = self.alike(arguments, types, "compared" if compares else "used for one another")
        if row.takes[0] is Takes.ordered and shared == BOOLEAN:
            self.require(Takes.ordered, arguments[0], shared, row.name)
        return shared

    def never(self, expr: Call, arguments: Sequence[Expr], types: Sequence[DataType | None]) -> None:
        """Refuse a comparison with a written NULL, which holds for no row."""
        other = next(
            (brief(text_of(part)) for part, found in zip(arguments, types, strict=True) if found is not None), "a"
        )
        if expr.function == "in":
            message, help = (
                "`null` in a list equals nothing, and `not in` such a list holds for no row",
                f"Write {other} is null",
            )
            self.wrong(message, expr.span, f"{help} or {other} in (…) without it.")
            return
        test = f"{other} is not null" if expr.function == "<>" else f"{other} is null"
        self.wrong(f"{shown(expr)} holds for no row: NULL equals nothing, not even NULL", expr.span, f"Write {test}.")

    def require(self, takes: Takes, argument: Expr, found: DataType | None, name: str) -> None:
        """Refuse an argument of a kind that the function or operator does not take."""
        if found is None or found == UNKNOWN or type_rules.accepts(takes, found.kind):
            return
        message = f"{shown(argument)} is {_word(found)}, and `{_SIGNS.get(name, name)}` takes {_PLURAL[takes]}"
        self.wrong(message, argument.span, _mend(takes, argument, found, name))

    def alike(self, parts: list[Expr], types: list[DataType | None], verb: str) -> DataType | None:
        """Return the common type of ``parts``, settling texts beside dates in place; refuse the first odd one."""
        self.settle_moments(parts, types)
        shared: DataType | None = None
        known: Expr | None = None
        for part, found in zip(parts, types, strict=True):
            if found is None or found == UNKNOWN:
                continue
            if shared is None or known is None:
                shared, known = found, part
                continue
            joined = type_rules.common(shared, found)
            if joined is None:
                message = f"{shown(known)} is {_word(shared)}, {shown(part)} {_word(found)}: they cannot be {verb}"
                self.wrong(message, part.span, _mend_odd(known, shared, part, found))
                return UNKNOWN
            shared = joined
        return UNKNOWN if UNKNOWN in types else shared

    def settle_moments(self, parts: list[Expr], types: list[DataType | None]) -> None:
        """Put a typed literal in the place of each text that stands beside a date or time."""
        kinds = [found.kind if found is not None else Kind.unknown for found in types]
        widest = next((kind for kind in reversed(TIMES) if kind in kinds), None)
        if widest is None:
            return
        beside = shown(parts[kinds.index(widest)])
        for position, part in enumerate(parts):
            if not isinstance(part, Literal):
                continue
            settled = moment(part, widest, beside, self.zone)
            if isinstance(settled, Problem):
                self.problems.append(settled)
                types[position] = UNKNOWN  # refused already
            else:
                parts[position] = settled
                types[position] = type_rules.type_of_value(settled.value)

    def wrong(self, message: str, span: Span, help: str) -> None:
        """Keep a problem; checking goes on."""
        self.problems.append(Problem("wrong-argument", message, span, help))


def _word(found: DataType) -> str:
    return _WORDS[found.kind]


def _digits(arguments: Sequence[Expr]) -> int:
    """Return how many digits after the point ``round`` keeps; none without its second argument."""
    second = arguments[1] if len(arguments) > 1 else None
    return second.value if isinstance(second, Literal) and isinstance(second.value, int) else 0


def _mend(takes: Takes, argument: Expr, found: DataType, name: str) -> str:
    """Return the smallest fix of an argument of the wrong kind."""
    if takes is Takes.number and found.kind is Kind.boolean:
        condition = brief(text_of(argument))
        return (
            f"Write count(*) filter (where {condition})." if name == "sum" else "Write case when … then 1 else 0 end."
        )
    if takes is Takes.number and found.kind in TIMES:
        return "There is no arithmetic on dates; let the source compute a column."
    if takes is Takes.number and name == "+" and found.kind is Kind.text:
        return "Texts are joined by `||`."
    if takes is Takes.number and name in AGGREGATES and found.kind is Kind.text:
        return f"Count them with count(distinct {text_of(argument)}), or let the source compute a number."
    if takes is Takes.condition and found.is_number:
        return "Compare it with something, as in a > 0."
    if takes in (Takes.time, Takes.clock) and found.kind is Kind.instant:
        return "Its parts hang on a zone: split by a period of its clock, or let the source compute a column."
    if takes is Takes.clock and found.kind is Kind.date:
        return "A date has no hours; a timestamp has."
    return ""


def _mend_odd(left: Expr, one: DataType, right: Expr, other: DataType) -> str:
    """Return the smallest fix of two values that have no type in common."""
    literal, beside = (right, one) if isinstance(right, Literal) else (left, other)
    if not isinstance(literal, Literal):
        return ""
    value = literal.value
    if isinstance(value, str) and beside.is_number and _NUMBER.match(value):
        return f"Write {brief(value)} without quotes."
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and beside == TEXT:
        return f"Write '{text_of(literal)}' in quotes."
    return ""


def _with(before: Call, arguments: Sequence[Expr]) -> Call:
    """Return the call with these arguments: as it was where none of them was settled, so that an unchanged tree is the same object."""
    for was, now in zip(before.arguments, arguments, strict=True):
        if was is not now:
            return replace(before, arguments=tuple(arguments))
    return before


def _changed(before: Case, after: Case) -> Case:
    """Return the tree as it was where nothing in it was settled."""
    return before if all(a is b for a, b in zip(children(before), children(after), strict=True)) else after
