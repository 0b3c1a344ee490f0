"""Misled: the numbers over time whose watched mix says otherwise than their classes do (DL601), in the data that is there.

Looked at is what people look at: by the periods and groups of each view that shows the number, by the periods of each decision that
rests on it, and in all by its own period, a month at least. Of each the newest is told and the others are counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from decisionlayer.ask import Desk
from decisionlayer.decide.mixing import watched
from decisionlayer.errors import DecisionLayerError
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.names import PERIODS
from decisionlayer.plan.query import Query
from decisionlayer.resolve.model import Metric, Model, View
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.values.uses import texts

#: A number that nobody shows is not compared from day to day.
_LEAST = "month"
#: The keys of a view that say which rows it reads, and how.
_ROWS = ("where", "params", "paths", "start", "end", "structure", "definition", "basis", "known_on")


def misled(desk: Desk, spoilt: Collection[str]) -> Iterator[Finding]:
    """Yield DL601 once for each way in which a watching metric is read; what stands on ``spoilt`` subjects is left alone.

    It costs two questions a way, and nothing in a project that watches nothing.
    """
    model, beneath = desk.model, Beneath(desk.model.metrics)
    for metric in model.named_metrics.values():
        if not metric.watch:
            continue
        stands_on = {f"metric {each.name}" for each in beneath.tree(metric.name)}
        stands_on |= {f"source {name}" for name in beneath.sources(metric.name)}
        if stands_on.isdisjoint(spoilt) and not any(subject in model.broken for subject in stands_on):
            for query in {query.key(): query for query in _questions(model, metric)}.values():
                yield from _newest(desk, query)


def _newest(desk: Desk, query: Query) -> Iterator[Finding]:
    try:
        result = desk.answer(query)
    except DecisionLayerError:
        return  # it cannot be compared so, such as through history without a structure: whoever asks is told
    found = list(watched(desk, query, result))
    if found:
        more = f"; and so in {len(found) - 1:,} more of {len(result.rows()):,}" if len(found) > 1 else ""
        yield replace(found[-1], message=f"{found[-1].message}{more}")


def _questions(model: Model, metric: Metric) -> Iterator[Query]:
    """Yield the questions in which a metric is set beside the period before."""
    bare = Query(metrics=(metric.name,), compare=("previous",), definition="restated" if metric.editions else None)
    periods = []
    for view in model.views.values():
        if metric.name in texts(view.question.get("metrics")):
            by = texts(view.question.get("by"))
            spans = [path for path in by if _is_period(model, path)]
            periods += spans[:1]
            if len(spans) == 1 and len(by) > 1:
                yield replace(_shown(view, bare), by=(*spans, *(path for path in by if path not in spans)))
    for decision in model.decisions.values():
        if any(criterion.metric == metric.name for criterion in decision.criteria):
            periods += [horizon.period for horizon in decision.horizons if horizon.period is not None and horizon.against is not None]
    own = metric.limit.time or _LEAST
    if own in PERIODS and PERIODS.index(own) < PERIODS.index(_LEAST):
        own = _LEAST
    for period in dict.fromkeys(periods or [own]):
        yield replace(bare, by=(period,))


def _shown(view: View, bare: Query) -> Query:
    """Return a question with the rows and the reading of a view."""
    keys = {key: view.question[key] for key in _ROWS if view.question.get(key)}
    read = Query.of(**keys)
    changed = {key: getattr(read, key) for key in keys}
    if read.basis is not None:
        changed["definition"] = None
    return replace(bare, **changed)


def _is_period(model: Model, path: str) -> bool:
    return path in PERIODS or path.partition(".")[0] in model.project.calendars
