"""Across: paths from one to many, such as the category of an order's lines.

Links are many-to-one, so a path may walk them as it likes. Against a link one row becomes several. A *filter* may do so all the same,
for it only asks whether there is such a row; a split may where a bridge is declared. The many side is told by its bridge's name or
by the name of its source, when one link of that source leads to the entity that is left.

::

    orders: lines.category            = the category of the rows of `lines` whose link leads to this order
    payments: order.lines.category    = the same, of the order that was paid
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name, names, walk
from decisionlayer.resolve.model import Source
from decisionlayer.resolve.reach.paths import Hop, Parts, Paths, Route, Scope


def many(paths: Paths, source: str, name: str) -> Hop | None:
    """Return the step from an entity to the rows that link to it, or None when ``name`` is no such step or several."""
    here = paths.source(source)
    if here.describes is None or name in here.links:
        return None
    bridge = here.bridges.get(name)
    if bridge is not None:
        return Hop(source, name, here.describes, bridge.source, back=bridge.role)
    there = paths.source(name) if paths.has(name) else None
    back = None if there is None else _only_link(there, here.describes)
    return None if there is None or back is None else Hop(source, name, here.describes, there.name, back=back)


def _only_link(source: Source, entity: str) -> str | None:
    roles = [role for role, link in source.links.items() if link.entity == entity]
    return roles[0] if len(roles) == 1 else None


def across(paths: Paths, source: str, parts: Parts, scope: Scope = "ask") -> Route | None:
    """Return the path that is written in full from ``source`` and walks against one link, or None."""
    if not paths.has(source):
        return None
    hops: list[Hop] = []
    for position, name in enumerate(parts[:-1]):
        here = hops[-1].target if hops else source
        hop = paths.hop(here, name)
        if hop is not None:
            hops.append(hop)
            continue
        step = many(paths, here, name)
        inner = None if step is None else paths.exact(step.target, parts[position + 1 :], scope)
        if step is None or inner is None or (inner.end == "column" and inner.name not in paths.columns(inner.holder)):
            return None
        return Route(source, (*hops, step, *inner.hops), inner.end, inner.name, inner.is_own_key)
    return None


def for_filter(paths: Paths, source: str, parts: Parts) -> Route | None:
    """Return what a filter of a question means that is no path over links.

    That is the path across in full, else the only one that any way over links leads to; for the rows of the many side themselves it
    is their own: ``lines.category`` of the lines is their category.
    """
    if len(parts) > 1 and (parts[0] == source or paths.is_bridged(source, parts[0])):
        return paths.exact(source, parts[1:])
    found = across(paths, source, parts)
    if found is not None or paths.is_cut(source):
        return found
    roads = (tuple(hop.role for hop in walk) for walk in paths.walks(source) if walk)
    routes = [route for road in roads if (route := across(paths, source, (*road, *parts))) is not None]
    return routes[0] if len(routes) == 1 else None


def for_split(paths: Paths, source: str, parts: Parts) -> Route | None:
    """Return what a split means that crosses a declared bridge; the rows of the many side themselves are split by their own."""
    if len(parts) < 2:
        return None
    found = for_filter(paths, source, parts)
    position = None if found is None else crossing(found)
    if found is None or position is None:
        return found if paths.is_bridged(source, parts[0]) else None
    step = found.hops[position]
    return found if step.role in paths.source(step.source).bridges else None


def crossing(route: Route) -> int | None:
    """Return which step of a path goes from one to many, None when none does."""
    return next((position for position, hop in enumerate(route.hops) if hop.back is not None), None)


def beyond(route: Route) -> Route:
    """Return the rest of a path across, from the rows of the many side."""
    position = crossing(route)
    assert position is not None
    return Route(route.hops[position].target, route.hops[position + 1 :], route.end, route.name, route.is_own_key)


#: A way from one to many: the steps over links, and the last one against a link.
Road: TypeAlias = tuple[Hop, ...]


class Unclear(Exception):
    """A filter over a many side that can be read in two ways; ``args`` are what is wrong and what to write instead."""


def road_of(route: Route | None) -> Road | None:
    """Return how a path gets to the many side, None for one that does not."""
    position = None if route is None else crossing(route)
    return None if route is None or position is None else route.hops[: position + 1]


def by_road(
    expr: Expr, road: Callable[[Name], Road | None], plain: Callable[[Expr], Expr], fits: Callable[[Road, Expr], Expr]
) -> Expr:
    """Return a filter with each part over a many side made what ``fits`` says, and all else what ``plain`` says.

    What stands together in an ``and`` is asked of one and the same row of the many side; ``not`` before it means that no row fits.
    Raises Unclear for a comparison of both sides, and for ``not in``, ``is not null`` and ``not like``, which could mean that a row is
    otherwise or that no row is so.
    """
    roads = {road(name) for name in names(expr)}
    if roads <= {None}:
        return plain(expr)
    only = next(iter(roads)) if len(roads) == 1 else None
    if only is not None and not _negates(expr):
        return fits(only, expr)
    match expr:
        case Call(function="and", arguments=parts):
            return _all_of(parts, road, plain, fits)
        case Call(function="or", arguments=parts):
            return Call("or", tuple(by_road(part, road, plain, fits) for part in parts), expr.span)
        case Call(function="not", arguments=(inner,)):
            if isinstance(inner, Call) and inner.function in ("in", "like", "is_null"):
                raise Unclear(
                    "`not` with `in`, `like` or `null` over many rows could mean that one is otherwise, or that none is so",
                    "for none of them, write `not (… = 'a' or … = 'b')`; for one that is otherwise, `… <> 'a' and … <> 'b'`",
                )
            return Call("not", (by_road(inner, road, plain, fits),), expr.span)
        case Call(function="coalesce", arguments=(inner, Literal(value=False))):
            return Call("coalesce", (by_road(inner, road, plain, fits), Literal(False)), expr.span)
        case _:
            mixed = "one comparison is between a row and the many rows that belong to it"
            raise Unclear(
                mixed if len(roads) > 1 else "`not` stands within a comparison over many rows",
                "compare columns of the many side with each other or with constants",
            )


def _negates(expr: Expr) -> bool:
    return any(isinstance(node, Call) and node.function == "not" for node in walk(expr))


def _all_of(
    parts: tuple[Expr, ...], road: Callable[[Name], Road | None], plain: Callable[[Expr], Expr], fits: Callable[[Road, Expr], Expr]
) -> Expr:
    """Ask what stands together of one row: the parts of an ``and`` over one many side are one condition."""
    together: dict[Road, list[Expr]] = {}
    made: list[Expr] = []
    for part in parts:
        roads = {road(name) for name in names(part)}
        only = next(iter(roads)) if len(roads) == 1 else None
        if only is not None and not _negates(part):
            together.setdefault(only, []).append(part)
        else:
            made.append(by_road(part, road, plain, fits))
    made += (fits(each, found[0] if len(found) == 1 else Call("and", tuple(found))) for each, found in together.items())
    return made[0] if len(made) == 1 else Call("and", tuple(made))
