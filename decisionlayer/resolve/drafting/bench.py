"""The bench: what metrics are resolved with, and what is known of those that are finished."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from zoneinfo import ZoneInfo

from decisionlayer import declare
from decisionlayer.declare import Book
from decisionlayer.frozen import dataclass
from decisionlayer.resolve.adding.overlaps import Counted
from decisionlayer.resolve.collect import Collector
from decisionlayer.resolve.drafting.drafts import Draft
from decisionlayer.resolve.drafting.number import Nature
from decisionlayer.resolve.foundations import Foundations
from decisionlayer.resolve.frames.rates import Rates
from decisionlayer.resolve.model import Assumption, Entity, Hierarchy, Metric, Source
from decisionlayer.resolve.reach.paths import Paths, Route
from decisionlayer.resolve.world.rows import Rows


@dataclass(frozen=True, slots=True)
class Leaf:
    """One source that a metric reads, and the paths from it that the metric may be split by; None is every one."""

    source: str
    by: tuple[Route, ...] | None


@dataclass(slots=True)
class Bench:
    """Everything that a metric may stand on, and the metrics that are finished so far."""

    book: Book
    ground: Foundations
    sources: Mapping[str, Source]
    entities: Mapping[str, Entity]
    assumptions: Mapping[str, Assumption]
    paths: Paths
    collector: Collector
    drafts: Mapping[str, Draft]
    rates: Mapping[str, Rates] = field(default_factory=dict)
    hierarchies: Mapping[str, Hierarchy] = field(default_factory=dict)
    metrics: dict[str, Metric] = field(default_factory=dict)
    leaves: dict[str, tuple[Leaf, ...]] = field(default_factory=dict)
    rounded: set[str] = field(default_factory=set)
    natures: dict[str, Nature | None] = field(default_factory=dict)
    counted: dict[str, tuple[Counted, ...]] = field(default_factory=dict)
    _rows: dict[str, Rows] = field(default_factory=dict)
    _clocks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _declared: dict[str, frozenset[str]] = field(default_factory=dict)

    def rows(self, source: str) -> Rows:
        """Return what a row of a source has."""
        if source not in self._rows:
            zone = ZoneInfo(self.ground.project.timezone)
            self._rows[source] = Rows(source, self.sources, self.entities, self.paths, zone, self.collector.fall)
        return self._rows[source]

    def declared(self, kind: str) -> frozenset[str]:
        """Return every name of a kind that somebody wrote, readable or not."""
        if kind not in self._declared:
            read = {entry.name for entry in self.book.of(kind)}
            self._declared[kind] = frozenset(read | {name for other, name in self.book.unread if other == kind})
        return self._declared[kind]

    def clocks(self, source: str) -> tuple[str, ...]:
        """Return the clocks that a source declares, broken ones too: the first is the default and stays it."""
        if not self._clocks:
            for entry in self.book.of("source"):
                if isinstance(entry.item, declare.Source):
                    self._clocks.setdefault(entry.name, tuple(entry.item.time))
        return self._clocks.get(source, ())
