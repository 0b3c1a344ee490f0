"""Limits: no metric answers a question finer than its grain. Filters of the question count as splits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeAlias

from decisionlayer.findings import Finding
from decisionlayer.plan.bind.paths import Ways
from decisionlayer.plan.bind.periods import Period
from decisionlayer.plan.bind.ranges import Range, broken_edge
from decisionlayer.plan.bind.tree import Node, Tree, beneath
from decisionlayer.resolve.model import Clock, Model
from decisionlayer.resolve.reach.grain import allows_time, determines
from decisionlayer.resolve.reach.paths import Parts, Paths, Route

Answers: TypeAlias = Callable[[Node], bool]


class Limits:
    """The limits of the metrics of one question."""

    def __init__(self, model: Model, tree: Tree, ways: Ways, findings: list[Finding]) -> None:
        self.model = model
        self.tree = tree
        self.ways = ways
        self.findings = findings
        self._by: dict[tuple[Node, str], tuple[Route, ...]] = {}

    # time

    def period(self, period: Period) -> None:
        """Refuse a period that a metric has no clock for, or that is finer than its limit or its clock's grain."""
        for root in self.tree.roots:
            clocks = self._clocks(root, period.clock)
            if None in clocks:
                self._no_clock(root, period)
                continue
            found = [clock for clock in clocks if clock is not None]
            limit = self._too_coarse(root, period.of(found[0]))
            if limit is None:
                self._clock_grains(root, period, found)
            else:
                answers = partial(self._answers_by, unit=period.of(found[0]))
                self._finer(root, f"by `{period.text}`", f"answers no finer than by {limit}", answers)

    def _too_coarse(self, root: Node, unit: str) -> str | None:
        """Return the limit of the first metric of a tree that does not answer by ``unit``, None when all do."""
        limits = (node.metric.limit.time for node in (root, *beneath(root)))
        return next((limit for limit in limits if not allows_time(limit, unit, self.model.project.almanac)), None)

    def _answers_by(self, node: Node, unit: str) -> bool:
        return self._too_coarse(node, unit) is None

    def range(self, range: Range) -> None:
        """Refuse a range that cuts a period of a metric's limit, or one over a metric without a clock."""
        if range.is_open:
            return
        for root in self.tree.roots:
            clocks = self._clocks(root, None)
            if None in clocks:
                self._no_clock(root, None)
                continue
            units = [root.metric.limit.time, *(node.metric.limit.time for node in beneath(root))]
            units += [clock.grain for clock in clocks if clock is not None]
            for unit in dict.fromkeys(units):
                if unit is not None and self._cut(root, range, unit):
                    break

    def _cut(self, root: Node, range: Range, unit: str) -> bool:
        edge = broken_edge(range, unit, self.model.project)
        if edge is None:
            return False
        written = range.texts[0 if edge == "start" else 1]
        self.findings.append(Finding(
            "finer-than-grain", "question",
            f"`{root.metric.name}` answers no finer than by {unit}, and `{edge}` {written} cuts one {unit} in two",
            why=_lost(root), help=f"let `start` and `end` take in whole {unit}s, such as {_whole(unit)}",
        ))  # fmt: skip
        return True

    def _clocks(self, root: Node, named: str | None) -> list[Clock | None]:
        clocks: list[Clock | None] = []
        for leaf in self.tree.under(root):
            source = self.model.sources[leaf.rows_are_of]
            clocks.append(source.clock(named or leaf.measure.clock) if named or leaf.measure.clock else None)
        return clocks

    def _no_clock(self, root: Node, period: Period | None) -> None:
        named = None if period is None else period.clock
        clockless = sorted({
            leaf.rows_are_of
            for leaf in self.tree.under(root)
            if self.model.sources[leaf.rows_are_of].clock(named or leaf.measure.clock) is None or not (named or leaf.measure.clock)
        })  # fmt: skip
        what = "has no clock" if named is None else f"has no clock `{named}`"
        asked = "`start` and `end` mean nothing for it" if period is None else f"it cannot be asked by `{period.text}`"
        self.findings.append(Finding(
            "needs-period" if named is None else "unreachable-dimension", "question",
            f"`{root.metric.name}` stands on rows of `{'`, `'.join(clockless)}`, which {what}: {asked}",
            help="ask it without, or declare a clock under `time:` in the source",
        ))  # fmt: skip

    def _clock_grains(self, root: Node, period: Period, clocks: list[Clock]) -> None:
        for clock in clocks:
            unit = period.of(clock)
            if not allows_time(clock.grain, unit, self.model.project.almanac):
                self.findings.append(Finding(
                    "finer-than-grain", "question",
                    f"`{root.metric.name}` cannot be asked by `{period.text}`: "
                    f"its clock `{clock.column}` tells one {clock.grain} from the next, and nothing finer",
                    why="values would be put into periods by chance", help=f"ask by {clock.grain} or coarser",
                ))  # fmt: skip
                return

    # paths

    def path(self, parts: Parts) -> None:
        """Refuse a path that is not settled by the ``by`` of every metric above a measure."""
        for root in self.tree.roots:
            for node in (root, *beneath(root)):
                if not self._allows(node, parts):
                    by = node.metric.limit.by if node.metric.grain.by is None else node.metric.grain.by
                    limit = "answers only in total" if not by else f"answers by {_and(by)} at the finest"
                    answers = partial(self._allows_below, parts=parts)
                    self._finer(root, f"by `{'.'.join(parts)}`", limit, answers)
                    break

    def _allows_below(self, node: Node, parts: Parts) -> bool:
        return all(self._allows(each, parts) for each in (node, *beneath(node)))

    def _allows(self, node: Node, parts: Parts) -> bool:
        if node.metric.grain.by is None:
            return True
        for leaf in self.tree.under(node):
            route = self.ways.route(parts, leaf)
            if route is not None and not determines(self._license(node, leaf), route):
                return False
        return True

    def _license(self, node: Node, leaf: Node) -> tuple[Route, ...]:
        """Return the paths of a metric's ``by`` as rows of a leaf walk them: exactly, as a suffix, or by meaning."""
        key = (node, leaf.rows_are_of)
        if key not in self._by:
            known = Paths.of(self.model)
            found = []
            for path in node.metric.grain.by or ():
                parts = tuple(path.split("."))
                route = known.bind(leaf.rows_are_of, parts) or self._by_meaning(known, node, leaf, parts)
                if route is not None:
                    found.append(route)
            self._by[key] = tuple(found)
        return self._by[key]

    def _by_meaning(self, known: Paths, node: Node, leaf: Node, parts: Parts) -> Route | None:
        for other in self.tree.under(node):
            route = known.bind(other.rows_are_of, parts)
            thing = None if route is None else known.attribute(route)
            if thing is not None:
                ways = known.to_attribute(leaf.rows_are_of, *thing)
                return ways[0] if len(ways) == 1 else None
        return None

    # the refusal

    def _finer(self, root: Node, asked: str, limit: str, answers: Answers) -> None:
        named = root.metric.name
        finer = [node.metric.name for node in beneath(root) if answers(node)]
        help = f"ask it coarser, or ask {_listed(finer)}" if finer else "ask it coarser"
        self.findings.append(Finding(
            "finer-than-grain", "question", f"`{named}` cannot be asked {asked}: it {limit}", root.metric.place,
            why=_lost(root), help=help,
        ))  # fmt: skip


def _lost(root: Node) -> str:
    translations = [node.metric for node in (root, *beneath(root)) if node.metric.translation is not None]
    for metric in translations:
        if metric.translation is not None and metric.translation.loses:
            return f"what the translation to `{metric.name}` loses: {metric.translation.loses}"
    return "nobody answers for the number at a finer grain"


def _listed(names: Iterable[str]) -> str:
    shown = [f"`{name}`" for name in dict.fromkeys(names)][:3]
    return " or ".join(shown)


def _and(words: Iterable[str]) -> str:
    """Return words as a list that is read aloud: ``a, b and c``."""
    *first, last = (f"`{word}`" for word in words)
    return f"{', '.join(first)} and {last}" if first else last


def _whole(unit: str) -> str:
    examples = {
        "hour": "2013-01-15T08", "day": "2013-01-15", "week": "2013-W05", "month": "2013-01", "quarter": "2013-01 to 2013-03",
        "year": "2013",
    }  # fmt: skip
    return examples.get(unit, "2013-01-15T08:30")
