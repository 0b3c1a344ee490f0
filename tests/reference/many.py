"""From one to many: the rows that link to a row, what a filter asks of them, and what a split makes of the row.

A filter asks whether there is such a row, so it multiplies nothing. What stands together in it, joined by ``and`` or ``or`` and about
one many side, is asked of one and the same row of that; ``not`` before it says that there is none. A split across a declared bridge
puts a row under every part that it belongs to, whole (``overlap``) or by shares (``allocate``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from decisionlayer.resolve.language.tree import Call, Expr, Name, names, walk
from decisionlayer.resolve.model import Bridge
from tests.reference.language import Value, apply, exact
from tests.reference.walks import Row, Unanswerable, When, World

Part = tuple[Value, ...]
#: What a row is of by each of some splits, and how much of it: None for the whole.
Chosen = tuple[tuple[Part, ...], Fraction | None]


@dataclass(frozen=True)
class Road:
    """A way to many rows: roles to the thing, the step's name, the source of the rows and their link that leads back."""

    roles: tuple[str, ...]
    step: str
    source: str
    back: str


def step_of(world: World, source: str, name: str) -> tuple[str, str] | None:
    """Return the source and the link back that ``name`` means from a source, as a bridge or as the only source of that name that links here."""
    here = world.model.sources[source]
    if here.describes is None or name in here.links:
        return None
    if name in here.bridges:
        return here.bridges[name].source, here.bridges[name].role
    if name not in world.model.sources:
        return None
    back = [role for role, link in world.model.sources[name].links.items() if link.entity == here.describes]
    return (name, back[0]) if len(back) == 1 else None


def road_of(world: World, source: str, parts: tuple[str, ...]) -> tuple[Road, tuple[str, ...]] | None:
    """Return the way of a path that leads to many rows, and what is read of them; None for any other path."""
    here = source
    for place, name in enumerate(parts[:-1]):
        link = world.model.sources[here].links.get(name)
        if link is not None:
            here = world.model.entities[link.entity].source
            continue
        found = step_of(world, here, name)
        if found is None or not leads(world, found[0], parts[place + 1 :]):
            return None
        return Road(parts[:place], name, *found), parts[place + 1 :]
    return None


def leads(world: World, source: str, parts: tuple[str, ...]) -> bool:
    """Say whether a path is written in full from the many rows: a source may bear the name of a role, and what follows is of that."""
    here = source
    for name in parts[:-1]:
        link = world.model.sources[here].links.get(name)
        if link is None:
            return road_of(world, source, parts) is not None
        here = world.model.entities[link.entity].source
    described = world.model.sources[here]
    return parts[-1] in {*described.dimensions, *described.links, *described.columns}


def asked_road(world: World, source: str, parts: tuple[str, ...]) -> tuple[Road, tuple[str, ...]] | None:
    """Return what a question means by a path to many rows: in full, or the only way on over links.

    For the many rows themselves it is what follows their name, and nothing is crossed.
    """
    parts = own_path(world, source, parts)
    if world.named(source, ".".join(parts)) is not None:
        return None
    found = road_of(world, source, parts)
    if found is not None:
        return found
    further = {way.roles for way in world.ways(source).values() if way.roles}
    roads = [road for roles in sorted(further) if (road := road_of(world, source, (*roles, *parts))) is not None]
    return roads[0] if len(roads) == 1 else None


def own_path(world: World, source: str, parts: tuple[str, ...]) -> tuple[str, ...]:
    """Return a path to many rows as one of those rows, or what belongs to one of them, reads it: ``lines.amount`` of a line is its amount."""
    if world.named(source, ".".join(parts)) is not None:
        return parts
    walks: dict[tuple[str, ...], str] = {(): source}
    for way in world.ways(source).values():
        if way.roles:
            walks.setdefault(way.roles, way.source)
    found = [(roles, rest) for roles, there in walks.items() if (rest := _within(world, there, parts)) is not None]
    found = [each for each in found if not each[0]] or found
    return (*found[0][0], *found[0][1]) if len(found) == 1 else parts


def _within(world: World, source: str, parts: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return what follows the name of a source, or of a bridge to it, in a path; None where no word before is one of the kind."""
    sources = world.model.sources
    bridges = {(name, bridge.source) for each in sources.values() for name, bridge in each.bridges.items()}
    for place, name in enumerate(parts[:-1]):
        if name == source or (name, source) in bridges:
            return parts[place + 1 :]
        if name not in sources and name not in {name for name, _ in bridges}:
            return None
    return None


def rows_beyond(world: World, source: str, row: Row, road: Road, when: When) -> list[Row]:
    """Return the rows that link to the thing that a row leads to, by its key as the row has it: nobody need describe the thing."""
    if road.roles:
        told = world.key_at(source, row, road.roles, when)
    else:
        told = tuple(row[part] for part in world.model.entities[world.model.sources[source].describes or ""].key)
    if told is None:
        return []
    key = tuple(exact(part) for part in told)
    columns = world.model.sources[road.source].links[road.back].columns
    return [one for one in world.rows[road.source] if None not in key and tuple(exact(one[column]) for column in columns) == key]


def holds(
    expr: Expr, road: Callable[[Name], Road | None], own: Callable[[Expr], Value], some: Callable[[Road, Expr], bool]
) -> Value:
    """Return what a condition says of a row; ``some`` says whether one of its many rows fits a condition about them."""
    crossed = {road(name) for name in names(expr)}
    if crossed <= {None}:
        return own(expr)
    only = next(iter(crossed)) if len(crossed) == 1 else None
    if only is not None and not _denies(expr):
        return some(only, expr)
    match expr:
        case Call(function="not", arguments=(Call(function="in" | "like" | "is_null"),)):
            raise Unanswerable("that one is otherwise, or that none is so")
        case Call(function="not" | "or", arguments=parts):
            return apply(expr.function, [holds(part, road, own, some) for part in parts])
        case Call(function="and", arguments=parts):
            together: dict[Road, list[Expr]] = {}
            said: list[Value] = []
            for part in parts:
                about = {road(name) for name in names(part)}
                one = next(iter(about)) if len(about) == 1 else None
                if one is None or _denies(part):
                    said.append(holds(part, road, own, some))
                else:
                    together.setdefault(one, []).append(part)
            said += [some(one, found[0] if len(found) == 1 else Call("and", tuple(found))) for one, found in together.items()]
            return apply("and", said)
    raise Unanswerable("a condition compares a row with one of its many")


def _denies(expr: Expr) -> bool:
    return any(isinstance(node, Call) and node.function == "not" for node in walk(expr))


def parts_of(bridge: Bridge, rows: list[Row], shown: Callable[[Row], Iterable[Chosen]], nothing: tuple[Part, ...]) -> Iterator[Chosen]:
    """Yield the parts that a row belongs to, each with its share, None where it counts whole; ``nothing`` is the part of no row.

    ``shown`` says which parts one of the many rows is of: one, or several where it stands before a further bridge.
    """
    if bridge.by is None:
        found = {part: share for row in rows for part, share in shown(row)}
        if any(share is not None for share in found.values()):
            raise Unanswerable("what counts whole in several parts has no one share in what lies behind them")
        yield from found.items() if found else {nothing: None}.items()
        return
    amounts = [Fraction(exact(row[bridge.by]) or 0) for row in rows]  # type: ignore[arg-type]
    whole = sum(amounts, Fraction(0))
    if not whole:
        yield nothing, Fraction(1)
        return
    shares: dict[tuple[Part, ...], Fraction] = {}
    for row, amount in zip(rows, amounts, strict=True):
        for part, share in shown(row):
            shares[part] = shares.get(part, Fraction(0)) + amount / whole * (1 if share is None else share)
    yield from shares.items()


def combined(choices: list[list[Chosen]]) -> Iterator[tuple[list[tuple[Part, ...]], Fraction | None]]:
    """Yield each part of the one bridge within each part of the other, with the product of their shares."""
    for chosen in product(*choices):
        shares = [share for _, share in chosen if share is not None]
        share: Fraction | None = None
        for each in shares:
            share = each if share is None else share * each
        yield [part for part, _ in chosen], share
