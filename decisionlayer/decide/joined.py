"""Joined as somebody joins who thinks nothing of it: rows without a partner fall out, rows with several count several times.

Both are said of the measures themselves. A row whose key the entity's table lacks is left out; a row that meets many counts as
often as it meets one, by the number of them, which is a metric of each thing like any other.

::

    ticket | unit | cost        by unit: 3 has two tags, 6 has no unit
         3 | U1   |   30        governed            30 + 8 = 38
         6 | none |    8        inner joins, tags   30 x 2 = 60: 8 lost, 30 doubled
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import reduce

from decisionlayer.ask import Desk
from decisionlayer.decide.readings import Reading, Undone, is_as_then
from decisionlayer.frozen import replace
from decisionlayer.plan.bind.filters import read_filter
from decisionlayer.plan.bind.periods import read_period
from decisionlayer.plan.query import Query
from decisionlayer.plan.rules.walking import conjuncts
from decisionlayer.resolve.bodies.metric_dimensions import with_metric_dimension
from decisionlayer.resolve.language.tree import (
    Aggregate,
    Call,
    Case,
    Expr,
    Literal,
    Name,
    Param,
    conjunction,
    names,
    transform,
    walk,
)
from decisionlayer.resolve.language.types import INTEGER, UNKNOWN
from decisionlayer.resolve.model import Dimension, Exclusion, Formula, Grain, Measure, Metric, MetricOf, Model
from decisionlayer.resolve.reach.across import Road, beyond, crossing, for_filter, road_of
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.reach.paths import Parts, Paths, Route

#: What rows leave under that have no partner.
ORPHANS = "rows without a partner"
#: The causes of the steps that are told here.
ORPHAN, FAN_OUT = "orphan", "fan-out"

_ANY = Grain(None, None)
_MADE = "naive~"


def joined(desk: Desk, metric: Metric, query: Query, reading: Reading) -> Iterator[Undone]:
    """Yield the steps that read a question over plain inner joins, as far as there are rows to lose or to count twice."""
    for make in (_orphans, _fan_out):
        step = make(desk, metric, query, reading)
        if step is not None:
            reading = step.reading
            yield step


def _measures(model: Model, metric: Metric, query: Query, reading: Reading) -> Iterator[Metric]:
    """Yield the metrics beneath that are counted over rows, as they are read, those of earlier definitions too where they are."""
    beneath = Beneath({**model.metrics, **reading.metrics})
    own = beneath.tree(metric.name)
    earlier = [edition.name for part in own for edition in part.editions[1:]] if is_as_then(query) else []
    found = {below.name: below for below in (*own, *(below for name in earlier for below in beneath.tree(name)))}
    yield from (below for below in found.values() if isinstance(below.body, Measure))


# -- rows without a partner ------------------------------------------------------------------------------------------


def _orphans(desk: Desk, metric: Metric, query: Query, reading: Reading) -> Undone | None:
    model = desk.model
    entities: dict[str, None] = {}
    for below in _measures(model, metric, query, reading):
        body = below.body
        assert isinstance(body, Measure)
        lacks: dict[Expr, str] = {}
        for route in _routes(model, metric, query, body.source):
            hops = route.hops if crossing(route) is None else route.hops[: crossing(route)]
            if hops:
                there = model.sources[hops[-1].target]
                key = Name((*(hop.role for hop in hops), there.key[0]))
                lacks[Call("is_null", (key,))] = ".".join(hop.role for hop in hops)
        if lacks and _are_there(desk, below, tuple(lacks), query):
            entities |= dict.fromkeys(lacks.values())
            without = tuple(Exclusion(when, ORPHANS) for when in lacks)
            reading = reading.with_metric(replace(below, body=replace(body, excludes=(*body.excludes, *without))))
    if not entities:
        return None
    told = " and ".join(f"`{each}`" for each in entities)
    return Undone("orphans", ORPHAN, f"an inner join drops the rows that {told} leads nowhere for", reading)


def _routes(model: Model, metric: Metric, query: Query, source: str) -> Iterator[Route]:
    """Yield what a report of the question walks to from a source: what it asks by and filters by, and what the number is split by."""
    paths = Paths.of(model)
    for path in _paths(model, metric, query):
        settled = query.paths.get(path, {})
        way = settled.get(source) or next((settled[each] for each in (metric.name, *query.metrics) if each in settled), path)
        route = paths.bind(source, tuple(way.split(".")))
        if route is not None:
            yield route


def _paths(model: Model, metric: Metric, query: Query) -> Iterator[str]:
    clocks = frozenset(clock.column for source in model.sources.values() for clock in source.clocks)
    where = read_filter("where", query.where, [])
    filtered = () if where is None else tuple(name.text for name in names(where))
    levels = (path for level in query.levels for path in level)
    for path in dict.fromkeys((*query.by, *levels, *filtered, *(metric.limit.by or ()), *_line(model, metric))):
        if read_period(path, clocks, model.project.almanac) is None:
            yield path


def _line(model: Model, metric: Metric) -> Iterator[str]:
    """Yield the line under which a translation reads a number."""
    it = metric.translation
    line = None if it is None or it.regroup is None else model.hierarchies.get(it.regroup.frame)
    if line is not None:
        yield f"{line.name}.{line.levels[0]}"


def _are_there(desk: Desk, below: Metric, conditions: tuple[Expr, ...], query: Query) -> bool:
    """Say whether a question covers any row for which one of some conditions holds."""
    assert isinstance(below.body, Measure)
    where = conditions[0] if len(conditions) == 1 else Call("or", conditions)
    made = _counted(below, f"{_MADE}{below.name}", below.body.source, where, below.body.clock)
    model = replace(desk.model, metrics={**desk.model.metrics, made.name: made})
    by = {path: ways for path, ways in query.paths.items() if path not in query.by}
    asked = replace(
        query, metrics=(made.name,), by=(), levels=(), totals=False, rest=False, extremes=False, compare=(), having=None, order=(),
        limit=None, fill=None, naive=False, paths=by,
    )  # fmt: skip
    (row,) = desk.beside(model).answer(asked).rows()
    return bool(row[0])


def _counted(below: Metric, name: str, source: str, where: Expr | None, clock: str | None) -> Metric:
    """Return a metric that counts rows of a source."""
    return replace(
        below, name=name, body=Measure(source, Aggregate("count", None), None, where, clock), translation=None, grain=_ANY, limit=_ANY,
        type=INTEGER, missing=None, unit=None, unit_column=None, digits=None, decimals=None, editions=(), roll_forward=None,
    )  # fmt: skip


# -- rows that meet many ---------------------------------------------------------------------------------------------


def _fan_out(desk: Desk, metric: Metric, query: Query, reading: Reading) -> Undone | None:
    model = desk.model
    met: dict[str, None] = {}
    for below in _measures(model, metric, query, reading):
        body = below.body
        assert isinstance(body, Measure)
        times: list[Expr] = []
        for road, condition in _roads(model, query, body.source):
            step, here = road[-1], model.sources[road[-1].source]
            number = _counted(below, f"{_MADE}{body.source}.{step.role}", step.target, condition, None)
            made = with_metric_dimension(
                replace(model, sources={**model.sources, **reading.sources}), here.name, f"{_MADE}{step.role}",
                MetricOf(number.name, step.back or ""),
            )  # fmt: skip
            reading = replace(reading.with_metric(number), sources={**reading.sources, here.name: made.sources[here.name]})
            times.append(Name((*(hop.role for hop in road[:-1]), f"{_MADE}{step.role}")))
            met[step.role] = None
        many = reduce(lambda one, other: Call("*", (one, other)), times) if times else None
        expr = None if many is None else _repeated(body.expr, many)
        if expr is not None:
            reading = reading.with_metric(replace(below, body=replace(body, expr=expr)))
        elif many is not None:
            return None  # what repeats rows cannot be told of it
    if not met:
        return None
    told = " and ".join(f"`{each}`" for each in met)
    return Undone("repeated rows", FAN_OUT, f"a join to {told} counts each row as often as it meets one there", reading)


def repeated(desk: Desk, metric: Metric, query: Query, reading: Reading) -> Undone | None:
    """Return the step that reads a split across a bridge as a join: an amount counts once for each row of the many side in the part.

    It is told of formulas whose terms are amounts, and comes last: what their translation changes is taken back before.
    """
    model = reading.model(desk.model)
    paths = Paths.of(model)
    roads = {
        route.hops[: position + 1]
        for below in _measures(model, metric, query, reading)
        if isinstance(below.body, Measure)
        for path in query.by
        if (route := paths.bind(below.body.source, tuple(path.split(".")))) is not None and (position := crossing(route)) is not None
    }
    terms = [
        (part.name, name)
        for part in Beneath(model.metrics).tree(metric.name)
        if isinstance(part.body, Formula)
        for name, term in part.body.terms.items()
        if isinstance(model.metrics[term.metric].body, Measure)
    ]
    if len(roads) != 1 or not terms:
        return None
    (road,) = roads
    step = road[-1]
    one, many = model.sources[step.source], model.sources[step.target]
    keys = {f"{_MADE}key{number}": Dimension(f"{_MADE}key{number}", Name((column,)), UNKNOWN) for number, column in enumerate(many.key)}
    bridges = {**one.bridges, step.role: replace(one.bridges[step.role], by=None)}
    sources = {
        **reading.sources, one.name: replace(one, bridges=bridges), many.name: replace(many, dimensions={**many.dimensions, **keys}),
    }  # fmt: skip
    reading = replace(
        reading, sources=sources, passed=reading.passed | frozenset(terms),
        repeated=tuple(".".join((*(hop.role for hop in road), key)) for key in keys),
    )  # fmt: skip
    return Undone("repeated rows", FAN_OUT, f"a join to `{step.role}` counts each row as often as it meets one in the same part", reading)


def _roads(model: Model, query: Query, source: str) -> Iterator[tuple[Road, Expr | None]]:
    """Yield each many side that a filter of the question asks for, with what must hold there; never one that must not be there."""
    paths = Paths.of(model)
    where = read_filter("where", query.where, [])
    if where is None:
        return
    found: dict[Road, list[Expr]] = {}
    for part in conjuncts(where):
        routes = {name.parts: _asked_route(paths, source, name.parts) for name in names(part)}
        roads = {road_of(route) for route in routes.values()}
        road = next(iter(roads)) if len(roads) == 1 else None
        if road is None or any(isinstance(node, Call) and node.function == "not" for node in walk(part)):
            continue
        found.setdefault(road, []).append(_from_there(part, routes, query))
    for each, conditions in found.items():
        yield each, conjunction(tuple(conditions))


def _asked_route(paths: Paths, source: str, parts: Parts) -> Route | None:
    return paths.exact(source, parts) or paths.suffix(source, parts) or for_filter(paths, source, parts)


def _from_there(part: Expr, routes: Mapping[Parts, Route | None], query: Query) -> Expr:
    """Return a condition as the rows of the many side read it, with the values of its parameters in it."""

    def change(node: Expr) -> Expr | None:
        match node:
            case Name():
                route = routes[node.parts]
                assert route is not None
                return Name(beyond(route).parts)
            case Param():
                value = query.params[node.name]
                return Literal(Decimal(repr(value)) if isinstance(value, float) else value)
            case _:
                return None

    return transform(part, change)


def _repeated(expr: Expr, times: Expr) -> Expr | None:
    """Return arithmetic over aggregates with each row counted so many times; None where only the rows could tell."""

    def change(node: Expr) -> Expr | None:
        if not isinstance(node, Aggregate):
            return None
        nothing = Literal(0)
        match node.function:
            case "sum":
                assert node.argument is not None
                return replace(node, argument=Call("*", (node.argument, times)))
            case "count":
                return Call("coalesce", (replace(node, function="sum", argument=_known(node.argument, times)), nothing))
            case "avg":
                assert node.argument is not None
                above = replace(node, function="sum", argument=Call("*", (node.argument, times)))
                below = replace(node, function="sum", argument=_known(node.argument, times))
                return Call("/", (above, below))
            case _:  # the least, the greatest and the number of different ones stay what they are
                return node

    if any(isinstance(node, Aggregate) and node.quantile is not None for node in walk(expr)):
        return None
    return transform(expr, change)


def _known(argument: Expr | None, times: Expr) -> Expr:
    return times if argument is None else Case(((Call("not", (Call("is_null", (argument,)),)), times),), None)
