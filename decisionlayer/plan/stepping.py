"""Columns worked out step by step, so that what several of them are made of is written once.

What a look makes of an interval names its ends several times, and a calendar's arithmetic names its day again: written into one
another, three looks are a million characters. Here every part that is long and stands in several places is a column of its own.

::

    columns: first = f(g(h(month))), last = k(g(h(month)))

    steps:   part_1 = g(h(month))
    columns: first = f(part_1), last = k(part_1)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from decisionlayer.frozen import replace
from decisionlayer.plan import operations
from decisionlayer.plan.bases import Fresh
from decisionlayer.plan.nodes import Output
from decisionlayer.plan.types import type_of
from decisionlayer.resolve.language.tree import Call, Case, Expr, Name, children, walk
from decisionlayer.resolve.language.types import DataType

#: From how many nodes on a part has a column of its own; a shorter one is easier to read where it stands.
LONG = 40

#: Columns, each step's over those before.
Steps = tuple[tuple[Output, ...], ...]


def stepped(
    columns: Iterable[Output], types: Mapping[str, DataType], expanded: Callable[[Expr], Expr], fresh: Fresh, called: str,
) -> tuple[Steps, tuple[Output, ...]]:
    """Return steps, and ``columns`` over what stands before them and over these; none where no long part stands twice.

    ``types`` are those of the names that columns are over, ``expanded`` writes out what a calendar moves, and parts are ``called`` so.
    Equal parts are one, wherever they stand; each is looked at once, however often it does.
    """
    asked = tuple(columns)
    parts = _Parts(expanded)
    roots = [parts.number(each.expr) for each in asked]
    named = parts.named(roots)
    names: dict[int, str] = {}
    for root, each in zip(roots, asked, strict=True):
        if root in named:
            names.setdefault(root, each.name)
    for number in sorted(named - names.keys()):
        names[number] = fresh(called)
    written = parts.written(names)
    known = dict(types)
    steps: dict[int, list[Output]] = {}
    for number in sorted(named):  # a part is numbered after those that it is made of
        expr, step = written[number]
        known[names[number]] = type_of(expr, lambda name: known[name.text])
        steps.setdefault(step, []).append(Output(names[number], known[names[number]], expr))
    shown = (
        replace(each, expr=Name((names[root],)) if root in named else written[root][0]) for root, each in zip(roots, asked, strict=True)
    )
    return tuple(tuple(steps[step]) for step in sorted(steps)), tuple(shown)


class _Parts:
    """The different parts of some expressions, numbered from the leaves up: equal ones have one number."""

    def __init__(self, expanded: Callable[[Expr], Expr]) -> None:
        self.expanded = expanded
        self.exprs: list[Expr] = []
        self.inside: list[tuple[int, ...]] = []
        self._known: dict[object, int] = {}
        self._seen: dict[int, int] = {}
        self._lengths: dict[tuple[Expr, ...], int] = {}

    def number(self, expr: Expr) -> int:
        """Return the number of a part; one that is the same object is not read again."""
        found = self._seen.get(id(expr))
        if found is None:
            inside = tuple(self.number(each) for each in children(expr))
            same = self._shape(expr), inside
            found = self._known.get(same)
            if found is None:
                found = self._known[same] = len(self.exprs)
                self.exprs.append(expr)
                self.inside.append(inside)
            self._seen[id(expr)] = found
        return found

    def _shape(self, expr: Expr) -> object:
        """Return what tells a part from others with the same inside."""
        match expr:
            case Call():
                return expr.function
            case Case():
                return len(expr.branches), expr.otherwise is None
            case _:
                return expr

    def named(self, roots: Iterable[int]) -> frozenset[int]:
        """Return the parts that are long and stand in several places."""
        places = [0] * len(self.exprs)
        for number in (*roots, *(below for inside in self.inside for below in inside)):
            places[number] += 1
        found: set[int] = set()
        lengths: list[int] = []
        bound: list[bool] = []
        for number, inside in enumerate(self.inside):
            expr = self.exprs[number]
            lengths.append(self._own_length(expr) + sum(1 if below in found else lengths[below] for below in inside))
            # What stands within a `let` may be made of what that names.
            bound.append((isinstance(expr, Call) and expr.function == operations.IT) or any(bound[below] for below in inside))
            if places[number] > 1 and lengths[number] >= LONG and not bound[number]:
                found.add(number)
        return frozenset(found)

    def _own_length(self, expr: Expr) -> int:
        """Return how many nodes a part is without its inside; what a calendar moves is many, once it is written out."""
        if not isinstance(expr, Call) or expr.function != operations.LATER:
            return 1
        by = expr.arguments[1:]
        if by not in self._lengths:
            self._lengths[by] = sum(1 for _ in walk(self.expanded(replace(expr, arguments=(Name(("day",)), *by)))))
        return self._lengths[by]

    def written(self, names: Mapping[int, str]) -> list[tuple[Expr, int]]:
        """Return each part over the columns that others have, written out, and in which step these are known."""
        found: list[tuple[Expr, int]] = []
        for number, inside in enumerate(self.inside):
            below = [(Name((names[each],)), found[each][1] + 1) if each in names else found[each] for each in inside]
            expr = _over(self.exprs[number], [part for part, _ in below])
            moves = isinstance(expr, Call) and expr.function == operations.LATER
            found.append((self.expanded(expr) if moves else expr, max((step for _, step in below), default=0)))
        return found


def _over(expr: Expr, inside: list[Expr]) -> Expr:
    """Return ``expr`` with other nodes directly below it."""
    if all(new is old for new, old in zip(inside, children(expr), strict=True)):
        return expr
    match expr:
        case Call():
            return replace(expr, arguments=tuple(inside))
        case Case():
            pairs = tuple(zip(inside[: 2 * len(expr.branches) : 2], inside[1 : 2 * len(expr.branches) : 2], strict=True))
            return replace(expr, branches=pairs, otherwise=None if expr.otherwise is None else inside[-1])
        case _:
            raise LookupError(f"nothing stands below {expr!r}")
