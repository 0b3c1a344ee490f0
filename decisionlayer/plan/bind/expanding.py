"""Expanding: splits across bridges. Each row stands once under every part that it belongs to, or is shared out over them.

::

    orders by lines.category      order 1 has two lines of toys and one of food
    overlap                       order 1 counts once under Toys and once under Food
    allocate by amount            two thirds of order 1 count under Toys, one third under Food

    by lines.category, tags.tag   two bridges from one order: each part of the one within each part of the other
    by lines.parts.maker          a bridge behind a bridge: the parts of its lines, line by line
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import reduce

from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan.nodes import Output, State
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name
from decisionlayer.resolve.language.types import FLOAT
from decisionlayer.resolve.model import Bridge, Source
from decisionlayer.resolve.reach.across import Road, beyond, last, road_of
from decisionlayer.resolve.reach.paths import Route

#: The columns of a row's share in a part, of the part, and of the whole that it is a part of; no other column is called so.
SHARE, PART, WHOLE = "of__share", "of__part", "of__whole"


@dataclass(frozen=True, slots=True)
class Expansion:
    """The splits of a question across one bridge: the way to it, and what is read of the rows of its many side.

    ``inner`` are the bridges that are crossed from there: its rows are split by those before they become parts.
    """

    road: Road
    bridge: Bridge
    splits: tuple[Output, ...]
    inner: tuple[Expansion, ...] = ()

    @property
    def alias(self) -> str:
        """Under which alias the parts stand."""
        return over_alias(self.road)

    @property
    def overlaps(self) -> bool:
        """Whether a row counts in several parts, so that they make more than the whole."""
        return self.bridge.by is None or any(each.overlaps for each in self.inner)

    @property
    def all(self) -> tuple[Expansion, ...]:
        """Itself and every one behind it, the nearest first."""
        return (self, *(one for each in self.inner for one in each.all))


def crossing_all(
    crossed: Iterable[tuple[Route, Callable[[Route], Iterable[Output]]]], sources: Mapping[str, Source]
) -> tuple[Expansion, ...]:
    """Return the bridges that paths cross, each with what is read beyond it; ``crossed`` gives for each path what stands at its end.

    Paths over one bridge are of one and the same row beyond it, whatever they cross from there.
    """
    roads: dict[Road, list[tuple[Route, Callable[[Route], Iterable[Output]]]]] = {}
    for route, read in crossed:
        road = road_of(route)
        assert road is not None
        roads.setdefault(road, []).append((beyond(route), read))
    found = []
    for road, inside in roads.items():
        splits: list[Output] = []
        for rest, read in inside:
            outputs, further = read(last(rest)), road_of(rest)
            splits += outputs if further is None else at_parts(further, outputs)
        inner = crossing_all([each for each in inside if road_of(each[0]) is not None], sources)
        step = road[-1]
        found.append(Expansion(road, sources[step.source].bridges[step.role], tuple(splits), inner))
    return tuple(found)


def at_parts(road: Road, outputs: Iterable[Output]) -> tuple[Output, ...]:
    """Return what was read beyond a bridge as it stands at the rows before it."""
    return tuple(replace(each, expr=Name((over_alias(road), each.name))) for each in outputs)


def share_of(expansions: Iterable[Expansion]) -> Expr | None:
    """Return how much of a row counts in its part: the product of its shares over all bridges; None where it counts whole.

    A row that belongs to no part keeps the whole of itself, under no name.
    """
    shares = [Call("coalesce", (Name((each.alias, SHARE)), Literal(1))) for each in expansions if each.bridge.by is not None]
    return reduce(lambda one, other: Call("*", (one, other)), shares) if shares else None


def weighted(metric: str, states: tuple[State, ...], expansions: tuple[Expansion, ...]) -> tuple[State, ...]:
    """Return states of which each row gives its share; the same ones where parts overlap.

    Raises QueryError (``fan-out``) for what cannot be shared out: distinct counts, quantiles and extremes.
    """
    share = share_of(expansions)
    if share is None:
        return states
    wrong = next((state.function for state in states if state.function not in ("sum", "count")), None)
    if wrong is not None:
        computed, over = wrong.replace("_", " "), next(each.bridge.name for each in expansions if each.bridge.by is not None)
        raise QueryError(Finding(
            "fan-out", "question",
            f"`{metric}` cannot be shared out over `{over}`: what it computes ({computed}) has no parts that add up",
            why="a part of a row has no value of its own", help="ask it without that split",
        ))  # fmt: skip
    return tuple(replace(state, weight=share, type=FLOAT) for state in states)


def torn(expansions: Iterable[Expansion]) -> Finding | None:
    """Return why rows cannot be split so: what counts once in each of several parts has no one share in what lies behind them."""
    for each in expansions:
        shared = next((inner for inner in each.inner if each.bridge.by is None and share_of((inner,)) is not None), None)
        if shared is not None:
            return Finding(
                "fan-out", "question",
                f"a split over `{shared.bridge.name}` behind `{each.bridge.name}` has no right answer: "
                f"parts of the latter overlap, and parts of the former are shares",
                why="what counts whole in each of several parts has no one share in what lies behind them",
                help=f"declare the bridge `{each.bridge.name}` with `split: allocate` too, or split by one that lies before it",
            )  # fmt: skip
        found = torn(each.inner)
        if found is not None:
            return found
    return None


def over_alias(road: Road) -> str:
    """Return under which alias the parts beyond a bridge stand."""
    return f"over_{'__'.join(hop.role for hop in road)}"


def told_of(expansions: tuple[Expansion, ...], source: Source, sources: Mapping[str, Source]) -> tuple[str, ...]:
    """Return what a reader must know of numbers whose rows, those of ``source``, were split across bridges."""
    told: list[str] = []
    for each in expansions:
        by, row = each.bridge.by, f"each row ({source.one_row_is})"
        if by is None:
            over = " and ".join(one.bridge.name for one in each.all)
            told.append(f"split over {over}, the parts overlap: {row} counts once in every part that it belongs to")
        else:
            told.append(f"split over {each.bridge.name}, {row} is shared out by {by} and never rounded: the parts make up the whole")
            told += told_of(each.inner, sources[each.bridge.source], sources)
    if len(expansions) > 1:
        shares = sum(each.bridge.by is not None for each in expansions) > 1
        over = " and ".join(each.bridge.name for each in expansions)
        at_once = f"split over {over} at once: each part of the one within each part of the other"
        told.append(f"{at_once}, by the product of its shares" if shares else at_once)
    return tuple(told)
