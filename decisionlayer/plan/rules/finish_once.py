"""Levels that are finished in the same way are finished together: each column is worked out once, over the rows of all.

::

    before: stack                                  after: compute  basket = revenue / orders
              compute  basket = revenue / orders            stack
                cells by month                                cells by month
              compute  basket = revenue / orders              cells by year
                cells by year

Ten metrics beside their past are some eighty columns in four steps, and a database plans every one of them for each part of a
question: with months, quarters and years that was three times the work of the answer itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan.nodes import LEVEL, Cells, Compute, Field, Output, Present, Stack
from decisionlayer.plan.shape import fields, grain
from decisionlayer.resolve.language.tree import Call, Case, Expr, Literal, Name, Param, children


def finish_once(root: Present) -> Present:
    """Levels that are finished in the same way are finished together."""
    stack = root.input
    if not isinstance(stack, Stack):
        return root
    parts = [_part(cells, level) for cells, level in stack.inputs]
    finished: dict[int, tuple[_Part, list[tuple[_Part, dict[str, str]]]]] = {}
    waiting = sorted(parts, key=lambda part: -len(part.leaves))  # what tells most columns apart can stand for what tells fewer
    while waiting:
        first = waiting.pop(0)
        told = _told(first, stack)
        alike = [
            (other, names) for other in waiting
            if _told(other, stack) == told and (names := _named(first, other, stack.columns)) is not None
        ]  # fmt: skip
        own = _named(first, first, stack.columns)
        if not alike or own is None or not first.chain:
            continue
        finished[id(first)] = (first, [(first, own), *alike])
        waiting = [part for part in waiting if all(part is not other for other, _ in alike)]
    if not finished:
        return root
    made = {id(first): _together(first, members, stack) for first, members in finished.values()}
    taken = {id(member) for first, members in finished.values() for member, _ in members if member is not first}
    kept = [part for part in parts if id(part) not in taken]
    if len(kept) == 1:
        whole = replace(root, input=made[id(kept[0])])
        # What a period is called follows from it within a level, and from nothing once the levels are one.
        return whole if grain(whole) == grain(root) else root
    inputs = tuple((made[id(part)], None) if id(part) in made else (part.cells, part.level) for part in kept)
    return replace(root, input=replace(stack, inputs=inputs, families=()))


@dataclass(frozen=True, slots=True)
class _Part:
    """One result of the stack: the steps that finish it, the last one first, and what they start from."""

    cells: Cells
    level: str | None
    chain: tuple[Compute, ...]
    steps: tuple[dict[str, Output], ...]
    base: Cells
    leaves: dict[str, Field]
    keys: frozenset[str]

    def source(self, name: str, step: int) -> tuple[int, Output | Field]:
        """Return where a column comes from: the step that works it out, or the column of the base that is passed on."""
        while step < len(self.steps):
            column = self.steps[step].get(name)
            if column is not None and not isinstance(column.expr, Name):
                return step, column
            if column is not None and isinstance(column.expr, Name):
                name = column.expr.text
            step += 1
        return step, self.leaves[name]


def _part(cells: Cells, level: str | None) -> _Part:
    chain: list[Compute] = []
    base = cells
    while isinstance(base, Compute) and base.where is None:
        chain.append(base)
        base = base.input
    steps = tuple({column.name: column for column in each.columns} for each in chain)
    leaves = {field.name: field for field in fields(base)}
    return _Part(cells, level, tuple(chain), steps, base, leaves, frozenset(grain(base)))


def _told(part: _Part, stack: Stack) -> set[str]:
    """Return the keys that a part works out of its own: the quarter of a month is a key of what is by quarters, and here it is none."""
    return {key.name for key in stack.keys if key.name not in part.keys and any(key.name in step for step in part.steps)}


class _Matching:
    """Whether one part is worked out as another is: the same expressions over columns that only bear other names."""

    def __init__(self, first: _Part, other: _Part) -> None:
        self.first = first
        self.other = other
        self.names: dict[str, str] = {}
        self.seen: set[tuple[int, str, int, str]] = set()

    def columns(self, one: str, other: str, at: int = 0, beside: int = 0) -> bool:
        """Whether two columns are the same; ``at`` and ``beside`` are the steps that read them."""
        place, mine = self.first.source(one, at)
        there, theirs = self.other.source(other, beside)
        if mine.type != theirs.type:
            return False
        found = (place, mine.name, there, theirs.name)
        if found in self.seen:
            return True
        if isinstance(mine, Field) or isinstance(theirs, Field):
            same = isinstance(mine, Field) and isinstance(theirs, Field) and self._leaves(mine.name, theirs.name)
        else:
            same = self._expressions(mine.expr, theirs.expr, place + 1, there + 1)
        if same:
            self.seen.add(found)
        return same

    def _leaves(self, mine: str, theirs: str) -> bool:
        if mine in self.first.keys or theirs in self.other.keys:
            return mine == theirs and mine in self.first.keys and theirs in self.other.keys
        return self.names.setdefault(mine, theirs) == theirs

    def _expressions(self, mine: Expr, theirs: Expr, at: int, beside: int) -> bool:
        match mine, theirs:
            case Name(), Name():
                return self.columns(mine.text, theirs.text, at, beside)
            case (Literal(), Literal()) | (Param(), Param()):
                return mine == theirs
            case Call(), Call():
                same = mine.function == theirs.function
            case Case(), Case():
                same = (len(mine.branches), mine.otherwise is None) == (len(theirs.branches), theirs.otherwise is None)
            case _:
                return False
        pairs = (children(mine), children(theirs))
        return same and len(pairs[0]) == len(pairs[1]) and all(
            self._expressions(one, other, at, beside) for one, other in zip(*pairs, strict=True)
        )


def _named(first: _Part, other: _Part, shown: Iterable[Field]) -> dict[str, str] | None:
    """Return under which name the other part has each column that the first starts from; None where it is finished otherwise."""
    matching = _Matching(first, other)
    return matching.names if all(matching.columns(field.name, field.name) for field in shown) else None


def _together(first: _Part, members: list[tuple[_Part, dict[str, str]]], stack: Stack) -> Cells:
    """Return the parts stacked as they are before they are finished, and the steps of the first over all of them."""
    # A step may compute what no shown column needs; it is computed no more.
    needed = tuple(sorted(members[0][1]))
    inputs = tuple((_under_names(part, names, needed), part.level) for part, names in members)
    shared = tuple(key for key in stack.keys if key == LEVEL or any(key.name in part.keys for part, _ in members))
    cells: Cells = Stack(inputs, shared, tuple(first.leaves[name] for name in needed))
    keys = {field.name for field in shared}
    there = {*needed, *keys}
    for each in reversed(first.chain):
        columns = tuple(
            column for column in each.columns
            if all(name.text in there for name in _read(column.expr))
        )  # fmt: skip
        cells = Compute(cells, shared, columns)
        there = {*keys, *(column.name for column in columns)}
    return cells


def _read(expr: Expr) -> tuple[Name, ...]:
    return (expr,) if isinstance(expr, Name) else tuple(name for child in children(expr) for name in _read(child))


def _under_names(part: _Part, names: dict[str, str], needed: tuple[str, ...]) -> Cells:
    """Return what a part starts from with its columns under the names that the first part has for them."""
    if all(names[name] == name for name in needed):
        return part.base
    keys = tuple(part.leaves[key] for key in grain(part.base))
    return Compute(part.base, keys, tuple(Output(name, part.leaves[names[name]].type, Name((names[name],))) for name in needed))
