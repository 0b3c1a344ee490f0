"""Spines: the tables of instants that dbt keeps, one row an instant, and calendars' own grains beside them."""

from __future__ import annotations

from collections.abc import Sequence

from decisionlayer.exchange.metricflow.grains import GRAINS, finest, rank
from decisionlayer.exchange.metricflow.graph import Graph
from decisionlayer.exchange.metricflow.items import Item, refused
from decisionlayer.exchange.metricflow.manifest import Manifest, Spine
from decisionlayer.exchange.metricflow.rows import Clock, Range, Source, spine_clock
from decisionlayer.exchange.metricflow.templates import Filter
from decisionlayer.frozen import dataclass
from decisionlayer.resolve.language.tree import Call, Case, Expr, Literal, Name
from decisionlayer.resolve.model import Table
from decisionlayer.sql.selection import Along, Cell, From, Joined, Selection, Total, moved, truncated


def spine_for(manifest: Manifest, grain: str) -> Spine:
    """Return the coarsest spine from which periods of ``grain`` can be cut. Raises QueryError when there is none."""
    fitting = [spine for spine in manifest.spines if rank(spine.grain) <= rank(grain)]
    if not fitting:
        raise refused(
            f"the manifest has no spine of {grain}s or finer", f"declare a time spine of grain `{grain}` in dbt", "unreachable-dimension"
        )
    return max(fitting, key=lambda spine: rank(spine.grain))


class Instants(Source):
    """The periods of the spine that a question asks: its times, cut by what its filters say of time alone, and by its range."""

    def __init__(self, graph: Graph, times: Sequence[Item], filters: Sequence[Filter], range: Range) -> None:
        asked = [*times, *(item for each in filters for item in each.items)]
        self.spine = spine_for(graph.manifest, finest([base_grain(graph.manifest, item) for item in asked]))
        super().__init__(graph, From(Table(self.spine.table), "spine"))
        self.times = tuple(times)
        self.filters = filters
        self.range = range
        self.clock: Clock = spine_clock(self.spine, "spine")

    def item(self, item: Item) -> Expr:
        """Return a time over the rows of the spine."""
        own = self.spine.customs.get(item.grain or "")
        if own is not None:
            return Name(("spine", own))
        return self.timed(item, self.clock, self.spine.grain)

    def rows(self, joined_on: Item) -> Selection:
        """Return the periods, each combination once; ``joined_on`` is the one by which cells are found."""
        cells = tuple(Cell(item.column, self.item(item)) for item in self.times)
        where = [each.over(self._value) for each in self.filters]
        is_plain = joined_on.part is None and joined_on.grain in GRAINS
        where += self.range.holds(self.item(joined_on) if is_plain else self.clock(self.spine.grain))
        is_whole = any(item.part is None and item.grain == self.spine.grain for item in self.times)
        return self.selection("periods", cells, where, distinct=not is_whole)

    def _value(self, ref: object) -> Expr:
        assert isinstance(ref, Item)
        return self.item(ref)


def base_grain(manifest: Manifest, item: Item) -> str:
    """Return the grain of the spine that an item needs."""
    if item.part is not None or item.grain is None:
        return "day"
    spine = manifest.spine_of(item.grain)
    return spine.grain if spine is not None else item.grain


@dataclass(frozen=True, slots=True)
class Later:
    """The instants that read others through an offset by a calendar's own periods: columns ``read`` and ``instant``."""

    rows: Selection
    spine: Spine
    custom: str | None

    def clock(self, alias: str) -> Clock:
        """Return what gives the reading instant at a grain."""
        column = Name((alias, "instant"))
        if self.custom is not None:
            return lambda grain: column
        return lambda grain: column if grain == self.spine.grain else truncated(column, grain)


def next_custom(manifest: Manifest, custom: str, count: int, times: Sequence[Item]) -> Later:
    """Return, for each instant, the one so many of the calendar's periods later that reads it.

    It has the same place in its period, and is NULL where that is over before. Where nothing but the calendar's own periods is
    asked, it is the later period itself.
    """
    spine = manifest.spine_of(custom)
    if spine is None:
        raise refused(f"no spine has a grain `{custom}`", code="unknown-name")
    base = From(Table(spine.table), "spine")
    instant, period = Name(("spine", spine.column)), Name(("spine", spine.customs[custom]))
    extents = Selection(
        "extents", base, (Cell("period", period), Cell("opens", Total("min", instant)), Cell("closes", Total("max", instant))), grouped=True
    )
    order = (Name(("extents", "period")),)

    def lead(column: str) -> Along:
        return Along("lead", Name(("extents", column)), (), order, count)

    later = Selection(
        "later_periods",
        From(extents, "extents"),
        (
            Cell("period", Name(("extents", "period"))), Cell("later", lead("period")), Cell("opens", lead("opens")),
            Cell("closes", lead("closes")),
        ),
    )  # fmt: skip
    placed = Selection(
        "placed",
        base,
        (Cell("read", instant), Cell("period", period), Cell("place", Along("row_number", None, (period,), (instant,)))),
    )
    joined = (Joined(From(later, "later"), (Call("=", (Name(("placed", "period")), Name(("later", "period")))),), "inner"),)
    if {item.grain for item in times} == {custom}:
        reads: Expr = Name(("later", "later"))
        return Later(
            Selection("read_later", From(placed, "placed"), (Cell("read", Name(("placed", "read"))), Cell("instant", reads)), joined),
            spine,
            custom,
        )
    steps = Call("-", (Name(("placed", "place")), Literal(1)))
    at = moved(Name(("later", "opens")), steps, spine.grain)
    reads = Case(((Call("<=", (at, Name(("later", "closes")))), at),), None)
    return Later(
        Selection("read_later", From(placed, "placed"), (Cell("read", Name(("placed", "read"))), Cell("instant", reads)), joined),
        spine,
        None,
    )
