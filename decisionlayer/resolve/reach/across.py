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
    """Return the path that is written in full from ``source`` and walks against a link, or against several, or None."""
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
        if step is None:
            return None
        rest = parts[position + 1 :]
        inner = paths.exact(step.target, rest, scope) or across(paths, step.target, rest, scope)
        if inner is None or (inner.end == "column" and inner.name not in paths.columns(inner.holder)):
            return None
        return Route(source, (*hops, step, *inner.hops), inner.end, inner.name, inner.is_own_key)
    return None


def for_filter(paths: Paths, source: str, parts: Parts) -> Route | None:
    """Return what a filter of a question means that is no path over links.

    That is the path across in full, else the only one that any way over links leads to; for the rows of the many side themselves it
    is their own: ``lines.category`` of the lines is their category, and of what belongs to one line that of this line.
    """
    walks = ((),) if paths.is_cut(source) else paths.walks(source)
    own = [(walk, rest) for walk in walks if (rest := _within(paths, walk[-1].target if walk else source, parts)) is not None]
    if own and (not own[0][0] or len(own) == 1):
        walk, rest = own[0]
        inner = (*(hop.role for hop in walk), *rest)
        return paths.exact(source, inner) or across(paths, source, inner)
    if own:
        return None
    found = across(paths, source, parts)
    if found is not None or paths.is_cut(source):
        return found
    roads = (tuple(hop.role for hop in walk) for walk in paths.walks(source) if walk)
    routes = [route for road in roads if (route := across(paths, source, (*road, *parts))) is not None]
    return routes[0] if len(routes) == 1 else None


def _within(paths: Paths, source: str, parts: Parts) -> Parts | None:
    """Return what a path from one to many is for the rows of a many side on it: what follows their name; None for others."""
    for position, name in enumerate(parts[:-1]):
        if name == source or paths.is_bridged(source, name):
            return parts[position + 1 :]
        if not paths.has(name) and not paths.is_bridge(name):
            return None
    return None


def for_split(paths: Paths, source: str, parts: Parts) -> Route | None:
    """Return what a split means that crosses a declared bridge; the rows of the many side themselves are split by their own."""
    if len(parts) < 2:
        return None
    found = for_filter(paths, source, parts)
    if found is None or crossing(found) is None:
        return found if any(paths.is_bridge(name) for name in parts[:-1]) else None
    steps = (hop for hop in found.hops if hop.back is not None)
    return found if all(step.role in paths.source(step.source).bridges for step in steps) else None


def crossing(route: Route) -> int | None:
    """Return which step of a path is the first that goes from one to many, None when none does."""
    return next((position for position, hop in enumerate(route.hops) if hop.back is not None), None)


def beyond(route: Route) -> Route:
    """Return the rest of a path across, from the rows of the many side; it may cross further."""
    position = crossing(route)
    assert position is not None
    return Route(route.hops[position].target, route.hops[position + 1 :], route.end, route.name, route.is_own_key)


def last(route: Route) -> Route:
    """Return what is left of a path beyond every step from one to many; itself where there is none."""
    while crossing(route) is not None:
        route = beyond(route)
    return route


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
