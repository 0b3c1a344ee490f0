"""Targets: what was promised for exactly the rows and the time of a cell, looked up level by level."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import TypeAlias

from decisionlayer.resolve.language.printing import canonical
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name, transform
from decisionlayer.resolve.model import Model, Target
from tests.reference.language import Value, exact

#: Settles a path: two spellings of one way are one.
Settle: TypeAlias = Callable[[str], str]
#: What one condition says: the value that a path has, or a text for any other.
Condition: TypeAlias = tuple[str, Value] | str


def promised(model: Model, metric: str, kept: Expr | None, splits: Mapping[str, Value], is_its_time: Callable[[Target], bool], settle: Settle) -> Value:
    """Return the first level that was promised of a metric for what ``kept`` keeps, of one value for each split; NULL for none."""
    asked = {one for part in parts_of(kept) for one in [said(part, settle)]}
    cell = asked | {(settle(path), value) for path, value in splits.items()}
    for target in model.targets.values():
        if target.metric == metric and is_its_time(target):
            for where, value in levels(target):
                wanted = {said(part, settle) for condition in where for part in parts_of(condition)}
                if wanted == cell and len(asked) + len(splits) == len(wanted):
                    return Fraction(value)
    return None


def levels(target: Target) -> Iterator[tuple[tuple[Expr | None, ...], Fraction]]:
    yield (target.where,), Fraction(target.value)
    for part in target.parts:
        yield (target.where, part.where), Fraction(part.value)


def parts_of(condition: Expr | None) -> list[Expr]:
    """Return what holds all at once in a condition."""
    if isinstance(condition, Call) and condition.function == "and":
        return [each for part in condition.arguments for each in parts_of(part)]
    return [] if condition is None else [condition]


def said(part: Expr, settle: Settle) -> Condition:
    match part:
        case Call(function="=", arguments=(Name() as name, Literal(value=value))) | Call(function="=", arguments=(Literal(value=value), Name() as name)):
            return settle(name.text), exact(value)
        case Call(function="is_null", arguments=(Name() as name,)):
            return settle(name.text), None
    settled = transform(part, lambda node: Name(tuple(settle(node.text).split("."))) if isinstance(node, Name) else None)
    return str(canonical(settled))
