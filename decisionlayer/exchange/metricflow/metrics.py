"""Metrics of dbt's five types over items, filters and a range: each becomes cells. This is dbt's arithmetic, not ours.

| dbt says | here |
|---|---|
| simple | its measure over the asked items |
| cumulative | each row counts at every instant of the spine whose window reads it; asked coarser, one instant of the period |
| ratio, derived | its inputs meet on the items, then one expression; NULL in any part is NULL |
| offset | the spine's instants read what was there so long before; after adding up where the asked grain allows it |
| conversion | for each later event the last earlier one of the same entity, both counted where the earlier one stands |

Filters come from the question, the metric, the input and the measure; all must hold. Those that speak of time alone cut the
spine; the others cut rows, and once more what a join to the spine has added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from decisionlayer.exchange.metricflow.cells import Cells, computed, counted, met, over
from decisionlayer.exchange.metricflow.grains import GRAINS, finest, rank
from decisionlayer.exchange.metricflow.graph import Graph
from decisionlayer.exchange.metricflow.items import Item, MetricRef, refused
from decisionlayer.exchange.metricflow.manifest import Measure, MeasureInput, Metric, Window
from decisionlayer.exchange.metricflow.rows import ModelRows, Range
from decisionlayer.exchange.metricflow.spines import Instants, base_grain, next_custom, spine_for
from decisionlayer.exchange.metricflow.sqltext import read_sql
from decisionlayer.exchange.metricflow.templates import Filter, read_filters
from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan import operations
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name, names, transform
from decisionlayer.resolve.language.types import FLOAT
from decisionlayer.sql.selection import Along, Cell, From, Joined, Selection, moved, truncated


@dataclass(frozen=True, slots=True)
class Shift:
    """How long before the asked instant is read: a window, or the start of a period."""

    window: Window | None
    to_grain: str | None

    @property
    def grain(self) -> str:
        """The grain that it moves by."""
        return self.window.grain if self.window is not None else self.to_grain or ""

    def read_at(self, instant: Expr) -> Expr:
        """Return the instant that is read for an asked one."""
        if self.window is not None:
            return moved(instant, -self.window.count, self.window.grain)
        return truncated(instant, self.grain)


@dataclass(slots=True)
class Asking:
    """One question on its way to cells: the graph, the range, and the names that are given out."""

    graph: Graph
    range: Range = field(default_factory=lambda: Range(None, None))
    taken: set[str] = field(default_factory=set)
    known: dict[object, Cells] = field(default_factory=dict)
    names: dict[object, str] = field(default_factory=dict)
    #: Metrics that filters count for an entity, over all time.
    of_entities: Asking | None = None

    def fresh(self, name: str) -> str:
        """Return a name for a value that nothing else has."""
        candidate, number = name, 1
        while candidate in self.taken:
            number += 1
            candidate = f"{name}_{number}"
        self.taken.add(candidate)
        return candidate

    def _name_of(self, value: object, wanted: str) -> str:
        """Return the name of a value over rows; the same value has one name, whoever asks for it."""
        if value not in self.names:
            self.names[value] = self.fresh(wanted)
        return self.names[value]

    # metrics

    def metric(self, name: str, items: tuple[Item, ...], added: tuple[Filter, ...], shift: Shift | None = None) -> Cells:
        """Return the cells of a metric; ``added`` are the filters from above it, ``shift`` how far it is moved."""
        key = (name, items, added, shift)
        if key not in self.known:
            self.known[key] = self._metric(self.graph.metric(name), items, added, shift)
        return self.known[key]

    def _metric(self, metric: Metric, items: tuple[Item, ...], added: tuple[Filter, ...], shift: Shift | None) -> Cells:
        match metric.type:
            case "simple":
                assert metric.input is not None
                defined = self._filters(metric, (*metric.filters, *metric.input.filters))
                return self._simple(metric, metric.input, items, defined, added, shift)
            case "cumulative":
                return self._cumulative(metric, items, added, shift)
            case "ratio" | "derived":
                return self._derived(metric, items, added, shift)
            case "conversion":
                return self._conversion(metric, items, added, shift)
            case other:
                raise refused(f"`{metric.name}` is a metric of type `{other}`, which nothing here answers", code="not-built")

    def _filters(self, metric: Metric, texts: Sequence[str]) -> tuple[Filter, ...]:
        """Return filters that a metric declares, their names completed and their grains settled for it."""
        read = read_filters(texts, self.graph.manifest.customs)
        return settled_filters(self.graph, read, (metric,))

    def _columns(self, items: Sequence[Item]) -> tuple[str, ...]:
        return tuple(item.column for item in items)

    # simple

    def _simple(
        self, metric: Metric, input: MeasureInput, items: tuple[Item, ...], defined: tuple[Filter, ...], added: tuple[Filter, ...],
        shift: Shift | None = None, along: Metric | None = None,
    ) -> Cells:  # fmt: skip
        """Return a measure's cells; ``along`` is the cumulative metric whose windows its rows are read in."""
        graph = self.graph
        measure = graph.measure(input.measure)
        times = tuple(item for item in items if graph.is_time_of(measure, item))
        timely = tuple(each for each in (*defined, *added) if self._is_timely(measure, each))
        if shift is not None and not times:
            raise refused(
                f"`{metric.name}` is read at another time than it is asked for, and the question is not split by time",
                "group by `metric_time`", "needs-period",
            )  # fmt: skip
        is_late = shift is not None and self._reads_cells(times, shift)
        rows = ModelRows(graph, graph.manifest.models[measure.model], measure.time)
        before = (*defined, *added)
        if shift is not None:
            before = tuple(each for each in before if each not in timely)
        needs_time = times or any(graph.is_time_of(measure, item) for each in before for item in each.items)
        if along is not None and needs_time:
            self._accumulate(rows, along, (*items, *(item for each in before for item in each.items)), measure)
        if shift is not None and not is_late:
            self._read_earlier(rows, shift, times)
        where = [each.over(lambda ref: self.value(rows, ref)) for each in before]
        if shift is not None and not is_late:
            where += [each.over(lambda ref: self.value(rows, ref)) for each in timely]
        if not is_late:
            where += self.range.holds(rows.uncut_time())
        cells = counted(rows, items, where, measure, lambda value: self._name_of(value, metric.name))
        if is_late or (input.on_spine and times):
            late = shift if is_late else None
            cells = self._on_spine(cells, items, times, measure, late, timely, added, keeps_all=input.on_spine)
        if input.fill is not None:
            fill = Literal(input.fill)
            name = self.fresh(metric.name)
            cells = computed(cells, self._columns(items), name, Call("coalesce", (Name(("cells", cells.value)), fill)))
            cells = replace(cells, instead=((name, fill),))
        return cells

    def _is_timely(self, measure: Measure, each: Filter) -> bool:
        """Whether a filter speaks of the measure's time and of nothing else."""
        return bool(each.refs) and all(isinstance(ref, Item) and self.graph.is_time_of(measure, ref) for ref in each.refs)

    def value(self, rows: ModelRows, ref: Item | MetricRef) -> Expr:
        """Return what a filter speaks of, over rows."""
        return rows.item(ref) if isinstance(ref, Item) else self.metric_of_entity(rows, ref)

    def metric_of_entity(self, rows: ModelRows, ref: MetricRef, kind: str = "left") -> Expr:
        """Return a metric as an attribute of an entity of the rows: computed for each first, over all time."""
        if self.of_entities is None:
            self.of_entities = Asking(self.graph, taken=self.taken, names=self.names)
        metric = self.graph.metric(ref.metric)
        models = self.graph.split_models((metric,))
        items = tuple(self.graph.completed(item, models) for item in ref.group_by)
        found = self.of_entities.metric(ref.metric, items, ())
        alias = "__".join((*(item.element for item in ref.group_by), ref.metric))
        on = []
        for item in items:
            outside = self.graph.completed(Item((), item.element), (rows.model.name,))
            if not self.graph.reached(rows.model.name).get((outside.links, outside.element)):
                outside = self._entity_of(rows, item.element)
            on.append(Call("=", (rows.item(outside), Name((alias, item.column)))))
        rows.join(found.rows, alias, on, kind)
        return Name((alias, found.value))

    def _entity_of(self, rows: ModelRows, entity: str) -> Item:
        ways = sorted(
            (len(links), links) for links, element in self.graph.reached(rows.model.name) if element == entity
        )
        if not ways or (len(ways) > 1 and ways[0][0] == ways[1][0]):
            code = "ambiguous-path" if ways else "unreachable-dimension"
            raise refused(f"`{rows.model.name}` leads to {'more than one' if ways else 'no'} entity `{entity}`", code=code)
        return Item(ways[0][1], entity)

    # time: accumulations, offsets, the spine

    def _accumulate(self, rows: ModelRows, along: Metric, asked: Sequence[Item], measure: Measure) -> None:
        """Let each row count at every instant of the spine whose window reads it.

        The range cuts these instants even below an offset, which then reads less than there is: so does dbt.
        """
        times = [item for item in asked if self.graph.is_time_of(measure, item) and item.part is None]
        # By the finest period that anything names: a filter by month alone reads by month.
        grain = finest([base_grain(self.graph.manifest, item) for item in times] or [rows.native])
        if grain != rows.native and self.range != Range(None, None):
            raise refused(
                f"`{along.name}` gathers by {grain}, the finest time that anything names, and the range cuts it by {rows.native}",
                "group by `metric_time`, or filter by the day", "needs-period",
            )  # fmt: skip
        spine = spine_for(self.graph.manifest, grain)
        time = rows.raw_time(grain)

        def on(instant: Expr) -> tuple[Expr, ...]:
            found: list[Expr] = [Call("<=", (time, instant))]
            if along.window is not None:
                found.append(Call(">", (time, moved(instant, -along.window.count, along.window.grain))))
            elif along.to_date is not None:
                found.append(Call(">=", (time, truncated(instant, along.to_date))))
            return (*found, *self.range.holds(instant))

        rows.counted_at(spine, grain, "instants", on)

    def _reads_cells(self, times: Sequence[Item], shift: Shift) -> bool:
        """Whether an offset reads cells that are added up already: the asked periods are no coarser than what it moves by."""
        plain = [item for item in times if item.part is None]
        if not plain or any(item.grain not in GRAINS for item in _in_order(plain)[:1]) or shift.grain not in GRAINS:
            return False
        grain = _in_order(plain)[0].grain or "day"
        return rank(grain) <= rank(shift.grain) and not (grain == "week" and shift.to_grain is not None)

    def _read_earlier(self, rows: ModelRows, shift: Shift, times: Sequence[Item]) -> None:
        """Let each row count at the instants of the spine that read it through an offset."""
        before = rows.time(rows.native)
        if shift.grain not in GRAINS:
            instants = next_custom(self.graph.manifest, shift.grain, shift.window.count if shift.window else 0, times)
            rows.join(instants.rows, "later", (Call("=", (Name(("later", "read")), before)),), "inner")
            rows.instants = instants.clock("later")
            rows.counted_in = instants.custom
            return
        spine = spine_for(self.graph.manifest, rows.native)
        asked = [base_grain(self.graph.manifest, item) for item in times if item.part is None]

        def on(instant: Expr) -> tuple[Expr, ...]:
            found: list[Expr] = [Call("=", (shift.read_at(instant), before))]
            if shift.to_grain is not None and rows.native not in asked and len(asked) == len(times):
                starts = tuple(Call("=", (truncated(instant, grain), instant)) for grain in asked)
                found.append(starts[0] if len(starts) == 1 else Call("or", starts))
            return tuple(found)

        rows.counted_at(spine, rows.native, "later", on)

    def _on_spine(
        self, cells: Cells, items: tuple[Item, ...], times: tuple[Item, ...], measure: Measure | None, shift: Shift | None,
        timely: Sequence[Filter], added: Sequence[Filter], *, keeps_all: bool, cut: bool = True,
    ) -> Cells:  # fmt: skip
        """Return cells beside the periods of the spine: each period that reads them, or, with ``keeps_all``, every one."""
        joined_on = _in_order(times)[0]
        instants = Instants(self.graph, times, () if not cut else timely, self.range if cut else Range(None, None))
        read = Name(("periods", joined_on.column))
        at: Expr = read if shift is None else shift.read_at(read)
        on = (Call("=", (at, Name(("cells", joined_on.column)))),)
        inside = From(cells.rows, "cells")

        def value(ref: Item | MetricRef) -> Expr:
            return _shown(ref, times)

        shown = self._columns(items)
        deferred = [each for each in added if each not in timely and each.refs and all(
            isinstance(ref, Item) and ref.column in shown for ref in each.refs
        )]  # fmt: skip
        keys = Selection(
            "on_spine",
            From(instants.rows(joined_on), "periods"),
            tuple(Cell(item.column, value(item)) for item in items),
            (Joined(inside, on, "left" if keeps_all else "inner"),),
            tuple(each.over(value) for each in deferred),
        )
        return Cells(keys, (Cell(self.fresh(cells.value), Name(("cells", cells.value))),))

    # cumulative

    def _cumulative(self, metric: Metric, items: tuple[Item, ...], added: tuple[Filter, ...], shift: Shift | None) -> Cells:
        assert metric.input is not None
        graph = self.graph
        measure = graph.measure(metric.input.measure)
        native = graph.native(measure)
        times = [item for item in items if graph.is_time_of(measure, item)]
        base = Item((), "metric_time", native)
        is_coarser = bool(times) and all(item.part is not None or item.grain != native for item in times)
        if not times and (metric.window is not None or metric.to_date is not None):
            raise refused(
                f"`{metric.name}` accumulates over a window, and the question is not split by time", "group by `metric_time`",
                "needs-period",
            )  # fmt: skip
        needed = (*items, base) if is_coarser else items
        above = (*self._filters(metric, metric.filters), *added)
        cells = self._simple(metric, metric.input, needed, self._filters(metric, metric.input.filters), above, shift, metric)
        # In a cell that only other metrics have, dbt fills what is simple, not what accumulates.
        cells = replace(cells, instead=())
        if not is_coarser:
            return cells
        function = {"first": "first_value", "last": "last_value", "average": "avg"}[metric.coarser]
        columns = self._columns(items)
        value = Along(
            function,
            Name(("cells", cells.value)),
            tuple(Name(("cells", column)) for column in columns),
            () if function == "avg" else (Name(("cells", base.column)),),
        )
        each = replace(over(cells.rows, columns, "each_period"), distinct=True)
        rows = replace(each, cells=(*each.cells, Cell(cells.value, value)))
        return Cells(over(rows, columns), (Cell(cells.value, Name(("cells", cells.value))),))

    # ratio and derived

    def _derived(self, metric: Metric, items: tuple[Item, ...], added: tuple[Filter, ...], shift: Shift | None) -> Cells:
        measures = self.graph.measures(metric)
        times = tuple(item for item in items if all(self.graph.is_time_of(measure, item) for measure in measures))
        if shift is None:
            return self._finished(metric, items, added)
        if not times:
            raise refused(
                f"`{metric.name}` is read at another time than it is asked for, and the question is not split by time",
                "group by `metric_time`", "needs-period",
            )  # fmt: skip
        if shift.grain not in GRAINS:
            raise refused(f"an offset of `{metric.name}` by `{shift.grain}`, a calendar's own grain, is not answered", code="not-built")
        # What is moved is whole already, so the filters that it is asked with come after the move, and need their items. Here dbt
        # adds nothing up again: what the filters and a calendar's days told apart stays apart.
        filtered = tuple(ref for each in added for ref in each.items)
        customs = [item for item in (*items, *filtered) if item.grain is not None and item.grain not in GRAINS]
        days = tuple(item.at(base_grain(self.graph.manifest, item)) for item in customs)
        inner = tuple(dict.fromkeys((*items, *filtered, *days)))
        inside = Asking(self.graph, Range(None, None), self.taken, names=self.names)
        cells = inside._finished(metric, inner, ())
        moved_cells = self._on_spine(cells, inner, times, None, shift, (), (), keeps_all=False, cut=False)
        source = moved_cells.keys

        def value(ref: Item | MetricRef) -> Expr:
            return _shown(ref, times)

        where = [each.over(value) for each in added]
        where += self.range.holds(Name(("periods", _in_order(times)[0].column)))
        kept = tuple(cell for cell in source.cells if cell.name in self._columns(items))
        return Cells(replace(source, cells=kept, where=(*source.where, *where)), moved_cells.values)

    def _finished(self, metric: Metric, items: tuple[Item, ...], added: tuple[Filter, ...]) -> Cells:
        columns = self._columns(items)
        own = (*added, *self._filters(metric, metric.filters))
        parts: dict[str, Cells] = {}
        for input in metric.inputs:
            shift = Shift(input.offset, input.to_grain) if input.offset or input.to_grain else None
            below = self.graph.metric(input.metric)
            parts[input.name] = self.metric(input.metric, items, (*own, *self._filters(below, input.filters)), shift)
        whole = met(list(parts.values()), columns)
        values = {name: Name(("cells", cells.value)) for name, cells in parts.items()}
        if metric.type == "ratio":
            above, below_line = (each.name for each in metric.inputs)
            if len(parts) == 1:  # both of one name: dbt reads the same metric twice
                below_line = above
            expr: Expr = Call("/", (operations.cast(values[above], FLOAT), values[below_line]))
        else:
            expr = _formula(metric, values)
        return computed(whole, columns, self.fresh(metric.name), expr)

    # conversion

    def _conversion(self, metric: Metric, items: tuple[Item, ...], added: tuple[Filter, ...], shift: Shift | None) -> Cells:
        from decisionlayer.exchange.metricflow.conversions import converted

        if shift is not None:
            raise refused(f"an offset of `{metric.name}`, a conversion, is not answered", "offset its measures", "not-built")
        above = (*self._filters(metric, metric.filters), *added)
        return converted(self, metric, items, above)


def settled_filters(graph: Graph, filters: Sequence[Filter], metrics: Sequence[Metric]) -> tuple[Filter, ...]:
    """Return filters whose items are complete for what the metrics stand on, with every time's grain settled."""
    models = graph.split_models(metrics)

    def settle(ref: Item | MetricRef) -> Item | MetricRef:
        return settled(graph, ref, metrics, models) if isinstance(ref, Item) else ref

    return tuple(each.with_refs(settle) for each in filters)


def settled(graph: Graph, item: Item, metrics: Sequence[Metric], models: tuple[str, ...]) -> Item:
    """Return an item in full: the entities that lead to it from every model, and the grain of a time.

    The grain of ``metric_time`` is the coarsest default among the metrics, a day where there is none; any other time's is its own.
    """
    item = graph.completed(item, models)
    if item.grain is not None or item.part is not None:
        return item
    if item.is_metric_time:
        return item.at(max((graph.default_grain(metric) for metric in metrics), key=_rank_of, default="day"))
    for model in models:
        dimension = graph.dimension(graph.way(model, item))
        return item if dimension is None or dimension.grain is None else item.at(dimension.grain)
    return item


def _rank_of(grain: str) -> int:
    return rank(grain) if grain in GRAINS else len(GRAINS)


def _in_order(times: Sequence[Item]) -> list[Item]:
    """Return times, the finest first; standard grains before a calendar's own, date parts last."""
    return sorted(times, key=lambda item: (item.part is not None, item.grain not in GRAINS, _rank_of(item.grain or "day")))


def _shown(ref: Item | MetricRef, times: Sequence[Item]) -> Expr:
    """Return what an item is beside the spine: its times are the spine's, everything else is that of the cells."""
    if isinstance(ref, MetricRef):
        raise refused(
            f"a filter by `{ref.metric}` cannot be held to what an offset has moved", "filter the metric that is moved", "not-built"
        )
    return Name(("periods" if ref in times else "cells", ref.column))


def _formula(metric: Metric, values: dict[str, Name]) -> Expr:
    expr = read_sql(metric.expr)
    known = {name.casefold(): value for name, value in values.items()}
    for name in names(expr):
        if name.parts[0].casefold() not in known:
            raise refused(
                f"the formula of `{metric.name}` names `{name.text}`, which is none of its metrics",
                f"its metrics are: {', '.join(values)}", "unknown-name",
            )  # fmt: skip
    return transform(expr, lambda node: known[node.parts[0].casefold()] if isinstance(node, Name) else None)


