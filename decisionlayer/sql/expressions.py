"""Expressions of a plan as SQL text, with the fewest parentheses, and the type that the engine gives each.

Two things are made safe on the way. Whole numbers in a table may be narrow (a SMALLINT times a SMALLINT overflows), so
arithmetic over columns widens its first one. Division is floating, whatever a session's settings say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import assert_never

from decisionlayer.frozen import replace
from decisionlayer.plan import operations
from decisionlayer.plan.nodes import State
from decisionlayer.plan.types import type_of
from decisionlayer.resolve.language.functions import DATE_PARTS, FUNCTIONS, Gives
from decisionlayer.resolve.language.tree import Aggregate, Call, Case, Expr, Literal, Name, Param, walk
from decisionlayer.resolve.language.types import FLOAT, INTEGER, DataType, Kind
from decisionlayer.sql import digits, functions, text_cases
from decisionlayer.sql.dialects import Dialect
from decisionlayer.sql.functions import ADD, ATOM, NOT, SIGN, Text
from decisionlayer.sql.naming import literal
from decisionlayer.sql.select import verbatim
from decisionlayer.sql.statement import Bound

#: What a whole number that is written out is to the engine: whatever fits beside it.
_ANY_INTEGER = "whole number"


class Speller:
    """Spells the expressions of one SELECT.

    ``name`` writes a column and ``type`` gives its declared type; ``physical`` is what the engine gives it where that is
    known, else empty. ``parameter`` gives what stands for a parameter; without it, its name.
    """

    def __init__(
        self,
        dialect: Dialect,
        *,
        name: Callable[[Name], Text],
        type: Callable[[Name], DataType],
        physical: Callable[[Name], str],
        parameter: Callable[[str], Text] = lambda name: Text(f"${name}"),
    ) -> None:
        self.dialect = dialect
        self.name = name
        self.type = type
        self.physical_name = physical
        self.parameter = parameter

    # text

    def text(self, expr: Expr) -> Text:
        """Return the SQL of an expression."""
        match expr:
            case Literal():
                return written_out(expr.value)
            case Name():
                return self.name(expr)
            case Param():
                return self.parameter(expr.name)
            case Case():
                return self._case(expr)
            case Call():
                return self._call(expr)
            case Aggregate():
                raise LookupError("aggregates are states of a plan, not expressions")
            case _:
                assert_never(expr)

    def condition(self, expr: Expr, *, beside: bool = False) -> tuple[str, ...]:
        """Return a condition as the lines that are joined by AND, also with lines of others that stand ``beside`` it."""
        if isinstance(expr, Call) and expr.function == "and":
            return tuple(self.text(part).within(functions.NOT) for part in _flat(expr))
        return (self.text(expr).within(functions.NOT) if beside else self.text(expr).sql,)

    def filter_over_groups(self, expr: Expr) -> tuple[str, ...]:
        """Return a condition over a step's columns as lines; what DuckDB 2.0 may answer with NULL kept is asked to be true."""
        lines = []
        expr = text_cases.guarded(expr, self.type)
        for part in dict.fromkeys(_flat(expr)):
            text = self.text(part).within(functions.NOT)
            lines.append(f"({self.text(part).sql}) IS TRUE" if text_cases.compares_texts(part, self.type) else text)
        return tuple(lines) if len(lines) > 1 or lines[0].endswith("IS TRUE") else (self.text(expr).sql,)

    def _case(self, expr: Case) -> Text:
        results = self._alike([_not_by_zero(*branch) for branch in expr.branches] + ([] if expr.otherwise is None else [expr.otherwise]))
        whens = (self.text(when).sql for when, _ in expr.branches)
        branches = " ".join(f"WHEN {when} THEN {then.sql}" for when, then in zip(whens, results, strict=False))
        otherwise = "" if expr.otherwise is None else f" ELSE {results[-1].sql}"
        return Text(f"CASE {branches}{otherwise} END")

    def _alike(self, parts: Sequence[Expr]) -> tuple[Text, ...]:
        """Return the texts of what may stand for each other, with all their digits."""
        wanted = digits.lengthened(parts, self.type)
        return tuple(self.text(part) if to is None else self.cast(self.text(part), to) for part, to in zip(parts, wanted, strict=True))

    def _call(self, call: Call) -> Text:
        match call.function:
            case operations.CAST:
                return self.cast(self.text(call.arguments[0]), operations.cast_type(call))
            case "not":
                return self._not(call.arguments[0])
            case "+" | "-" | "*" | "negate":
                return functions.DUCKDB[call.function](call, self._wide(call))
            case "/":
                above, below = (self.text(argument) for argument in call.arguments[:2])
                if self.physical(call.arguments[0]) != "DOUBLE":
                    above = self.cast(above, FLOAT)
                return functions.DUCKDB["/"](call, (above, below))
            case _:
                spread = text_cases.spread(call, self.type)
                if spread is not call:
                    return self.text(spread)
                spelling = functions.DUCKDB[call.function]
                if call.function in digits.CHOOSING:
                    return spelling(call, self._alike(call.arguments))
                return spelling(call, tuple(self.text(argument) for argument in call.arguments))

    def cast(self, text: Text, to: DataType) -> Text:
        """Return a text as a type."""
        return Text(f"CAST({text.sql} AS {self.dialect.type(to)})")

    def _not(self, inner: Expr) -> Text:
        if isinstance(inner, Call):
            inner = text_cases.spread(inner, self.type)
        if isinstance(inner, Call) and inner.function in ("is_null", "in", "like"):
            return functions.NEGATED_TESTS(inner, tuple(self.text(argument) for argument in inner.arguments))
        return Text(f"NOT {self.text(inner).within(NOT + 1)}", NOT)

    def _wide(self, call: Call) -> tuple[Text, ...]:
        """Return the arguments of whole-number arithmetic with one of them as wide as sums are."""
        texts = [self.text(argument) for argument in call.arguments]
        types = [type_of(argument, self.type).kind for argument in call.arguments]
        if any(kind is not Kind.integer for kind in types) or any(self._is_wide(each) for each in call.arguments):
            return tuple(texts)
        for position, argument in enumerate(call.arguments):
            if not isinstance(argument, Literal):
                texts[position] = self.cast(texts[position], INTEGER)
                break
        return tuple(texts)

    def _is_wide(self, expr: Expr) -> bool:
        if isinstance(expr, Call) and expr.function in ("+", "-", "*", "negate"):
            return not all(isinstance(argument, Literal) for argument in expr.arguments)
        return self.physical(expr) in ("BIGINT", "HUGEINT")

    # physical types

    def physical(self, expr: Expr) -> str:
        """Return the type that the engine gives an expression, empty where that hangs on what a table holds."""
        match expr:
            case Literal():
                return _physical_value(expr.value)
            case Name():
                return self.physical_name(expr)
            case Param():
                return ""
            case Case():
                results = [then for _, then in expr.branches] + ([] if expr.otherwise is None else [expr.otherwise])
                return self._common(results)
            case Call():
                return self._physical_call(expr)
            case Aggregate():
                return ""
            case _:
                assert_never(expr)

    def _physical_call(self, call: Call) -> str:
        match call.function:
            case operations.CAST:
                return self.dialect.type(operations.cast_type(call))
            case "+" | "-" | "*" | "negate":
                found = self._common(call.arguments)
                if found or type_of(call, self.type).kind is not Kind.integer:
                    return found if found != _ANY_INTEGER else ""
                return "BIGINT" if self._columns_only(call) else ""
            case "coalesce":
                return self._common(call.arguments)
            case "nullif" | "abs":
                return self.physical(call.arguments[0])
            case "/" | "ln" | "exp" | "sqrt" | "power":
                return "DOUBLE"
            case "length":
                return "BIGINT"
            case "round" | "floor" | "ceil":
                return "DOUBLE" if self.physical(call.arguments[0]) == "DOUBLE" else ""
            case part if part in DATE_PARTS:
                return "BIGINT"
            case operations.PICK:
                return ""
            case stops if stops in operations.STOPS:
                return self.physical(call.arguments[0])
            case operation if operation in operations.GIVES:
                return self.dialect.type(operations.GIVES[operation])
            case known:
                return _BY_RULE.get(FUNCTIONS[known].gives, "")

    def _columns_only(self, call: Call) -> bool:
        """Whether every column below is of at most 64 bits, so that arithmetic over it, widened, is too."""
        for argument in call.arguments:
            if isinstance(argument, Call) and argument.function in ("+", "-", "*", "negate"):
                if not self._columns_only(argument):
                    return False
            elif not isinstance(argument, Name | Literal) or self.physical(argument) == "HUGEINT":
                return False
        return True

    def _common(self, parts: tuple[Expr, ...] | list[Expr]) -> str:
        found = {self.physical(part) for part in parts if not (isinstance(part, Literal) and part.value is None)}
        if "" in found or not found:
            return ""
        found.discard(_ANY_INTEGER)
        if not found:
            return _ANY_INTEGER
        if len(found) == 1:
            return found.pop()
        if "DOUBLE" in found and found <= {"DOUBLE", "BIGINT", "HUGEINT"}:
            return "DOUBLE"
        return "HUGEINT" if found == {"BIGINT", "HUGEINT"} else ""

    # aggregates

    def state(self, state: State, *, has_filter: bool) -> Text:
        """Return an aggregate; without ``has_filter`` its own filter becomes a CASE around what it takes."""
        if state.weight is not None:
            return self._weighted(state, state.weight, has_filter=has_filter)
        argument = None if state.argument is None else self.text(state.argument)
        where = None if state.where is None else " AND ".join(self.condition(state.where))
        # An engine may compute what an aggregate takes before it filters; what stops it may be in rows that do not count.
        is_guarded = state.argument is not None and any(_stops(node) for node in walk(state.argument))
        if where is not None and (is_guarded or not has_filter):
            argument = Text(f"CASE WHEN {where} THEN {'1' if argument is None else argument.sql} END")
            where = None
        inside = "*" if argument is None else argument.sql
        match state.function:
            case "count_distinct":
                text = f"COUNT(DISTINCT {inside})"
            case "quantile":
                assert state.quantile is not None
                number = argument if state.argument is not None and self.physical(state.argument) == "DOUBLE" else None
                # Over decimals the engine would cut the result to their digits.
                inside = inside if number is not None else f"CAST({inside} AS DOUBLE)"
                text = f"QUANTILE_CONT({inside}, {self.text(state.quantile).sql})"
            case "quantile_disc":
                assert state.quantile is not None
                text = f"QUANTILE_DISC({inside}, {self.text(state.quantile).sql})"
            case name:
                text = f"{name.upper()}({inside})"
        return Text(text if where is None else f"{text} FILTER (WHERE {where})")

    def _weighted(self, state: State, weight: Expr, *, has_filter: bool) -> Text:
        """Return a sum or a count to which each row gives its share; a count of nothing stays 0."""
        given = weight
        if state.argument is not None and state.function == "count":
            given = Case(((Call("not", (Call("is_null", (state.argument,)),)), weight),), None)
        elif state.argument is not None:
            given = Call("*", (operations.cast(state.argument, FLOAT), weight))
        text = self.state(replace(state, function="sum", argument=given, weight=None), has_filter=has_filter)
        return Text(f"COALESCE({text.sql}, 0)") if state.function == "count" else text

    def physical_state(self, state: State) -> str:
        """Return the type that the engine gives an aggregate, empty where that hangs on what a table holds."""
        if state.weight is not None:
            return "DOUBLE"
        match state.function:
            case "count" | "count_distinct":
                return "BIGINT"
            case "quantile":
                return "DOUBLE"
            case "sum":
                return self._physical_sum(state)
            case _:
                return "" if state.argument is None else self.physical(state.argument)

    def _physical_sum(self, state: State) -> str:
        kind = DataType(Kind.unknown) if state.argument is None else type_of(state.argument, self.type)
        match kind.kind:
            case Kind.integer:
                return "HUGEINT"
            case Kind.decimal:
                return f"DECIMAL(38, {kind.scale})"
            case Kind.float:
                return "DOUBLE"
            case _:
                return ""


def written_out(value: Bound) -> Text:
    """Return a value as a literal."""
    text = verbatim(literal(value))
    return Text(text, SIGN if text.startswith("-") else ATOM)


def _not_by_zero(when: Expr, then: Expr) -> Expr:
    """Return what holds where a number is above 0, a division by just that number marked as one that is not by zero."""
    match when, then:
        case Call(function=">", arguments=(above, Literal(value=0))), Call(function="/", arguments=(_, below)) if below == above:
            return replace(then, arguments=(*then.arguments, Literal(value=True)))
        case _:
            return then


def _stops(node: Expr) -> bool:
    return isinstance(node, Call) and node.function in operations.STOPS


def _flat(expr: Expr) -> tuple[Expr, ...]:
    if isinstance(expr, Call) and expr.function == "and":
        return tuple(inner for part in expr.arguments for inner in _flat(part))
    return (expr,)


_BY_RULE = {Gives.condition: "BOOLEAN", Gives.text: "VARCHAR"}


def _physical_value(value: Bound) -> str:
    match value:
        case bool():
            return "BOOLEAN"
        case int():
            return _ANY_INTEGER
        case str():
            return "VARCHAR"
        case dt.date() if not isinstance(value, dt.datetime):
            return "DATE"
        case _:
            return ""


def trusted(type: DataType) -> str:
    """Return the engine's name for a declared type where a column of it can be of no other; numbers come in many widths."""
    return {
        Kind.boolean: "BOOLEAN", Kind.text: "VARCHAR", Kind.date: "DATE", Kind.timestamp: "TIMESTAMP",
        Kind.instant: "TIMESTAMP WITH TIME ZONE",
    }.get(type.kind, "")  # fmt: skip


__all__ = ["ADD", "Speller", "trusted"]
