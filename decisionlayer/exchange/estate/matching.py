"""Which governed number a piece of SQL competes with: the one over the same table that measures the same columns."""

from __future__ import annotations

from collections.abc import Mapping

from decisionlayer.exchange.estate.beneath import Ground, ground_of
from decisionlayer.exchange.estate.shown import Shown
from decisionlayer.exchange.estate.surroundings import Surroundings
from decisionlayer.frozen import dataclass
from decisionlayer.resolve.language.tree import Aggregate, Case, Expr, Name, names, transform, walk
from decisionlayer.resolve.model import Additivity, Formula, Measure, Metric, Model, Purpose, Source, Table
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.values.uses import heard


@dataclass(frozen=True, slots=True)
class Governed:
    """A metric over one source, with the columns that it measures and those that say which rows count, without case.

    ``ground`` is where the source's rows are; the columns are those there.
    """

    metric: Metric
    source: Source
    ground: Ground
    functions: frozenset[str]
    measured: frozenset[str]
    kept: frozenset[str]


#: What the language calls otherwise than SQL's reader does.
_FUNCTIONS = {"count_distinct": "count", "quantile": "quantile"}

#: Aggregates that take one value out of many.
_PICKING = frozenset({"min", "max", "quantile"})


def governed(model: Model, among: Surroundings) -> tuple[Governed, ...]:
    """Return every metric that is counted over the rows of one table or file, whatever query stands between."""
    beneath = Beneath(model.metrics)
    grounds = {name: ground_of(source, among) for name, source in model.sources.items()}
    found = []
    for name, metric in model.named_metrics.items():
        sources = beneath.sources(name)
        if len(sources) != 1 or f"metric {name}" in model.broken or sources[0] not in model.sources:
            continue
        source, ground = model.sources[sources[0]], grounds[sources[0]]
        if ground is not None:
            functions, measured, kept = _columns(model, beneath.tree(name), source)
            found.append(Governed(metric, source, ground, functions, ground.columns(measured), ground.columns(kept) | ground.kept()))
    return tuple(found)


def rivals(shown: Shown, numbers: tuple[Governed, ...]) -> tuple[Governed, ...]:
    """Return the governed numbers that SQL competes with, the nearest first; none where it measures something else.

    The same name first, then the same measured columns, the same aggregates, the same columns in all. Where several are equally near,
    all are returned, those for choosing first.
    """
    near = [one for one in numbers if one.ground.is_read_by(shown) and _shares(shown, one)]

    def nearness(one: Governed) -> tuple[bool, float, float, float]:
        return (
            one.metric.name.casefold() == shown.name.casefold(),
            _alike(shown.measured, one.measured),
            _alike(shown.functions, one.functions),
            _alike(shown.columns, one.measured | one.kept),
        )

    nearest = max(map(nearness, near), default=None)
    found = [one for one in near if nearness(one) == nearest]
    return tuple(sorted(found, key=lambda one: one.metric.purpose is not Purpose.choice))


def called(shown: Shown, model: Model) -> Metric | None:
    """Return the metric whose name or title SQL gives to something else."""
    said = heard(shown.name.replace("_", " "))
    for metric in model.named_metrics.values():
        if said in (metric.name.replace("_", " ").casefold(), heard(metric.title)):
            return metric
    return None


def _shares(shown: Shown, one: Governed) -> bool:
    if not _adding(shown.functions) & _adding(one.functions):  # the dearest order is no other reading of the turnover
        return False
    is_total = one.metric.additivity is Additivity.additive
    if shown.functions & _PICKING - one.functions or ("avg" in shown.functions and is_total) or ("avg" in one.functions and shown.is_sum):
        return False  # nobody takes a mean for a total
    if "avg" in shown.functions and not one.measured <= shown.measured:
        return False
    if shown.measured or one.measured:
        return bool(shown.measured & one.measured)
    return shown.name.casefold() == one.metric.name.casefold() or bool(shown.kept & one.kept)


def _adding(functions: frozenset[str]) -> frozenset[str]:
    """Return aggregates with what they are made of: a mean is a sum over a count."""
    return functions | {"sum", "count"} if "avg" in functions else functions


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 1.0


def _columns(
    model: Model, tree: tuple[Metric, ...], source: Source
) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    functions: set[str] = set()
    measured: set[str] = set()
    kept: set[str] = set()
    for metric in tree:
        match metric.body:
            case Measure() as body:
                for node in walk(body.expr):
                    if isinstance(node, Aggregate):
                        functions.add(_FUNCTIONS.get(node.function, node.function))
                        measured |= _named(_values(node.argument), source)
                        kept |= _named(node.where, source)
                        kept |= _named(node.argument, source) - _named(_values(node.argument), source)
                kept |= _named(body.population, source) | _named(body.where, source)
            case Formula() as body:
                for term in body.terms.values():
                    kept |= _named(term.where, source) | _named(term.population, source)
        kept |= {name for each in metric.excludes for name in _named(each.when, source)}
    return frozenset(functions), frozenset(measured), frozenset(kept)


def _values(expr: Expr | None) -> Expr | None:
    """Return an expression without the conditions of its cases: what is measured, not which rows count."""
    if expr is None:
        return None

    def bare(node: Expr) -> Expr | None:
        if not isinstance(node, Case):
            return None
        values = [value for _, value in node.branches] + ([] if node.otherwise is None else [node.otherwise])
        return Case(tuple((value, _values(value) or value) for value in values), None)

    return transform(expr, bare)


def _named(expr: Expr | None, source: Source) -> set[str]:
    """Return the columns of a source that an expression reads; of a dimension what it is made of."""
    found: set[str] = set()
    for name in names(expr) if expr is not None else ():
        dimension = source.dimensions.get(name.parts[0])
        if dimension is not None and dimension.expr != Name(name.parts):
            found |= {inner.parts[-1].casefold() for inner in names(dimension.expr)}
        else:
            found.add(name.parts[0].casefold())
    return found


def tables_of(model: Model) -> Mapping[str, Source]:
    """Return the sources that are tables of the warehouse, by the table's last name without case."""
    return {
        source.relation.parts[-1].casefold(): source for source in model.sources.values() if isinstance(source.relation, Table)
    }
