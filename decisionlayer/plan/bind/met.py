"""Met: the entities with history that a question goes through, and whether it says under which structure times are compared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

from decisionlayer.findings import Finding
from decisionlayer.plan.bind.columns import Columns
from decisionlayer.plan.bind.paths import Ways
from decisionlayer.plan.bind.structure import histories
from decisionlayer.plan.bind.tree import Node, Tree
from decisionlayer.plan.query import Query
from decisionlayer.resolve.language.tree import names
from decisionlayer.resolve.meaning.comparing import unsettled_structure
from decisionlayer.resolve.model import Metric, Model, Source
from decisionlayer.resolve.reach.paths import Route

#: Sources with history by name and the day of the version that a path names, None where it names none.
Met = Mapping[tuple[str, dt.date | None], Source]


def met(model: Model, columns: Columns, tree: Tree, ways: Ways) -> Met:
    """Return the entities with history that the question goes through, by its own paths or those of its metrics."""
    return {(source.name, day): source for leaf in tree.leaves for source, day in _of(model, columns, leaf, ways)}


def check_compared(query: Query, model: Model, columns: Columns, tree: Tree, ways: Ways, findings: list[Finding]) -> None:
    """Refuse a comparison through history that does not say its structure: ``unsettled-structure`` (DL402).

    It is decided without a look at data: a reorganisation that has not come yet would change the number silently.
    """
    if query.structure is not None or query.basis is not None:
        return
    compared: dict[str, tuple[Source, str]] = {}
    for leaf in tree.leaves:
        if any(look.function == "prior" for look in leaf.context.looks):
            for source, day in _of(model, columns, leaf, ways):
                if day is None:
                    compared.setdefault(source.name, (source, leaf.metric.name))
    for source, metric in compared.values():
        findings.append(unsettled_structure(metric, source.describes or source.name, source.place, "question"))


def _of(model: Model, columns: Columns, leaf: Node, ways: Ways) -> Iterator[tuple[Source, dt.date | None]]:
    routes = [ways.route(parts, leaf) for parts in ways.asked()]
    read = [name.parts for expr in (leaf.measure.expr, *leaf.conditions()) for name in names(expr)]
    read += [] if leaf.metric.unit_column is None else [leaf.metric.unit_column]
    routes += (columns.route(leaf.rows_are_of, parts) for parts in read)
    for route in routes:
        if route is not None:
            # A metric of each thing is met by the key of the thing, not by one of its versions.
            hops = route.hops[:-1] if route.hops and _is_metric(model, route) else route.hops
            yield from histories(model, hops)


def _is_metric(model: Model, route: Route) -> bool:
    return route.end == "dimension" and model.sources[route.holder].dimensions[route.name].metric is not None


def check_one_unit(metrics: Iterable[Metric], findings: list[Finding]) -> None:
    """``mixed-units`` where cells are compared or ranked, each of which may be in a unit of its own."""
    for metric in metrics:
        if metric.unit_column is not None:
            findings.append(Finding(
                "mixed-units", "question",
                f"`{metric.name}` is compared, and each of its rows is in its own `{'.'.join(metric.unit_column)}`",
                metric.place, why="a change from one unit to another is no change of anything",
                help="compare a metric that converts it: `convert: {fx: …, rate: …}` on a term",
            ))  # fmt: skip
