"""Computed: a metric as a dimension of an entity, planned as a question of its own by the entity's key.

::

    customer.orders_ever      the question {metrics: [orders], by: [customer]}, met by each row's customer
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan.bind.structure import Moment
from decisionlayer.plan.nodes import Cells, Field
from decisionlayer.plan.query import Query
from decisionlayer.resolve.bodies.metric_dimensions import key_route
from decisionlayer.resolve.collect import fallen
from decisionlayer.resolve.language.tree import Aggregate, Call, Expr, Literal, Name, names
from decisionlayer.resolve.meaning.unsettled import CODES
from decisionlayer.resolve.model import Formula, Measure, Metric, MetricOf, Model
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.reach.paths import Hop, Paths
from decisionlayer.resolve.values.editions import Read

if TYPE_CHECKING:
    from decisionlayer.plan.bind.bound import BoundQuestion
    from decisionlayer.plan.bind.columns import Columns
    from decisionlayer.plan.bind.question import Binding
    from decisionlayer.plan.bind.result import BoundRows
    from decisionlayer.plan.bind.tree import Node


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
    from decisionlayer.plan.prepared import prepare
    from decisionlayer.plan.rules import rewrite

    _bound(computed, moment)
    findings: list[Finding] = []
    prepared = prepare(_question(computed, moment), moment.model, findings)
    if prepared is None:
        raise QueryError([_through(finding, computed, moment.model) for finding in findings])
    root, _ = rewrite(prepared.plan())
    return root.input, prepared.question.groups


def read_through(
    rows: Mapping[Node | None, BoundRows], columns: Columns, model: Model, findings: list[Finding]
) -> tuple[tuple[Read, ...], tuple[str, ...]]:
    """Return under which definition each metric is read that is a dimension here, and what a reader must know of it.

    Appends what keeps one from being read: DL401, DL406.
    """
    reads: list[Read] = []
    notes: dict[str, None] = {}
    done: set[tuple[str, str]] = set()
    for leaf, bound in rows.items() if model.is_dated else ():
        for computed in _read_in(leaf, bound, columns):
            if (computed.holder, computed.name) in done:
                continue
            done.add((computed.holder, computed.name))
            try:
                binding, question = _bound(computed, bound.moment)
            except QueryError as refused:
                findings += (each for each in refused.findings if each not in findings)
                continue
            reads += (replace(each, dimension=each.dimension or computed.name) for each in question.definitions)
            notes |= dict.fromkeys(f"the dimension `{computed.name}`: {note}" for note in binding.editions.notes())
    return tuple(reads), tuple(notes)


def _read_in(leaf: Node | None, bound: BoundRows, columns: Columns) -> Iterator[Computed]:
    """Yield the metrics of each thing that the rows of a measure are split or filtered by, also beyond a many side."""
    waiting = [(bound.source, expr) for expr in bound.reads()]
    waiting += [(one.road[-1].target, each.expr) for crossed in bound.expansions for one in crossed.all for each in one.splits]
    marks = dict(bound.marks)
    if leaf is not None:
        own = leaf.conditions() if leaf.measure.match is not None else (*leaf.conditions(), leaf.measure.expr)
        waiting += [(bound.source, columns.of_row(bound.source, expr)) for expr in own]
    while waiting:
        source, expr = waiting.pop(0)
        for alias in dict.fromkeys(name.parts[0] for name in names(expr)):
            computed = columns.computed.get((source, alias))
            mark = marks.get(alias) or columns.marks.get((source, alias))
            if computed is not None:
                yield computed
            elif mark is not None:
                marks |= dict(mark.within)
                waiting.append((mark.road[-1].target, mark.condition))


def _bound(computed: Computed, moment: Moment) -> tuple[Binding, BoundQuestion]:
    """Return the metric as a question by the key of its entity. Raises QueryError or DeclarationError where it cannot be asked so."""
    from decisionlayer.plan.bind.question import Binding

    model = moment.model
    key = f"dimension {computed.holder}.{computed.name}"
    if key in model.broken:
        raise QueryError(fallen("question", key, model.broken[key], None))
    binding = Binding(_question(computed, moment), model)
    bound = binding.result()
    if bound is None:
        raise QueryError([_through(finding, computed, model) for finding in binding.findings])
    return binding, bound


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


def _through(finding: Finding, computed: Computed, model: Model) -> Finding:
    told = f"the dimension `{computed.name}` is the metric `{computed.of.metric}` of each: {finding.message}"
    if finding.code not in CODES:
        return replace(finding, message=told)
    tree = Beneath(model.metrics).tree(computed.of.metric)
    days = sorted({edition.since for metric in tree for edition in metric.editions[:-1]}, reverse=True)
    within = f"let the question begin on {days[0]} or end before it" if days else "let the question begin later"
    if not computed.of.in_range:
        within = f"let `{computed.name}` say `within: range`, and {within}"
    if finding.code == "unrecorded-restatement":
        return replace(finding, message=told, help=f"{finding.help.rpartition(', or say')[0]}; or {within}")
    broken = any(edition.past == "break" for metric in tree for edition in metric.editions)
    return replace(finding, message=told, help=within if broken else f"say `definition: restated`, or {within}")


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
