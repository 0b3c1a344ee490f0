"""What was promised for each cell: a target stands beside a number where it is for the same rows and the same time, else nowhere.

::

    targets of held_rate, July to September        question: by team, site = 'Harbour', the third quarter

    rows                              level        team    held_rate   held_rate__target
    site = 'Harbour'                  0.72         Alpha   0.55        0.60
    site = 'Harbour', team = 'Alpha'  0.60         Beta    0.75        0.76
    site = 'Harbour', team = 'Beta'   0.76         Gamma   0.71        –

A cell is what the question's filter keeps, of one value for each split, in one period. A target fits it when its own conditions
are these and no others, and when its first and last day are those of the period, as far as the question's range leaves it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal

from decisionlayer.frozen import dataclass
from decisionlayer.plan.bind.bound import Split
from decisionlayer.plan.bind.periods import is_plain
from decisionlayer.plan.bind.ranges import Range, begins, read_range
from decisionlayer.plan.bind.timing import finest_period
from decisionlayer.plan.bind.tree import Node, Tree
from decisionlayer.plan.query import Parameter
from decisionlayer.plan.rules.walking import conjuncts
from decisionlayer.resolve.frames.timeunits import is_below_a_day
from decisionlayer.resolve.language.printing import canonical, text_of
from decisionlayer.resolve.language.tree import Call, Case, Expr, Literal, Name, Param, conjunction, transform
from decisionlayer.resolve.language.types import FLOAT, DataType
from decisionlayer.resolve.model import Model, Target
from decisionlayer.resolve.reach.paths import Paths

#: The word under which a question asks for what was promised.
TARGET = "target"


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised for the cells of a metric, as an expression over the groups; ``type`` is that of its column."""

    expr: Expr
    type: DataType


class Promises:
    """The targets that are for cells of one question: its splits, what its filter keeps, and its range."""

    def __init__(
        self, model: Model, splits: tuple[Split, ...], where: Expr | None, params: Mapping[str, Parameter], range: Range
    ) -> None:
        self.model = model
        self.paths = Paths.of(model)
        self.splits = tuple(split for split in splits if split.period is None)
        periods = [split for split in splits if split.period is not None]
        finest = finest_period((split.period for split in periods if split.period is not None), model.project.almanac)
        self.period = next((split for split in periods if split.period is finest and finest is not None), None)
        #: Periods that do not follow from one another are no time that anybody promised something for.
        self.is_timed = bool(periods)
        self.kept = conjuncts(_with_values(where, params))
        self.range = range

    def of(self, tree: Tree) -> dict[str, Promise]:
        """Return what was promised for each asked metric; NULL everywhere where nothing was."""
        return {root.metric.name: self._promise(root, tree.under(root)) for root in tree.roots}

    def notes(self, promised: Iterable[str]) -> tuple[str, ...]:
        """Return a note for each metric that has targets, and none for these cells."""
        own: dict[str, Target] = {}
        for target in self.model.targets.values():
            own.setdefault(target.metric, target)
        return tuple(
            f"no target of {metric} is for these rows and this time: {own[metric].name} is for {_said(own[metric])}"
            if metric in own
            else f"{metric} has no target"
            for metric in promised
        )

    def _promise(self, root: Node, leaves: Iterable[Node]) -> Promise:
        sources = tuple(dict.fromkeys(leaf.rows_are_of for leaf in leaves))
        branches: list[tuple[Expr, Expr]] = []
        for target in self.model.targets.values():
            if target.metric == root.metric.name:
                levels = [(target.where, target.value)]
                levels += [(conjunction(_both(target.where, part.where)), part.value) for part in target.parts]
                for where, value in levels:
                    fits = self._fits(target, where, sources)
                    if fits is not None:
                        branches.append((fits, Literal(value)))
        whole = all(isinstance(value, Literal) and _is_whole(value.value) for _, value in branches)
        type = root.metric.type if whole else FLOAT
        if not branches:
            return Promise(Literal(None), type)
        if branches[0][0] == _ALWAYS:
            return Promise(branches[0][1], type)
        return Promise(Case(tuple(branches), None), type)

    def _fits(self, target: Target, where: Expr | None, sources: tuple[str, ...]) -> Expr | None:
        """Return when a cell is what the target is for, over the groups; None for never."""
        time = self._when(target)
        if time is None:
            return None
        wanted = {canonical(self._settled(part, sources)): part for part in conjuncts(where)}
        for part in self.kept:
            if wanted.pop(canonical(self._settled(part, sources)), None) is None:
                return None
        columns = {self._path((split.asked.split(".")), sources): split.column for split in self.splits}
        conditions = list(time)
        for part in wanted.values():
            column = columns.pop(self._chosen_path(part, sources), None)
            if column is None:
                return None
            conditions.append(_over(column, part))
        return None if columns else conjunction(tuple(conditions)) or _ALWAYS

    def _when(self, target: Target) -> tuple[Expr, ...] | None:
        """Return when the period of a cell is that of the target; None for never."""
        own = read_range(target.start, target.end, self.model.project, [])
        if own.start is None or own.end is None:
            return None
        if not self.is_timed:
            return () if self._is_asked(own) else None
        period = None if self.period is None else self.period.period
        if self.period is None or period is None or period.unit is None or period.clock is not None or not is_plain(period.unit):
            return None
        unit, project = period.unit, self.model.project
        starts, ends = own.start.wall, own.end.wall
        first = begins(starts, unit, project)
        if is_below_a_day(unit) or begins(ends - dt.timedelta(microseconds=1), unit, project) != first:
            return None
        # the period as far as the range leaves it
        low, high = (None if edge is None else edge.wall for edge in (self.range.start, self.range.end))
        if (low is not None and low > starts) or (high is not None and high < ends):
            return None
        if (low != starts and first != starts) or (high != ends and begins(ends, unit, project) != ends):
            return None
        return (Call("=", (Name((self.period.column,)), Literal(first.date()))),)

    def _is_asked(self, own: Range) -> bool:
        asked = self.range
        if asked.start is None or asked.end is None or own.start is None or own.end is None:
            return False
        return (asked.start.wall, asked.end.wall) == (own.start.wall, own.end.wall)

    def _settled(self, part: Expr, sources: tuple[str, ...]) -> Expr:
        """Return a condition with each path as it is walked, and its value last: two spellings of one are one."""
        match part:
            case Call(function="=", arguments=(Literal() as value, Name() as name)):
                part = Call("=", (name, value))
        return transform(part, lambda node: Name(self._path(node.parts, sources)) if isinstance(node, Name) else None)

    def _path(self, parts: Iterable[str], sources: tuple[str, ...]) -> tuple[str, ...]:
        asked = tuple(parts)
        route = next((found for source in sources if (found := self.paths.bind(source, asked)) is not None), None)
        return asked if route is None else tuple(route.path.split("."))

    def _chosen_path(self, part: Expr, sources: tuple[str, ...]) -> tuple[str, ...]:
        """Return the path of which a condition chooses one value; no path for any other condition."""
        match part:
            case Call(function="=", arguments=(Name(parts=parts), Literal()) | (Literal(), Name(parts=parts))):
                return self._path(parts, sources)
            case Call(function="is_null", arguments=(Name(parts=parts),)):
                return self._path(parts, sources)
            case _:
                return ()


#: The condition of a target that is for every cell of the question.
_ALWAYS = Literal(True)


def _both(one: Expr | None, other: Expr) -> tuple[Expr, ...]:
    return (other,) if one is None else (one, other)


def _over(column: str, part: Expr) -> Expr:
    return transform(part, lambda node: Name((column,)) if isinstance(node, Name) else None)


def _with_values(where: Expr | None, params: Mapping[str, Parameter]) -> Expr | None:
    if where is None:
        return None

    def of(node: Expr) -> Expr | None:
        value = params.get(node.name) if isinstance(node, Param) else None
        return Literal(value) if isinstance(value, str | int | Decimal) else None

    return transform(where, of)


def _is_whole(value: object) -> bool:
    return isinstance(value, Decimal) and value == value.to_integral_value()


def _said(target: Target) -> str:
    rows = "all rows" if target.where is None else text_of(target.where)
    return f"{rows}, {target.start} to {target.end}"
