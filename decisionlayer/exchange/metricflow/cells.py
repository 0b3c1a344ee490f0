"""Cells: what a metric is worth in each combination of the asked items, and how several metrics meet on them.

``Cells`` hold key columns and some values that are not written into them yet, so that values over the same rows are one
SELECT, however many metrics ask for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from decisionlayer.exchange.metricflow.items import Item
from decisionlayer.exchange.metricflow.manifest import Measure
from decisionlayer.exchange.metricflow.rows import ModelRows
from decisionlayer.frozen import dataclass, replace
from decisionlayer.resolve.language.tree import Call, Case, Expr, Literal, Name
from decisionlayer.sql.selection import Along, Cell, From, Selection, Stack, Total, truncated


@dataclass(frozen=True, slots=True)
class Cells:
    """Key columns with values over them; ``instead`` is what a value holds in a cell that only others have."""

    keys: Selection
    values: tuple[Cell, ...]
    instead: tuple[tuple[str, Expr], ...] = ()

    @property
    def rows(self) -> Selection:
        """The keys and the values as one SELECT."""
        return replace(self.keys, cells=(*self.keys.cells, *self.values))

    @property
    def value(self) -> str:
        """The name of the one value."""
        return self.values[0].name


def met(several: Sequence[Cells], columns: tuple[str, ...]) -> Cells:
    """Return several cells as one, one row for each combination of ``columns`` in any of them.

    Those over the same keys of the same rows are one SELECT; the others are stacked.
    """
    grouped: dict[Selection, list[Cells]] = {}
    for each in dict.fromkeys(several):
        grouped.setdefault(each.keys, []).append(each)
    whole = [Cells(keys, tuple(dict.fromkeys(value for each in group for value in each.values))) for keys, group in grouped.items()]
    instead = tuple(dict.fromkeys(pair for each in several for pair in each.instead))
    if len(whole) == 1:
        return replace(whole[0], instead=instead)
    stack = Stack("cells", tuple(each.rows for each in whole), columns, instead)
    return Cells(over(stack, columns), tuple(Cell(value.name, Name(("cells", value.name))) for each in whole for value in each.values))


def over(rows: Selection | Stack, columns: Iterable[str], name: str = "finished") -> Selection:
    """Return the key columns of some rows, as a SELECT to which values are added."""
    return Selection(name, From(rows, "cells"), tuple(Cell(column, Name(("cells", column))) for column in columns))


def computed(cells: Cells, columns: tuple[str, ...], name: str, value: Expr) -> Cells:
    """Return a value computed of the values of some cells, named ``Name(("cells", value))`` in it."""
    return Cells(over(cells.rows, columns), (Cell(name, value),))


def counted(
    rows: ModelRows, items: Sequence[Item], where: Sequence[Expr], measure: Measure, name: Callable[[object], str]
) -> Cells:
    """Return a measure over its rows, one value for each combination of the items; ``name`` gives equal values one name."""
    keys = tuple(Cell(item.column, rows.item(item)) for item in items)
    value = rows.own(measure.expr)
    if measure.snapshot is not None:
        return _along_time(rows, items, keys, where, measure, value, name)
    whole = rows.selection(f"{rows.model.name}_cells", (*keys, Cell("", total(measure, value))), where, grouped=True)
    groups = replace(whole, cells=whole.cells[:-1])
    summed = whole.cells[-1].value
    return Cells(groups, (Cell(name((groups, summed)), summed),))


def total(measure: Measure, value: Expr) -> Total:
    """Return the aggregate that a measure is, over a value of each row."""
    match measure.agg:
        case "sum_boolean":
            return Total("sum", Case(((value, Literal(1)),), Literal(0)))
        case "average":
            return Total("avg", value)
        case "median":
            return Total("quantile", value, 0.5)
        case "percentile":
            function = "quantile_disc" if measure.is_discrete else "quantile_near" if measure.is_approximate else "quantile"
            return Total(function, value, measure.share)
        case known:
            return Total(known, value)


def _along_time(
    rows: ModelRows, items: Sequence[Item], keys: tuple[Cell, ...], where: Sequence[Expr], measure: Measure, value: Expr,
    name: Callable[[object], str],
) -> Cells:  # fmt: skip
    """Return a measure that is not added along time: only rows of the first or last instant of each asked period count.

    The instant is found after the filters, for each of the entities that the measure names and for nothing else.
    """
    stays = measure.snapshot
    assert stays is not None
    is_own_time = stays.dimension == measure.time
    period = next(
        (item for item in items if item.element == stays.dimension or (is_own_time and item.is_metric_time)), None
    )
    instant = truncated(rows.own(rows.model.dimensions[stays.dimension].expr), rows.native)
    per = tuple(rows.own(rows.model.entities[entity].expr) for entity in stays.per)
    by = (*per, *((rows.item(period),) if period is not None else ()))
    each = rows.selection(
        f"{rows.model.name}_rows",
        (*keys, Cell("instant", instant), Cell("edge", Along(stays.takes, instant, by)), Cell("measured", value)),
        (*where, *(Call("not", (Call("is_null", (entity,)),)) for entity in per)),
    )
    kept = (Call("=", (Name(("every_row", "instant")), Name(("every_row", "edge")))),)
    selection = Selection(
        f"{rows.model.name}_cells",
        From(each, "every_row"),
        tuple(Cell(key.name, Name(("every_row", key.name))) for key in keys),
        (),
        kept,
        grouped=True,
    )
    summed = total(measure, Name(("every_row", "measured")))
    return Cells(selection, (Cell(name((selection, summed)), summed),))
