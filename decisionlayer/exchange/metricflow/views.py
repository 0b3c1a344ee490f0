"""dbt's saved queries as views of ours: the same metrics, splits, filters and order. Who publishes them, and for whom, dbt does not say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from decisionlayer.errors import QueryError
from decisionlayer.exchange.metricflow.definitions import Declared, Definitions
from decisionlayer.exchange.metricflow.grains import GRAINS
from decisionlayer.exchange.metricflow.items import Item
from decisionlayer.exchange.metricflow.losses import Loss, Lost, reason
from decisionlayer.exchange.metricflow.manifest import SavedQuery
from decisionlayer.exchange.metricflow.question import Question, read_question

_NAMES = "dbt names columns as `metric_time__month` and `order__city`"


def views(definitions: Definitions, losses: list[Loss]) -> Iterator[Mapping[str, object]]:
    """Yield every saved query that a view can say; what it cannot say is a loss."""
    for saved in definitions.graph.manifest.saved.values():
        try:
            view = _view(saved, definitions)
        except (Lost, QueryError) as lost:
            losses.append(Loss(f"saved query {saved.name}", reason(lost), "left out; `metricflow.query` answers it"))
            continue
        if "by" in view:
            losses.append(Loss(f"saved query {saved.name}", _NAMES, "the columns bear our names, such as `month` and `customer__city`"))
        yield view


def _view(saved: SavedQuery, definitions: Definitions) -> Declared:
    graph = definitions.graph
    question = read_question(
        graph, metrics=saved.metrics, group_by=saved.group_by, where=saved.where or None, order_by=saved.order_by, limit=saved.limit,
        start_time=None, end_time=None, min_max_only=False, deduplicate=True,
    )  # fmt: skip
    if not question.metrics:
        raise Lost("it asks for values, and no metric")
    absent = next((name for name in question.metrics if name not in definitions.known), None)
    if absent is not None:
        raise Lost(f"its metric `{absent}` is left out")
    found: Declared = {"view": saved.name, "audience": "frontline", "metrics": list(question.metrics)}
    splits = {item.column: _split(item, question, definitions) for item in question.items}
    if splits:
        found["by"] = list(splits.values())
    wheres = {
        definitions.condition(name, model, saved.where)
        for name in question.metrics
        for model in dict.fromkeys(measure.model for measure in graph.measures(graph.metric(name)))
    }
    if len(wheres) > 1:
        raise Lost("its filter is reached in one way from one metric, and in another from the next")
    where = wheres.pop()
    if where:
        found["where"] = where
    if saved.order_by:
        sorts = question.order[: len(saved.order_by)]
        found["order"] = [f"{'-' if sort.descending else ''}{splits.get(sort.column, sort.column)}" for sort in sorts]
    if question.limit is not None:
        found["limit"] = question.limit
    return found


def _split(item: Item, question: Question, definitions: Definitions) -> str:
    if item.part is not None:
        raise Lost(f"it splits by `{item.column}`, a part of a time")
    if item.is_metric_time:
        if item.grain not in GRAINS:
            raise Lost(f"it splits by `{item.grain}`, a grain of its spine")
        return item.grain or "day"
    if item.grain is not None:
        raise Lost(f"it splits by `{item.column}`, another time than the metrics' own")
    graph = definitions.graph
    models = dict.fromkeys(measure.model for name in question.metrics for measure in graph.measures(graph.metric(name)))
    paths = {definitions.places.path(model, item) for model in models}
    if len(paths) > 1:
        raise Lost(f"`{item.column}` is reached in one way from one metric, and in another from the next")
    return ".".join(paths.pop())
