"""Conversions as dbt counts them: for each later event the last earlier one of the same entity, within the window.

A later event counts once, at the time and under the dimensions of the earlier one, however many it follows. So one visit with
three purchases counts three, and the rate may pass 100%: dbt's convention, kept here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from decisionlayer.exchange.metricflow.cells import Cells, computed, met, total
from decisionlayer.exchange.metricflow.items import Item, refused
from decisionlayer.exchange.metricflow.manifest import Conversion, MeasureInput, Metric
from decisionlayer.exchange.metricflow.rows import ModelRows
from decisionlayer.exchange.metricflow.templates import Filter
from decisionlayer.frozen import replace
from decisionlayer.plan import operations
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name
from decisionlayer.resolve.language.types import FLOAT
from decisionlayer.sql.selection import Along, Cell, From, Joined, Selection, moved, truncated

if TYPE_CHECKING:
    from decisionlayer.exchange.metricflow.metrics import Asking


def converted(asking: Asking, metric: Metric, items: tuple[Item, ...], added: tuple[Filter, ...]) -> Cells:
    """Return the cells of a conversion metric. ``added`` cuts the earlier events; no filter cuts the later ones but their own."""
    body = metric.conversion
    assert body is not None
    columns = tuple(item.column for item in items)
    base_filters = asking._filters(metric, body.base.filters)
    base = asking._simple(replace(metric, name=body.base.measure), body.base, items, base_filters, added)
    events = _matched(asking, metric, body, items, (*base_filters, *added))
    if body.calculation == "conversions":
        whole, value = met([base, events], columns), Name(("cells", events.value))
        return computed(whole, columns, asking.fresh(metric.name), value)
    whole = met([base, events], columns)
    rate = Call("/", (operations.cast(Name(("cells", events.value)), FLOAT), Name(("cells", base.value))))
    return computed(whole, columns, asking.fresh(metric.name), rate)


def _matched(
    asking: Asking, metric: Metric, body: Conversion, items: tuple[Item, ...], filters: Sequence[Filter]
) -> Cells:
    graph = asking.graph
    base_measure, later_measure = (graph.measure(each.measure) for each in (body.base, body.conversion))
    grain = graph.finest_time(metric)
    base = ModelRows(graph, graph.manifest.models[base_measure.model], base_measure.time)
    where = [each.over(lambda ref: asking.value(base, ref)) for each in filters]
    where += asking.range.holds(base.uncut_time())
    keys = tuple(Cell(item.column, base.item(item)) for item in items)
    constants = [
        (_element(base, first), _element_of(asking, later_measure.model, second)) for first, second in body.constants
    ]
    met_by = (
        Cell("entity", _element(base, body.entity)), Cell("instant", truncated(_own_time(base), grain)),
        *(Cell(f"same_{number}", first) for number, (first, _) in enumerate(constants, 1)),
    )  # fmt: skip
    earlier = base.selection(f"{base.model.name}_rows", (*keys, *met_by, Cell("moment", _own_time(base))), where)
    if any(not graph.is_time_of(base_measure, item) for item in items):
        earlier = _one_of_equals(earlier, tuple(cell.name for cell in met_by), tuple(cell.name for cell in keys))
    later = ModelRows(graph, graph.manifest.models[later_measure.model], later_measure.time)
    own = [
        each.over(lambda ref: asking.value(later, ref)) for each in asking._filters(metric, body.conversion.filters)
    ]
    events = later.selection(
        f"{later.model.name}_rows",
        (
            Cell("entity", _element(later, body.entity)), Cell("instant", truncated(_own_time(later), grain)),
            Cell("measured", later.own(later_measure.expr)),
            *(Cell(f"same_{number}", second) for number, (_, second) in enumerate(constants, 1)),
        ),
        own,
    )  # fmt: skip

    def both(column: str, sign: str = "=") -> Expr:
        return Call(sign, (Name(("event", column)), Name(("before", column))))

    same = [both(f"same_{number}") for number in range(1, len(constants) + 1)]
    cut: list[Expr] = []
    if body.window is not None:
        reached = moved(Name(("event", "instant")), -body.window.count, body.window.grain)
        cut.append(Call(">", (Name(("before", "instant")), reached)))
    name = asking.fresh(body.conversion.measure)
    selection = Selection(
        "conversions",
        From(events, "event"),
        tuple(Cell(item.column, Name(("before", item.column))) for item in items),
        (Joined(From(earlier, "before"), (both("entity"), *same, both("instant", ">=")), "asof"),),
        tuple(cut),
        grouped=True,
    )
    cells = Cells(selection, (Cell(name, total(later_measure, Name(("event", "measured")))),))
    return _filled(asking, body.conversion, cells, items, metric)


def _one_of_equals(earlier: Selection, met_by: tuple[str, ...], shown: tuple[str, ...]) -> Selection:
    """Return earlier events, one of those that fall on one instant: the first of them, then the least. dbt takes any."""

    def column(name: str) -> Expr:
        return Name(("each_event", name))

    order = (column("moment"), *(column(name) for name in shown))
    place = Along("row_number", None, tuple(column(name) for name in met_by), order)
    cells = tuple(Cell(name, column(name)) for name in earlier.columns)
    placed = Selection(f"{earlier.name}_placed", From(earlier, "each_event"), (*cells, Cell("place", place)))
    kept = tuple(Cell(name, Name(("placed", name))) for name in earlier.columns)
    return Selection(f"{earlier.name}_kept", From(placed, "placed"), kept, (), (Call("=", (Name(("placed", "place")), Literal(1))),))


def _filled(asking: Asking, input: MeasureInput, cells: Cells, items: tuple[Item, ...], metric: Metric) -> Cells:
    """Return the matched events as the conversion measure wants them: on the spine, and with NULL read as something else."""
    body = metric.conversion
    assert body is not None
    later = asking.graph.measure(body.conversion.measure)
    times = tuple(item for item in items if asking.graph.is_time_of(later, item))
    if input.on_spine and times:
        # The range has cut the earlier events; dbt does not cut the spine that the later ones stand on.
        cells = asking._on_spine(cells, items, times, None, None, (), (), keeps_all=True, cut=False)
    if input.fill is None:
        return cells
    columns = tuple(item.column for item in items)
    fill = Literal(input.fill)
    found = computed(cells, columns, cells.value, Call("coalesce", (Name(("cells", cells.value)), fill)))
    return replace(found, instead=((cells.value, fill),))


def _own_time(rows: ModelRows) -> Expr:
    assert rows.counted_by is not None
    return rows.own(rows.model.dimensions[rows.counted_by].expr)


def _element(rows: ModelRows, name: str) -> Expr:
    """Return an entity or a dimension of a model by its bare name."""
    entity = rows.model.entities.get(name)
    if entity is not None:
        return rows.own(entity.expr)
    dimension = rows.model.dimensions.get(name)
    if dimension is None:
        raise refused(f"`{rows.model.name}` has neither entity nor dimension `{name}`", code="unknown-name")
    return rows.own(dimension.expr)


def _element_of(asking: Asking, model: str, name: str) -> Expr:
    return _element(ModelRows(asking.graph, asking.graph.manifest.models[model], None), name)
