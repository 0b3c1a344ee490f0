"""A question in dbt's words, read and compiled: what ``mf query`` takes becomes one statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from decisionlayer.capabilities import Capabilities
from decisionlayer.errors import QueryError
from decisionlayer.exchange.metricflow.cells import met
from decisionlayer.exchange.metricflow.grains import GRAINS, closing, coarsest, finest, opening
from decisionlayer.exchange.metricflow.graph import Graph
from decisionlayer.exchange.metricflow.items import Item, MetricRef, read_item, read_reference, refused
from decisionlayer.exchange.metricflow.metrics import Asking, settled, settled_filters
from decisionlayer.exchange.metricflow.rows import Range
from decisionlayer.exchange.metricflow.spines import base_grain
from decisionlayer.exchange.metricflow.templates import Filter, read_filters
from decisionlayer.exchange.metricflow.values import completed, distinct_values
from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass, replace
from decisionlayer.names import did_you_mean
from decisionlayer.resolve.model import Table
from decisionlayer.sql.selection import Cell, Selection, Sort, steps, written
from decisionlayer.sql.statement import Statement


@dataclass(frozen=True, slots=True)
class Question:
    """A dbt question with every name settled. Without metrics it asks for the values of its items."""

    metrics: tuple[str, ...]
    items: tuple[Item, ...]
    filters: tuple[Filter, ...]
    range: Range
    order: tuple[Sort, ...]
    limit: int | None
    extent: bool
    repeats: bool


def read_question(
    graph: Graph, *, metrics: object, group_by: object, where: object, order_by: object, limit: object, start_time: object,
    end_time: object, min_max_only: bool, deduplicate: bool,
) -> Question:  # fmt: skip
    """Return a question, its names settled. Raises QueryError with what is wrong with it."""
    asked = tuple(name.lower() for name in _texts("metrics", metrics))
    known = [graph.metric(name) for name in asked]
    models = graph.split_models(known)
    customs = graph.manifest.customs
    items = tuple(read_item(text, customs) for text in _texts("group_by", group_by))
    filters = read_filters(_texts("where", where, one=True), customs)
    if not asked and not items:
        raise refused("the question asks for nothing", "name a metric under `metrics`, or an item under `group_by`")
    if known:
        items = tuple(settled(graph, item, known, models) for item in items)
        filters = settled_filters(graph, filters, known)
    else:
        items = tuple(completed(graph, item) for item in items)
        filters = tuple(each.with_refs(lambda ref: completed(graph, ref) if isinstance(ref, Item) else ref) for each in filters)
    items = tuple(dict.fromkeys(items))
    if min_max_only and (known or len(items) != 1 or _texts("order_by", order_by) or limit is not None):
        raise refused("`min_max_only` takes one group-by item and nothing else", "leave metrics, order and limit out")
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 0):
        raise refused(f"`limit` takes a whole number of rows, not {limit!r}")
    order = tuple(_sort(graph, text, asked, items) for text in _texts("order_by", order_by))
    if not min_max_only:  # the same question gives the same rows in the same order, also where what is sorted by ties
        sorted_by = {sort.column for sort in order}
        order += tuple(Sort(item.column) for item in items if item.column not in sorted_by)
    range = _range(graph, asked, items, start_time, end_time)
    return Question(asked, items, filters, range, order, limit, min_max_only, not deduplicate)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A question as a statement, and the models that rows are joined to by a key alone."""

    statement: Statement
    joined: tuple[str, ...]


def compile_question(graph: Graph, question: Question, capabilities: Capabilities) -> Compiled:
    """Return a question compiled."""
    root = _root(graph, question)
    statement = written(root, capabilities, {name: name for name in question.metrics})
    return Compiled(statement, tuple(_joined(graph, root)))


def _root(graph: Graph, question: Question) -> Selection:
    if not question.metrics:
        found_values = distinct_values(
            graph, question.items, question.filters, question.range, repeats=question.repeats, extent=question.extent
        )
        return replace(found_values, order=question.order, limit=question.limit)
    asking = Asking(graph, question.range, set(question.metrics))
    columns = tuple(item.column for item in question.items)
    found = [asking.metric(name, question.items, question.filters) for name in question.metrics]
    whole = met(found, columns)
    by_name = {cell.name: cell.value for cell in whole.values}
    values = tuple(Cell(name, by_name[each.value]) for name, each in zip(question.metrics, found, strict=True))
    return replace(whole.keys, cells=(*whole.keys.cells, *values), order=question.order, limit=question.limit)


def _joined(graph: Graph, root: Selection) -> Iterator[str]:
    """Yield the models that are joined to by one key and nothing else; a history or a partition says more."""
    tables = {model.table: model.name for model in graph.manifest.models.values()}
    joins = (join for rows in steps(root) if isinstance(rows, Selection) for join in rows.joins)
    found = (join.source.rows.parts for join in joins if len(join.on) == 1 and isinstance(join.source.rows, Table))
    yield from dict.fromkeys(tables[parts] for parts in found if parts in tables)


def _texts(key: str, given: object, *, one: bool = False) -> tuple[str, ...]:
    match given:
        case None:
            return ()
        case str() if one:
            return (given,)
        case str():
            raise refused(f"`{key}` takes a list, not the text {given!r}", f"write {key}=[{given!r}]")
        case Sequence() if all(isinstance(each, str) for each in given):
            return tuple(given)
        case _:
            raise refused(f"`{key}` takes a list of texts, not {given!r}")


def _sort(graph: Graph, text: str, metrics: tuple[str, ...], items: tuple[Item, ...]) -> Sort:
    """Return a sort key: ``-bookings``, ``metric_time``, ``Dimension('listing__country').descending(True)``."""
    downwards = text.startswith("-")
    name = text.removeprefix("-").strip()
    if "(" in name:
        call, _, after = name.partition(").descending(")
        if name.startswith("Metric("):
            name = call.split("(", 1)[1].rstrip(")").strip("'\" ")
            downwards = bool(after) and not after.startswith("False")
            return _sort(graph, ("-" if downwards else "") + name, metrics, items)
        found = read_reference(name, graph.manifest.customs)
        if isinstance(found, MetricRef):
            raise refused(f"`{name}` is no column of the answer")
        wanted, downwards = found
    elif name.lower() in metrics:
        return Sort(name.lower(), downwards)
    else:
        wanted = read_item(name, graph.manifest.customs)
    for item in items:
        same = item.element == wanted.element and item.links[len(item.links) - len(wanted.links) :] == wanted.links
        if same and (wanted.grain in (None, item.grain)) and wanted.part in (None, item.part):
            return Sort(item.column, downwards)
    raise refused(f"`{name}` is no column of the answer", did_you_mean(name, [*metrics, *(item.column for item in items)]))


def _range(graph: Graph, metrics: tuple[str, ...], items: tuple[Item, ...], start: object, end: object) -> Range:
    """Return the range, widened to whole periods of the finest time that is asked, or the default one.

    A calendar's own grain counts only where no other is asked, by the days that it is made of.
    """
    if start is None and end is None:
        return Range(None, None)
    times = [item for item in items if item.is_metric_time and item.part is None]
    plain = [item for item in times if item.grain in GRAINS]
    if times:
        grain = finest([base_grain(graph.manifest, item) for item in plain or times])
    elif metrics:
        grain = coarsest([graph.default_grain(graph.metric(name)) for name in metrics])
    else:
        grain = "day"
    opens, closes = _moment("start_time", start), _moment("end_time", end)
    if opens is not None and closes is not None and opens > closes:
        raise QueryError((Finding(
            "bad-time", "question", f"`start_time` is {start} and `end_time` is {end}: the range ends before it begins",
            help="turn them round",
        ),))  # fmt: skip
    return Range(None if opens is None else opening(opens, grain), None if closes is None else closing(closes, grain))


def _moment(key: str, given: object) -> dt.datetime | None:
    match given:
        case None:
            return None
        case dt.datetime():
            return given.replace(tzinfo=None)
        case dt.date():
            return dt.datetime(given.year, given.month, given.day)
        case str():
            try:
                return dt.datetime.fromisoformat(given.strip()).replace(tzinfo=None)
            except ValueError:
                pass
    raise refused(f"`{key}` is {given!r}, which is no time", "write it as 2020-01-31 or 2020-01-31 18:30:00", "bad-time")
