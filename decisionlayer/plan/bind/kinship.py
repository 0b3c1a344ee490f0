"""Kinship: which levels of a question are made up by which other, so that the cells of one are enough for both.

A level makes up another when each of the other's splits follows from one of its own: the year from the month, the country from the
city where the model says so. Two attributes of one row of an entity count as following from each other: by both there are at most
as many groups as the entity has rows, whichever of them the data tie together.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from decisionlayer.plan.bind.paths import Ways
from decisionlayer.plan.bind.question import Binding
from decisionlayer.plan.bind.seeing import keeps
from decisionlayer.plan.query import Query
from decisionlayer.resolve.reach.across import road_of
from decisionlayer.resolve.reach.grain import PARTS, allows_time, determines
from decisionlayer.resolve.reach.paths import Route

Splits: TypeAlias = tuple[str, ...]


class Kinship:
    """What the splits of one question have to do with each other. ``binding`` is by all of them."""

    def __init__(self, binding: Binding, query: Query) -> None:
        self.model = binding.model
        self.project = binding.model.project
        self.leaves = binding.tree.leaves
        self.periods = {split.asked: split.period for split in binding.splits if split.period is not None}
        self.ways = Ways(binding.model, binding.tree, query.paths, [])
        for split in binding.splits:
            if split.period is None:
                self.ways.bind(split.parts)

    def is_period(self, asked: str) -> bool:
        """Say whether a split is a period or a part of a time."""
        return asked in self.periods

    def bridged(self, level: Splits) -> frozenset[str]:
        """Return the splits of a level that cross a bridge: rows stand under several of their parts, which make up no whole."""
        found = set()
        for asked in level:
            routes = (self.ways.route(tuple(asked.split(".")), leaf) for leaf in self.leaves)
            if not self.is_period(asked) and any(road_of(route) is not None for route in routes):
                found.add(asked)
        return frozenset(found)

    def totalled(self, level: Splits) -> frozenset[object]:
        """Return the totals that forget a split of a level. Where they forget none, a total is a number of the level's own cells."""
        found: set[object] = set()
        for leaf in self.leaves:
            looks = [look for look in leaf.context.looks if look.function == "total"]
            for asked in level if looks else ():
                if not self.is_period(asked):
                    route = self.ways.route(tuple(asked.split(".")), leaf)
                    found |= {(leaf, look) for look in looks if not keeps(self.model, leaf.rows_are_of, look.paths, route)}
        return frozenset(found)

    def families(self, levels: Iterable[Splits]) -> dict[Splits, int]:
        """Return a number for each level: those of one number are all made up by one of them."""
        levels = tuple(levels)
        made_up = {level: sum(self.makes_up(level, other) for other in levels) for level in levels}
        heads: list[Splits] = []
        found: dict[Splits, int] = {}
        for level in sorted(levels, key=lambda each: -made_up[each]):
            number = next((at for at, head in enumerate(heads) if self.makes_up(head, level)), len(heads))
            if number == len(heads):
                heads.append(level)
            found[level] = number
        return found

    def makes_up(self, fine: Splits, coarse: Splits) -> bool:
        """Say whether the cells of ``fine`` make up those of ``coarse``."""
        if self.bridged(fine) != self.bridged(coarse):
            return False
        return all(any(self._follows(each, split) for each in fine) for split in coarse)

    def _follows(self, fine: str, coarse: str) -> bool:
        if fine == coarse:
            return True
        if fine in self.periods or coarse in self.periods:
            one, other = self.periods.get(fine), self.periods.get(coarse)
            if one is None or other is None or one.clock != other.clock or one.unit is None or other.unit is None:
                return False
            return one.unit not in PARTS and allows_time(one.unit, other.unit, self.project.almanac)
        parts = tuple(tuple(each.split(".")) for each in (fine, coarse))
        routes = [[self.ways.route(each, leaf) for each in parts] for leaf in self.leaves]
        return all(one is not None and other is not None and _is_tied(one, other) for one, other in routes)


def _is_tied(one: Route, other: Route) -> bool:
    """Whether there are no more groups by both paths than by the one, or than the entity has rows at whose end both stand."""
    return determines((one,), other) or (bool(one.hops) and one.hops == other.hops)
