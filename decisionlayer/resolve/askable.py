"""Whether some metrics may be split by a path or a period, said at load for decisions and views.

A question is bound and refused by the planner; what stands in a file is refused here, with its line, before anybody asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from decisionlayer.declare.book import Path
from decisionlayer.findings import Finding, Place
from decisionlayer.names import PERIODS, did_you_mean
from decisionlayer.resolve.about import About, listed
from decisionlayer.resolve.grain import PARTS, determines, is_whole_periods
from decisionlayer.resolve.model import Formula, Measure, Metric, Model
from decisionlayer.resolve.paths import Paths, Route

_MULTIPLE = re.compile(r"\d+ (second|minute|hour|day|week|month|quarter|year)s?\Z")


class Askable:
    """What the metrics of one model may be split by."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.paths = Paths.of(model)
        self._tree: dict[str, tuple[Metric, ...]] = {}

    def check(
        self,
        about: About,
        metrics: Mapping[str, Metric],
        asked: str,
        at: Path,
        *,
        verb: str,
        only_periods: bool = False,
        settled: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    ) -> None:
        """Add what keeps ``metrics`` from being split by ``asked``: one finding for the path, or one for each metric.

        Codes: ``unreachable-dimension``, ``fan-out``, ``ambiguous-path``, ``needs-period``, ``finer-than-grain``;
        ``unknown-name`` for what is no period where only one may stand. Where ``settled`` says which way a path goes for a
        metric or source, the planner settles it.
        """
        period = self.period_of(asked, metrics)
        if period is not None:
            self._check_period(about, metrics, asked, period, at, verb)
        elif only_periods:
            about.say(
                "unknown-name",
                f"{about.title} {verb} `{asked}`, which is no period",
                *at,
                help=did_you_mean(asked, PERIODS),
            )
        else:
            mine = {name: m for name, m in metrics.items() if not self._is_settled(name, settled.get(asked, {}))}
            self._check_path(about, mine, asked, at, verb)

    def period_of(self, asked: str, metrics: Mapping[str, Metric]) -> str | None:
        """Return the finest period that ``asked`` tells apart, or None when it is no time.

        It is a period, several of one (``15 minutes``), one of a named clock (``delivered_at.month``), or a part of one.
        """
        clock, _, last = asked.rpartition(".")
        if clock and not any(clock == known for leaf in self._measures(metrics) for known in self._clocks(leaf)):
            return None
        several = _MULTIPLE.match(last)
        if several is not None:
            return several[1]
        return last if last in PERIODS else PARTS.get(last)

    def tree(self, name: str) -> tuple[Metric, ...]:
        """Return a metric and every metric beneath it, each once."""
        known = self._tree.get(name)
        if known is None:
            self._tree[name] = ()
            metric = self.model.metrics.get(name)
            below = metric.body.terms.values() if metric is not None and isinstance(metric.body, Formula) else ()
            inside = {m.name: m for term in below for m in self.tree(term.metric)}
            known = self._tree[name] = () if metric is None else (metric, *inside.values())
        return known

    def _is_settled(self, name: str, ways: Mapping[str, str]) -> bool:
        return name in ways or any(
            measure.source in ways for m in self.tree(name) for measure in self._measures({m.name: m})
        )

    def _measures(self, metrics: Mapping[str, Metric]) -> Iterator[Measure]:
        for name in metrics:
            yield from (m.body for m in self.tree(name) if isinstance(m.body, Measure))

    def _clocks(self, measure: Measure) -> tuple[str, ...]:
        source = self.model.sources.get(measure.source)
        return () if source is None else tuple(clock.column for clock in source.clocks)

    # -- time -------------------------------------------------------------------------------------------------------

    def _check_period(
        self, about: About, metrics: Mapping[str, Metric], asked: str, period: str, at: Path, verb: str
    ) -> None:
        timeless = [name for name in metrics if any(not self._clocks(m) for m in self._measures({name: metrics[name]}))]
        if timeless:
            about.say(
                "needs-period",
                f"{about.title} {verb} `{asked}`, and {listed(timeless)} has no time",
                *at,
                help="leave it out here, or give its source a clock under `time:`",
            )
        coarse = [
            m for m in metrics.values() if m.limit.time is not None and not is_whole_periods(m.limit.time, period)
        ]
        if coarse:
            said = " and ".join(f"`{metric.name}` (no finer than {metric.limit.time})" for metric in coarse)
            self._finer(about, coarse, f"{about.title} {verb} `{asked}`, finer than it may be asked: {said}", at)

    # -- paths ------------------------------------------------------------------------------------------------------

    def _check_path(self, about: About, metrics: Mapping[str, Metric], asked: str, at: Path, verb: str) -> None:
        parts = tuple(asked.split("."))
        leaves = sorted({measure.source for measure in self._measures(metrics)})
        bound = {leaf: self.paths.bind(leaf, parts) for leaf in leaves}
        meant = {self.paths.attribute(route) for route in bound.values() if route is not None} - {None}
        for leaf, route in bound.items():
            if route is None:
                bound[leaf] = self._by_meaning(leaf, meant)
        lost = [
            (name, leaf)
            for name, metric in metrics.items()
            for leaf in sorted({measure.source for measure in self._measures({name: metric})})
            if bound[leaf] is None
        ]
        place = about.entry.origin.place(*at)
        nobody = all(route is None for route in bound.values())
        for name, leaf in lost[:1] if nobody else lost:
            about.findings.append(self._refusal(leaf, parts, about, name, place))
        fine = [m for m in metrics.values() if self._is_finer(m, bound, parts)]
        if fine:
            said = " and ".join(f"`{m.name}` ({_by_of(m)})" for m in fine)
            self._finer(about, fine, f"{about.title} {verb} `{asked}`, finer than it may be asked: {said}", at)

    def _refusal(self, leaf: str, parts: tuple[str, ...], about: About, metric: str, place: Place) -> Finding:
        return self.paths.refusal(leaf, parts, subject=about.subject, metric=metric, place=place)

    def _by_meaning(self, leaf: str, meant: set[tuple[str, str | None] | None]) -> Route | None:
        """The only path of a source to what another source of the question calls by the asked name."""
        routes = [route for pair in meant if pair is not None for route in self.paths.to_attribute(leaf, *pair)]
        return routes[0] if len(routes) == 1 else None

    def _is_finer(self, metric: Metric, bound: Mapping[str, Route | None], parts: tuple[str, ...]) -> bool:
        """Whether some metric of the tree names the paths that it answers, and ``parts`` is not settled by them.

        A path of ``by`` that a source does not lead to neither restricts nor licenses there.
        """
        for part in self.tree(metric.name):
            if part.limit.by is None:
                continue
            for measure in self._measures({part.name: part}):
                route = bound[measure.source]
                if route is None:
                    continue
                limits = (self.paths.bind(measure.source, tuple(path.split("."))) for path in part.limit.by)
                if not determines([limit for limit in limits if limit is not None], route):
                    return True
        return False

    def _finer(self, about: About, metrics: list[Metric], message: str, at: Path) -> None:
        beneath = sorted(
            {part.name for m in metrics for part in self.tree(m.name)[1:] if part.purpose is not m.purpose}
        )
        lost = next((m.translation.loses for m in metrics if m.translation is not None and m.translation.loses), "")
        step = "ask it coarser" + (f", or ask {listed(beneath, 'or')} beneath it" if beneath else "")
        about.say(
            "finer-than-grain",
            message,
            *at,
            help=step,
            why=f"its translation loses this: {lost}" if lost else "nobody answers for the number at that grain",
        )


def _by_of(metric: Metric) -> str:
    if metric.limit.by is None:
        return "a metric beneath it is not split by that"
    return f"only by {', '.join(metric.limit.by)}" if metric.limit.by else "only in total"
