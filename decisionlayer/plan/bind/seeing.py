"""Seeing: what a question's splits and filters become where its measures read other cells than their own.

Every measure is counted by the asked period, or a finer one, and by the splits that its looks keep. Other periods of the
question follow from the asked one: the year from the month. A filter on a period says which cells come out, so it waits
until every cell has been read.
"""

from __future__ import annotations

from collections.abc import Iterable

from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.names import column_name
from decisionlayer.plan.bind.bound import Split
from decisionlayer.plan.bind.filters import Over, Where
from decisionlayer.plan.bind.grids import Grid
from decisionlayer.plan.bind.moments import zone
from decisionlayer.plan.bind.parameters import Parameters
from decisionlayer.plan.bind.periods import Period, is_plain, part_of, period_type
from decisionlayer.plan.bind.ranges import Range
from decisionlayer.plan.bind.timing import Timer, Timing, base_column, finest_period
from decisionlayer.plan.bind.tree import Node, Tree
from decisionlayer.plan.query import Query
from decisionlayer.plan.rules.walking import conjuncts
from decisionlayer.plan.types import type_of
from decisionlayer.resolve.language.tree import Expr, Name, conjunction, names, transform
from decisionlayer.resolve.language.types import DataType
from decisionlayer.resolve.language.typing import check_filter
from decisionlayer.resolve.model import Model
from decisionlayer.resolve.reach.grain import allows_time, determines
from decisionlayer.resolve.reach.paths import Paths, Route


class Seeing:
    """The splits and filters of one question with looks. ``where`` is the filter that rows keep, ``derived`` gives groups."""

    def __init__(
        self, model: Model, tree: Tree, splits: tuple[Split, ...], range: Range, where: Where,
        parameters: Parameters, query: Query, findings: list[Finding],
    ) -> None:  # fmt: skip
        self.model = model
        self.tree = tree
        self.asked_splits = splits
        self.parameters = parameters
        self.query = query
        self.findings = findings
        self.periods = {split.asked: split.period for split in splits if split.period is not None}
        self.asked = finest_period(self.periods.values(), model.project.almanac)
        self.key = None if self.asked is None else column_name(self.asked.text)
        self.is_timed = query.fill is not None or any(
            look.is_in_time or look.function == "per" for node in tree.leaves for look in node.context.looks
        )
        self.range = range
        self.where = where
        self.derived: dict[str, Expr] = {}
        self._readings: Timing | None = None

    def timing(self) -> Timing | None:
        """Return the question's timing; None after findings."""
        for text, period in self.periods.items():
            if period is self.asked:
                continue
            if not self.is_timed:
                continue
            if self.asked is None or period.clock is not None or not self._follows(period):
                self.findings.append(Finding(
                    "needs-period", "question", f"`{text}` does not follow from one period that the question asks by",
                    why="a metric function reads the cell of one period", help="ask by one period, and by what it makes up",
                ))  # fmt: skip
                return None
            self.derived[column_name(text)] = self._derive(period)
        filters = self._period_filters() if self.is_timed else ()
        if self.findings:
            return None
        timer = Timer(self.model, self.tree, self.asked if self.is_timed else None, self.key, self.range, self.query, self.findings)
        self._readings = timer.timing(filters)
        return self._readings

    def _follows(self, period: Period) -> bool:
        assert self.asked is not None and self.asked.unit is not None
        return period.unit is not None and allows_time(self.asked.unit, period.unit, self.model.project.almanac)

    def _derive(self, period: Period) -> Expr:
        assert self.asked is not None and self.asked.unit is not None and self.key is not None
        key = Name((self.key,))
        project = self.model.project
        asked = Grid(self.asked.unit, project)
        assert period.unit is not None
        if not is_plain(period.unit):
            return part_of(key, period.unit, project, is_instant=asked.is_instant)
        return Grid(period.unit, project).at(key, asked)

    def _period_filters(self) -> tuple[Expr, ...]:
        """Take what says which periods are asked out of the filter of the rows."""
        if self.where.expr is None or not self.where.periods:
            return ()
        rows: list[Expr] = []
        cells: list[Expr] = []
        for part in conjuncts(self.where.expr):
            named = {name.parts for name in names(part)}
            if not named & self.where.periods.keys():
                rows.append(part)
            elif named <= self.where.periods.keys() and self.asked is not None and all(
                self.where.periods[parts].clock is None and self._follows(self.where.periods[parts]) for parts in named
            ):
                cells.append(part)
            else:
                self.findings.append(Finding(
                    "needs-period", "question", "in `where`: a period beside metric functions says which cells come out, and this one "
                    "does not follow from the asked period alone",
                    help="ask by that period, or join it with `and` to conditions on other things",
                ))  # fmt: skip
        found = tuple(self._over_key(part) for part in cells)
        self.where = self.where.narrowed(conjunction(tuple(rows)))
        return found

    def _over_key(self, condition: Expr) -> Expr:
        periods = self.where.periods

        def type_at(name: Name) -> DataType:
            return period_type(periods[name.parts].unit or "day")

        typed = check_filter(condition, type_at, zone(self.model.project.timezone))
        self.findings.extend(Finding(each.code, "question", f"in `where`: {each.message}", help=each.help) for each in typed.problems)
        self.parameters.fit(typed.expr, lambda part: type_of(part, type_at))
        return transform(typed.expr, lambda node: self._derive(periods[node.parts]) if isinstance(node, Name) else None)

    # splits

    def splits(self, leaf: Node, over: Over) -> tuple[Split, ...]:
        """Return what the rows of a measure are counted by: its base period, and the splits that its looks keep."""
        assert self._readings is not None
        reading = self._readings.readings[leaf]
        kept = [split for split in self.asked_splits if split.period is None]
        with_time = True
        for look in leaf.context.looks:
            if look.function == "total":
                with_time = with_time and "all" not in look.paths
                kept = [split for split in kept if keeps(self.model, over.source, look.paths, over.route(split.parts))]
        if not with_time:
            return tuple(kept)
        if not self.is_timed:
            return tuple(split for split in self.asked_splits if split.period is not None or split in kept)
        if self.asked is None or reading.base is None or self.key is None:
            return tuple(kept)
        counted_by = reading.counted_by or reading.base
        key = self.key if counted_by == self.asked.unit else base_column(self.key, counted_by)
        base = Split(self.asked.text, replace(self.asked, unit=counted_by), key)
        return tuple(
            base if split.period is self.asked else split
            for split in self.asked_splits
            if split.period is self.asked or split in kept
        )


def keeps(model: Model, source: str, paths: Iterable[str], route: Route | None) -> bool:
    """Whether ``total`` over a source keeps a split: it is a path that is named, or follows from one."""
    known = Paths.of(model)
    named = [known.bind(source, tuple(path.split("."))) for path in paths]
    return route is not None and determines([each for each in named if each is not None], route)
