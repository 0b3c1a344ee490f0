"""Counted: which thing a distinct count counts, of which measure a quantile is, and over which rows. ``overlaps.py`` compares them."""

from __future__ import annotations

from collections.abc import Iterator

from decisionlayer.frozen import replace
from decisionlayer.resolve.adding.overlaps import Counted, Filter, Leaf
from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.language.tree import Aggregate, Call, Expr, Name, names, walk
from decisionlayer.resolve.model import Measure, Term
from decisionlayer.resolve.reach.paths import Route
from decisionlayer.resolve.world.rows import Rows

_KINDS = {"count_distinct": "distinct", "quantile": "quantile", "quantile_disc": "quantile"}


def leaf_of_measure(measure: Measure, rows: Rows, unit: str | None) -> Leaf | None:
    """Return what each aggregate of a measure counts; None when it has neither a distinct count nor a quantile."""
    if not any(isinstance(node, Aggregate) and node.function in _KINDS for node in walk(measure.expr)):
        return None

    def leaf(node: Name | Aggregate) -> tuple[Counted, ...]:
        if not isinstance(node, Aggregate) or node.function not in _KINDS or node.argument is None:
            return ()
        return (_counted(node, node.argument, measure, rows, unit),)

    return leaf


def narrowed(counted: tuple[Counted, ...], term: Term, called: str, rows_of: dict[str, Rows]) -> tuple[Counted, ...]:
    """Return what a metric counts as a term of another: under the term's filters, by the word that stands in the formula."""
    found = []
    for one in counted:
        rows = rows_of[one.source]
        population = one.population
        if term.replaces:
            population = frozenset(_filters(term.population, one.argument, rows))
        where = one.where | frozenset(_filters(term.where, one.argument, rows))
        read = (one.read[0], term.over_time or one.read[1], *one.read[2:])
        found.append(replace(one, called=called, population=population, where=where, read=read))
    return tuple(found)


def _counted(node: Aggregate, argument: Expr, measure: Measure, rows: Rows, unit: str | None) -> Counted:
    spelled = rows.spelled_out(argument)
    thing, column = _thing(spelled, rows)
    if node.quantile is not None:
        thing, column = f"{node.function} {node.quantile} of {rows.source}: {text_of(spelled)}", ""
    population = frozenset(_filters(measure.population, argument, rows))
    where = frozenset((*_filters(measure.where, argument, rows), *_filters(node.where, argument, rows)))
    read = (measure.clock, measure.over_time, *(".".join(path) for path in measure.last_of_each))
    return Counted(_KINDS[node.function], thing, text_of(node), rows.source, argument, read, population, where, column=column, unit=unit)


def _filters(expr: Expr | None, argument: Expr, rows: Rows) -> Iterator[Filter]:
    """Yield each part of a filter that must hold, with the names in it that the counted thing decides."""
    if expr is None:
        return
    if isinstance(expr, Call) and expr.function == "and":
        for part in expr.arguments:
            yield from _filters(part, argument, rows)
        return
    told = [(name, _seen_from(argument, name, rows)) for name in dict.fromkeys(names(expr))] if isinstance(argument, Name) else []
    yield Filter(expr, tuple((name, path) for name, path in told if path is not None))


def _thing(argument: Expr, rows: Rows) -> tuple[str, str]:
    """Return what a distinct count counts, and its bare column when it is one that could stand in another source too."""
    if not isinstance(argument, Name):
        return f"{rows.source}: {text_of(argument)}", ""
    route = rows.route(argument.parts)
    if route is None:
        return f"{rows.source}: {argument.text}", ""
    entity = _entity(route, rows)
    if entity is not None:
        return f"entity {entity}", ""
    holder = rows.paths.source(route.holder)
    return f"{route.holder}: {route.name}", "" if holder.key == (route.name,) else route.name


def _entity(route: Route, rows: Rows) -> str | None:
    """Return the entity whose key stands at the end of a path, under its role or as the column itself."""
    holder = rows.paths.source(route.holder)
    if route.end == "key":
        return route.name if route.is_own_key else holder.links[route.name].entity
    if route.end != "column":
        return None
    if holder.key == (route.name,) and holder.describes is not None:
        return holder.describes
    return next((link.entity for link in holder.links.values() if link.columns == (route.name,) and link.frame is None), None)


def _seen_from(argument: Name, name: Name, rows: Rows) -> str | None:
    """Return the path of ``name`` seen from the counted thing, None when a thing may have several values of it over its rows.

    ``.`` is the thing itself. What has a history changes with time, so nothing is said of it.
    """
    counted, asked = rows.route(argument.parts), rows.route(name.parts)
    if counted is None or asked is None:
        return None
    if name.parts == argument.parts or counted == asked:
        return "."
    if any(hop.back is not None or hop.at is not None or rows.paths.source(hop.target).valid is not None for hop in asked.hops):
        return None
    holder = rows.paths.source(counted.holder)
    if not counted.hops and holder.valid is None and counted.end in ("column", "key") and holder.key == (counted.name,):
        return asked.path
    entity = _entity(counted, rows)
    if entity is None:
        return None
    depth = len(counted.hops)
    if asked.hops[:depth] != counted.hops:
        return None
    roles = {link.role for link in holder.links.values() if link.entity == entity and _is_its_link(link.role, link.columns, counted)}
    if len(asked.hops) > depth and asked.hops[depth].role in roles:
        return ".".join((*(hop.role for hop in asked.hops[depth + 1 :]), asked.name))
    return None


def _is_its_link(role: str, columns: tuple[str, ...], counted: Route) -> bool:
    return counted.name == role if counted.end == "key" else columns == (counted.name,)
