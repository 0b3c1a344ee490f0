"""Trees → text for people (``text_of``), and trees → the stable form that fingerprints are taken of (``canonical``).

The text reads back to an equal tree, with the fewest parentheses. The canonical form is equal for exactly these:
spaces; the case of keywords and functions; parentheses that say nothing; the order under ``+ * and or``; ``<>`` and
``!=``; a number's last zeros after the point (``0.50``, ``0.5``); and spellings that the parser reads as others (the
table in ``functions.py``). Nothing else is: not ``a > b`` and ``b < a``, not ``15`` and ``15.0`` (one is a whole number).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import TypeAlias, assert_never

from decisionlayer.resolve.language.lexer import RESERVED
from decisionlayer.resolve.language.operands import ADD, AND, CONCAT, MULTIPLY, NOT, OR, PREDICATE, SIGN
from decisionlayer.resolve.language.problems import said
from decisionlayer.resolve.language.tree import Aggregate, Call, Case, Expr, Literal, Name, Param, Value

#: Nested tuples of text: JSON writes them in one way only.
Canonical: TypeAlias = "str | tuple[Canonical, ...]"

_ATOM = SIGN + 1
_BINARY = {"+": ADD, "-": ADD, "*": MULTIPLY, "/": MULTIPLY}
_COMPARED = frozenset({"=", "<>", "<", "<=", ">", ">=", "like"})
_JOINED = {"or": (" or ", OR), "and": (" and ", AND), "concat": (" || ", CONCAT)}
_ANY_ORDER = frozenset({"+", "*", "and", "or"})
#: Quoted although the parser could read most of them bare: ``count(distinct - 1)`` would not be a difference.
_QUOTED = RESERVED | {"distinct"}
_PLAIN = re.compile(r"[^\W\d]\w*\Z")


def text_of(expr: Expr) -> str:
    """Return ``expr`` as people would write it: keywords small, one space, the fewest parentheses.

    >>> from decisionlayer.resolve.language import parse_filter
    >>> text_of(parse_filter("NOT((A+b)*2>=3)  or c Not In('x')").expr)
    "not (A + b) * 2 >= 3 or c not in ('x')"
    """
    return _spelled(expr)[0]


def shown(expr: Expr) -> str:
    """Return an expression as messages show it: a name as it is, anything else in backticks, cut where it is long."""
    text = text_of(expr)
    return text if isinstance(expr, Name) else said(text, most=40)


def _spelled(expr: Expr) -> tuple[str, int]:
    """Return the text and how tightly its outermost operator binds."""
    match expr:
        case Literal():
            text = _value(expr.value)
            return text, SIGN if text.startswith("-") else _ATOM
        case Name():
            return name_text(expr), _ATOM
        case Param():
            return f":{expr.name}", _ATOM
        case Call():
            return _call(expr)
        case Case():
            branches = " ".join([f"when {text_of(when)} then {text_of(then)}" for when, then in expr.branches])
            otherwise = "" if expr.otherwise is None else f" else {text_of(expr.otherwise)}"
            return f"case {branches}{otherwise} end", _ATOM
        case Aggregate():
            return _aggregate(expr), _ATOM
        case _:
            assert_never(expr)


def _call(expr: Call) -> tuple[str, int]:
    function, arguments = expr.function, expr.arguments
    if function in _JOINED:
        between, binds = _JOINED[function]
        return between.join([_within(argument, binds) for argument in arguments]), binds
    if function in _BINARY:
        binds = _BINARY[function]
        return f"{_within(arguments[0], binds)} {function} {_within(arguments[1], binds + 1)}", binds
    if function in _COMPARED:
        return f"{_within(arguments[0], CONCAT)} {function} {_within(arguments[1], CONCAT)}", PREDICATE
    match function:
        case "not":
            inner = arguments[0]
            if isinstance(inner, Call) and inner.function in ("is_null", "in", "like"):
                return _test(inner, "not "), PREDICATE
            return f"not {_within(inner, NOT)}", NOT
        case "is_null" | "in":
            return _test(expr, ""), PREDICATE
        case "negate":
            return f"-{_within(arguments[0], _ATOM)}", SIGN
        case "to_date" | "period_start" | "per" | "total":
            # Periods and paths are held as texts, so that every name in a formula is a metric's.
            words = [str(word.value) if isinstance(word, Literal) else text_of(word) for word in arguments[1:]]
            return f"{function}({', '.join([text_of(arguments[0]), *words])})", _ATOM
        case _:
            return f"{function}({_listed(arguments)})", _ATOM


def _test(expr: Call, negated: str) -> str:
    subject = _within(expr.arguments[0], CONCAT)
    if expr.function == "is_null":
        return f"{subject} is {negated}null"
    if expr.function == "like":
        return f"{subject} {negated}like {_within(expr.arguments[1], CONCAT)}"
    return f"{subject} {negated}in ({_listed(expr.arguments[1:])})"


def _aggregate(expr: Aggregate) -> str:
    inside = "*" if expr.argument is None else text_of(expr.argument)
    name = expr.function
    if name == "count_distinct":
        text = f"count(distinct {inside})"
    elif expr.quantile is None:
        text = f"{name}({inside})"
    elif expr.quantile == Decimal("0.5") and name == "quantile":
        text = f"median({inside})"
    else:
        text = f"{name}({inside}, {_value(expr.quantile)})"
    return text if expr.where is None else f"{text} filter (where {text_of(expr.where)})"


def _listed(items: Iterable[Expr]) -> str:
    return ", ".join([text_of(item) for item in items])


def _within(expr: Expr, tightest: int) -> str:
    text, binds = _spelled(expr)
    return text if binds >= tightest else f"({text})"


def name_text(name: Name) -> str:
    """Return a name with its dots, quoted where the language could not read it bare."""
    parts = []
    for part in name.parts:
        bare = _PLAIN.match(part) and part.lower() not in _QUOTED
        doubled = part.replace('"', '""')
        parts.append(part if bare else f'"{doubled}"')
    return ".".join(parts)


def _value(value: Value) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            return _decimal(value)
        case str():
            doubled = value.replace("'", "''")
            return f"'{doubled}'"
        case dt.datetime():
            return f"timestamp '{value.isoformat(sep=' ')}'"
        case dt.date():
            return f"date '{value.isoformat()}'"
        case _:
            assert_never(value)


def _decimal(value: Decimal) -> str:
    """Return a decimal by its value, written out, with at least one digit after the point."""
    whole, _, broken = f"{value:f}".partition(".")
    return f"{whole}.{broken.rstrip('0') or '0'}"


def canonical(expr: Expr) -> Canonical:
    """Return the form of ``expr`` that fingerprints are taken of: nested tuples of text, without positions.

    >>> from decisionlayer.resolve.language import parse_filter
    >>> canonical(parse_filter("b <> 1 AND (a)").expr)
    ('and', ('<>', ('name', 'b'), ('integer', '1')), ('name', 'a'))
    """
    match expr:
        case Literal():
            return _constant(expr.value)
        case Name():
            return ("name", *expr.parts)
        case Param():
            return ("parameter", expr.name)
        case Call() if expr.function in _ANY_ORDER:
            parts = [canonical(part) for part in _opened(expr)]
            return (expr.function, *sorted(parts, key=ascii))
        case Call():
            return (expr.function, *[canonical(argument) for argument in expr.arguments])
        case Case():
            branches = [(canonical(when), canonical(then)) for when, then in expr.branches]
            return ("case", *branches, () if expr.otherwise is None else canonical(expr.otherwise))
        case Aggregate():
            argument = () if expr.argument is None else canonical(expr.argument)
            where = () if expr.where is None else canonical(expr.where)
            q = () if expr.quantile is None else _constant(expr.quantile)
            return ("aggregate", expr.function, argument, where, q)
        case _:
            assert_never(expr)


def _opened(expr: Call) -> list[Expr]:
    """Return the operands of a chain of one operator, however its parentheses stood, from left to right."""
    operands: list[Expr] = []
    waiting: list[Expr] = [expr]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Call) and node.function == expr.function:
            waiting += reversed(node.arguments)
        else:
            operands.append(node)
    return operands


def _constant(value: Value) -> Canonical:
    match value:
        case None:
            return ("null",)
        case bool():
            return ("boolean", "true" if value else "false")
        case int():
            return ("integer", str(value))
        case Decimal():
            return ("decimal", _decimal(value))
        case str():
            return ("text", value)
        case dt.datetime() if value.tzinfo is not None:
            return ("instant", value.astimezone(dt.UTC).isoformat())
        case dt.datetime():
            return ("timestamp", value.isoformat())
        case dt.date():
            return ("date", value.isoformat())
        case _:
            assert_never(value)
