"""Questions without metrics: the combinations of values that there are, as dbt finds them.

One model is where most of the asked items stand; the others are joined to it in full, so that a value without a partner is
there too. ``metric_time`` is every instant of the spine, beside every other value.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from decisionlayer.exchange.metricflow.grains import GRAINS, finest, rank
from decisionlayer.exchange.metricflow.graph import Graph
from decisionlayer.exchange.metricflow.items import Item, MetricRef, refused
from decisionlayer.exchange.metricflow.manifest import Model
from decisionlayer.exchange.metricflow.metrics import Asking
from decisionlayer.exchange.metricflow.rows import ModelRows, Range, spine_clock
from decisionlayer.exchange.metricflow.spines import Instants, base_grain, spine_for
from decisionlayer.exchange.metricflow.templates import Filter
from decisionlayer.frozen import replace
from decisionlayer.names import did_you_mean
from decisionlayer.resolve.language.tree import Expr
from decisionlayer.resolve.model import Table
from decisionlayer.sql.selection import Cell, From, Joined, Selection, Total


def distinct_values(
    graph: Graph, items: tuple[Item, ...], filters: Sequence[Filter], range: Range, *, repeats: bool, extent: bool
) -> Selection:
    """Return the combinations of the items' values: each once, or with ``repeats`` as often as there are rows.

    With ``extent`` it is one row, the least and the greatest value of the one item.
    """
    needed = (*items, *(item for each in filters for item in each.items))
    placed = [item for item in needed if not item.is_metric_time]
    entities = [ref.group_by[0] for each in filters for ref in each.refs if isinstance(ref, MetricRef)]
    if not placed and not entities:
        selection = _of_spine(graph, items, filters, range, repeats)
    else:
        selection = _of_models(graph, items, placed, entities, filters, range, repeats)
    return selection if not extent else _extent(selection, items[0])


def _of_spine(graph: Graph, items: tuple[Item, ...], filters: Sequence[Filter], range: Range, repeats: bool) -> Selection:
    instants = Instants(graph, items, filters, Range(None, None))
    cells = tuple(Cell(item.column, instants.item(item)) for item in items)
    where = [each.over(instants._value) for each in filters]
    where += range.holds(instants.clock(instants.spine.grain))
    return instants.selection("spine_values", cells, where, distinct=not repeats)


def _of_models(
    graph: Graph, items: tuple[Item, ...], placed: Sequence[Item], entities: Sequence[Item], filters: Sequence[Filter],
    range: Range, repeats: bool,
) -> Selection:  # fmt: skip
    base = _most_of(graph, [*placed, *(Item((), entity.element) for entity in entities)])
    rows = _Values(graph, base)
    asking = Asking(graph)
    times = [item for each in filters for item in each.items if item.is_metric_time]
    times += [item for item in items if item.is_metric_time]
    if times or range.start is not None or range.end is not None:
        rows.beside_spine([base_grain(graph.manifest, item) for item in times] or ["day"])

    def value(ref: Item | MetricRef) -> Expr:
        return rows.item(ref) if isinstance(ref, Item) else asking.metric_of_entity(rows, ref, "full")

    cells = tuple(Cell(item.column, rows.item(item)) for item in items)
    where = [each.over(value) for each in filters]
    if rows.instants is not None:
        where += range.holds(rows.instants(rows.spine_grain))
    return rows.selection(f"{base.name}_values", cells, where, distinct=not repeats)


class _Values(ModelRows):
    """The rows of a model and of all that is joined to it in full."""

    def __init__(self, graph: Graph, model: Model) -> None:
        super().__init__(graph, model, None, join_kind="full")
        self.spine_grain = "day"

    def beside_spine(self, grains: list[str]) -> None:
        """Put every instant of the spine beside every row."""
        spine = spine_for(self.graph.manifest, finest(grains))
        self.join(Table(spine.table), "spine", (), "cross")
        self.instants = spine_clock(spine, "spine")
        self.spine_grain = spine.grain

    def selection(
        self, name: str, cells: Sequence[Cell], where: Sequence[Expr] = (), *, grouped: bool = False, distinct: bool = False
    ) -> Selection:
        """Return a SELECT over these rows; what has fewer names than the spine is joined before it, as in dbt."""
        found = super().selection(name, cells, where, grouped=grouped, distinct=distinct)
        models = {model.table: _names_of(model) for model in self.graph.manifest.models.values()}
        spine_names = 2 * (len(GRAINS) - rank(self.spine_grain) + 6 + len(self.graph.manifest.customs))

        def names_of(join: Joined) -> int:
            if join.kind != "full":
                return spine_names if join.kind == "cross" else sys.maxsize
            return models.get(join.source.rows.parts, 0) if isinstance(join.source.rows, Table) else 0

        known = any(join.kind == "cross" for join in found.joins)
        return replace(found, joins=tuple(sorted(found.joins, key=names_of))) if known else found

    def item(self, item: Item) -> Expr:
        """Return an item; ``metric_time`` is the spine's."""
        if item.is_metric_time:
            assert self.instants is not None
            return self.timed(item, self.instants, self.spine_grain)
        return super().item(item)


def _extent(values: Selection, item: Item) -> Selection:
    """Return the least and the greatest of one column."""
    from decisionlayer.resolve.language.tree import Name

    column = Name(("every_value", item.column))
    ends = tuple(Cell(f"{item.column}__{edge}", Total(edge, column)) for edge in ("min", "max"))
    return Selection("extent", From(values, "every_value"), ends, grouped=True)


def completed(graph: Graph, item: Item) -> Item:
    """Return an item without a metric, in full: the grain of a time is its own, ``metric_time`` is by day."""
    if item.grain is not None or item.part is not None:
        return item
    if item.is_metric_time:
        return item.at("day")
    for model in graph.manifest.models.values():
        ways = graph.reached(model.name).get((item.links, item.element))
        if ways:
            dimension = graph.dimension(ways[0])
            return item if dimension is None or dimension.grain is None else item.at(dimension.grain)
    known = {
        "__".join((*links, element)) for model in graph.manifest.models for links, element in graph.reached(model)
    }
    raise refused(f"no model leads to anything called `{item.path}`", did_you_mean(item.path, known), "unreachable-dimension")


def _most_of(graph: Graph, items: Sequence[Item]) -> Model:
    """Return the model from whose rows all items are reached with the fewest joins; of several the one with the fewest names."""
    found: list[tuple[int, int, int, Model]] = []
    for position, model in enumerate(graph.manifest.models.values()):
        reached = graph.reached(model.name)
        ways = [reached.get((item.links, item.element)) for item in items]
        if all(ways) and any(not each[0].hops for each in ways if each):
            joins = {each[0].hops for each in ways if each and each[0].hops}
            found.append((len(joins), _names_of(model), position, model))
    if not found:
        listed = ", ".join(f"`{item.path}`" for item in items)
        raise refused(f"no model leads to all of {listed}", "ask for them one by one", "unreachable-dimension")
    return min(found, key=lambda each: each[:3])[3]


def _names_of(model: Model) -> int:
    """Return how many names dbt has for what a model holds: each time at every grain, each element under every prefix."""
    spellings = 1 + len(model.prefixes)
    count = len(model.entities) * spellings
    for dimension in model.dimensions.values():
        count += spellings * (1 if dimension.grain is None else len(GRAINS) - rank(dimension.grain) + 6)
    return count
