"""Computed: a metric as a dimension of an entity, planned as a question of its own by the entity's key.

::

    customer.orders_ever      the question {metrics: [orders], by: [customer]}, met by each row's customer
"""

from __future__ import annotations

from collections.abc import Mapping

from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan.bind.structure import Moment
from decisionlayer.plan.nodes import Cells, Field
from decisionlayer.plan.query import Query
from decisionlayer.resolve.bodies.metric_dimensions import key_route
from decisionlayer.resolve.collect import fallen
from decisionlayer.resolve.language.tree import Aggregate, Call, Expr, Literal, Name
from decisionlayer.resolve.model import Formula, Measure, Metric, MetricOf
from decisionlayer.resolve.reach.paths import Hop, Paths


@dataclass(frozen=True, slots=True)
class Computed:
    """A metric of each entity, as it stands below rows: under which alias, the way to its holder, and what is asked."""

    alias: str
    hops: tuple[Hop, ...]
    holder: str
    name: str
    of: MetricOf

    @property
    def value(self) -> Name:
        """Its value below rows; NULL where the entity has no rows of the metric."""
        return Name((self.alias, self.of.metric))


def cells_of(computed: Computed, moment: Moment) -> tuple[Cells, tuple[Field, ...]]:
    """Return the metric by the key of its entity, and the columns of that key.

    Raises QueryError or DeclarationError for a metric that cannot be asked so.
    """
    from decisionlayer.plan.assemble import assemble
    from decisionlayer.plan.bind.question import Binding
    from decisionlayer.plan.rules import rewrite

    model, of = moment.model, computed.of
    key = f"dimension {computed.holder}.{computed.name}"
    if key in model.broken:
        raise QueryError(fallen("question", key, model.broken[key], None))
    binding = Binding(_question(computed, moment), model)
    bound = binding.result()
    if bound is None:
        raise QueryError([_through(finding, computed.name, of.metric) for finding in binding.findings])
    root, _ = rewrite(assemble(bound, model))
    return root.input, bound.groups


def _question(computed: Computed, moment: Moment) -> Query:
    asked, of = moment.query, computed.of
    entity = moment.model.sources[computed.holder].describes or ""
    paths = Paths.of(moment.model)
    ways = {}
    for source in moment.model.sources:
        route = key_route(paths, source, entity, of.by)
        if route is not None and route.path != of.by:
            ways[source] = route.path
    ranged = replace(Query(), start=asked.start, end=asked.end) if of.in_range else Query()
    return replace(
        ranged, metrics=(of.metric,), by=(of.by,), paths={of.by: ways} if ways else {}, today=asked.today,
        structure=asked.structure, definition=asked.definition, basis=asked.basis, known_on=asked.known_on,
    )  # fmt: skip


def _through(finding: Finding, name: str, metric: str) -> Finding:
    return replace(finding, message=f"the dimension `{name}` is the metric `{metric}` of each: {finding.message}")


def without_rows(metrics: Mapping[str, Metric], metric: str) -> Expr | None:
    """Return what a metric is worth where there are no rows: a number for counts and what is made of them; None for nothing."""
    worth = _worth(metrics, metric)
    return None if worth is None else Literal(worth)


def _worth(metrics: Mapping[str, Metric], metric: str) -> int | None:
    it = metrics.get(metric)
    if it is None:
        return None
    if it.missing is not None:
        return 0 if it.missing == "zero" else None
    match it.body:
        case Measure() as body:
            return _value(metrics, body.expr, None)
        case Formula() as body:
            return _value(metrics, body.expr, body)


def _value(metrics: Mapping[str, Metric], expr: Expr, formula: Formula | None) -> int | None:
    """Return an expression over no rows; what is no sum of counts is nothing."""
    match expr:
        case Aggregate(function=function):
            return 0 if function in ("count", "count_distinct") else None
        case Name():
            term = None if formula is None else formula.terms.get(expr.text)
            return None if term is None or _worth(metrics, term.metric) != 0 else 0
        case Call(function="+" | "-", arguments=parts):
            return 0 if any(_value(metrics, part, formula) == 0 for part in parts) and not _adds_more(metrics, parts, formula) else None
        case _:
            return None


def _adds_more(metrics: Mapping[str, Metric], parts: tuple[Expr, ...], formula: Formula | None) -> bool:
    return any(isinstance(part, Literal | Call) and _value(metrics, part, formula) is None for part in parts)
