"""Whether some metrics may be split by a path or a period, said at load for decisions and views.

A question is bound and refused by the planner; what stands in a file is refused here, with its line, before anybody asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from decisionlayer.declare.book import Path
from decisionlayer.names import PERIODS, did_you_mean
from decisionlayer.resolve.about import About, listed
from decisionlayer.resolve.model import Measure, Metric, Model
from decisionlayer.resolve.reach.across import for_filter
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.reach.grain import allows_time, determines, told_apart
from decisionlayer.resolve.reach.paths import Paths, Route

#: For an asked path: the way that was chosen for a metric or a source.
Ways = Mapping[str, str]


class Askable:
    """What the metrics of one model may be split by."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.paths = Paths.of(model)
        self.beneath = Beneath(model.metrics)

    def check(
        self,
        about: About,
        metrics: Mapping[str, Metric],
        asked: str,
        at: Path,
        *,
        verb: str,
        only_periods: bool = False,
        ways: Ways = MappingProxyType({}),
        filters: bool = False,
    ) -> None:
        """Add what keeps ``metrics`` from being split by ``asked``: one finding for the path, or one for each metric.

        Codes: ``unreachable-dimension``, ``fan-out``, ``ambiguous-path``, ``needs-period``, ``finer-than-grain``;
        ``unknown-name`` for what is no period where only one may stand.
        """
        period = self.period_of(asked, self._sources(metrics))
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
            self._check_path(about, metrics, asked, at, verb, ways, filters)

    def routes(
        self, metrics: Iterable[str], asked: str, ways: Ways = MappingProxyType({}), *, filters: bool = False
    ) -> Mapping[str, Route | None]:
        """Return what ``asked`` means for each source beneath ``metrics``; None where it means nothing or too much.

        Exactly, else as a unique suffix, else as the only path to what another of the sources calls so. What ``filters`` may ask
        for rows of a many side.
        """
        parts = tuple(asked.split("."))
        bound: dict[str, Route | None] = {}
        for metric in metrics:
            for source in self._sources([metric]):
                way = ways.get(metric, ways.get(source))
                if source not in bound or way is not None:
                    found = self._bind(source, parts, way)
                    across = for_filter(self.paths, source, parts) if filters and found is None and way is None else None
                    bound[source] = found or across
        for source, meant in self._by_meaning(bound).items():
            bound[source] = meant[0] if len(meant) == 1 else None
        return bound

    def _by_meaning(self, bound: Mapping[str, Route | None]) -> Mapping[str, tuple[Route, ...]]:
        """For each source that the asked name says nothing to: its paths to what the others call so."""
        meant = {self.paths.attribute(route) for route in bound.values() if route is not None}
        return {
            source: tuple(found for pair in meant if pair for found in self.paths.to_attribute(source, *pair))
            for source, route in bound.items()
            if route is None
        }

    def _bind(self, source: str, parts: tuple[str, ...], way: str | None) -> Route | None:
        if way is None:
            return self.paths.bind(source, parts)
        chosen = tuple(way.split("."))
        return self.paths.bind(source, chosen) or self.paths.bind(source, (*chosen, parts[-1]))

    def period_of(self, asked: str, sources: Iterable[str]) -> str | None:
        """Return the finest period that ``asked`` tells apart, or None when it is no time.

        It is a period, several of one (``15 minutes``), one of a named clock (``delivered_at.month``), or a part of one.
        """
        clocks = {clock for source in sources for clock in self._clocks(source)}
        for written in (asked, *(asked[len(clock) + 1 :] for clock in clocks if asked.startswith(f"{clock}."))):
            unit = self.model.project.almanac.parse(told_apart(written, self.model.project.almanac))
            if unit is not None:
                return str(unit)
        return None

    def _sources(self, metrics: Iterable[str]) -> list[str]:
        """Sources that are known; what stands on one that is not has its finding already."""
        found = {source for name in metrics for source in self.beneath.sources(name)}
        return sorted(found & self.model.sources.keys())

    def _clocks(self, source: str) -> tuple[str, ...]:
        known = self.model.sources.get(source)
        return () if known is None else tuple(clock.column for clock in known.clocks)

    def _check_period(
        self, about: About, metrics: Mapping[str, Metric], asked: str, period: str, at: Path, verb: str
    ) -> None:
        timeless = [name for name in metrics if not all(self._clocks(source) for source in self._sources([name]))]
        if timeless:
            about.say(
                "needs-period",
                f"{about.title} {verb} `{asked}`, and {listed(timeless)} has no time",
                *at,
                help="leave it out here, or give its source a clock under `time:`",
            )
        coarse = [metric for metric in metrics.values() if not allows_time(metric.limit, period, self.model.project.almanac)]
        if coarse:
            said = " and ".join(f"`{metric.name}` (no finer than {metric.limit.time})" for metric in coarse)
            self._finer(about, coarse, f"{about.title} {verb} `{asked}`, finer than it may be asked: {said}", at)

    def _check_path(
        self, about: About, metrics: Mapping[str, Metric], asked: str, at: Path, verb: str, ways: Ways, filters: bool
    ) -> None:
        bound = self.routes(metrics, asked, ways, filters=filters)
        lost = [(name, source) for name in metrics for source in self._sources([name]) if bound[source] is None]
        nobody = all(route is None for route in bound.values())
        ways_there = self._by_meaning(bound)
        for name, source in lost[:1] if nobody else lost:
            if len(ways_there[source]) > 1:
                _settle(about, asked, name, ways_there[source], at)
            else:
                place = about.entry.origin.place(*at)
                parts = tuple(asked.split("."))
                about.findings.append(
                    self.paths.refusal(source, parts, subject=about.subject, metric=name, place=place)
                )
        fine = [metric for metric in metrics.values() if self._is_finer(metric, bound)]
        if fine:
            said = " and ".join(f"`{metric.name}` ({_by_of(metric)})" for metric in fine)
            self._finer(about, fine, f"{about.title} {verb} `{asked}`, finer than it may be asked: {said}", at)

    def _is_finer(self, metric: Metric, bound: Mapping[str, Route | None]) -> bool:
        """Whether some metric of the tree names the paths that it answers, and the asked one is not settled by them.

        A path of ``by`` that a source does not lead to neither restricts nor licenses there.
        """
        for part in self.beneath.tree(metric.name):
            if part.limit.by is None:
                continue
            for source in self._sources([part.name]):
                route = bound.get(source)
                limits = [self.paths.bind(source, tuple(path.split("."))) for path in part.limit.by]
                if route is not None and not determines([limit for limit in limits if limit is not None], route):
                    return True
        return False

    def _finer(self, about: About, metrics: list[Metric], message: str, at: Path) -> None:
        lost = next((m.translation.loses for m in metrics if m.translation is not None and m.translation.loses), "")
        beneath = sorted(
            {
                part.name
                for metric in metrics
                for part in self.beneath.tree(metric.name)
                if isinstance(part.body, Measure) and part.name not in {m.name for m in metrics}
            }
        )
        about.say(
            "finer-than-grain",
            message,
            *at,
            why=f"what its translation loses: {lost}" if lost else "nobody answers for the number at that grain",
            help="ask it coarser" + (f", or ask {listed(beneath, 'or')} beneath it" if beneath else ""),
        )


def _settle(about: About, asked: str, metric: str, routes: tuple[Route, ...], at: Path) -> None:
    """``ambiguous-path`` for a name that the other metrics settle and this one can reach in several ways."""
    about.say(
        "ambiguous-path",
        f"`{asked}` can be read in {len(routes)} ways for `{metric}`: {listed((route.path for route in routes), 'or')}",
        *at,
        why="each of them groups the rows in another way, so they are different numbers",
        help=f"say which, as `paths: {{{asked}: {{{metric}: {routes[0].path}}}}}`",
    )


def _by_of(metric: Metric) -> str:
    if metric.limit.by is None:
        return "a metric beneath it is not split by that"
    return f"only by {', '.join(metric.limit.by)}" if metric.limit.by else "only in total"
