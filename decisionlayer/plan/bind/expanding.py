"""Expanding: splits across a bridge. Each row stands once under every part that it belongs to, or is shared out over them.

::

    orders by lines.category      order 1 has two lines of toys and one of food
    overlap                       order 1 counts once under Toys and once under Food
    allocate by amount            two thirds of order 1 count under Toys, one third under Food
"""

from __future__ import annotations

from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan.nodes import Output, State
from decisionlayer.resolve.language.tree import Call, Literal, Name
from decisionlayer.resolve.language.types import FLOAT
from decisionlayer.resolve.model import Bridge
from decisionlayer.resolve.reach.across import Road

#: The columns of a row's share in a part, of the part, and of the whole that it is a part of; no other column is called so.
SHARE, PART, WHOLE = "of__share", "of__part", "of__whole"


@dataclass(frozen=True, slots=True)
class Expansion:
    """The splits of a question across one bridge: the way to it, and what is read of the rows of its many side."""

    road: Road
    bridge: Bridge
    splits: tuple[Output, ...]

    @property
    def alias(self) -> str:
        """Under which alias the parts stand."""
        return over_alias(self.road)

    def weighted(self, metric: str, states: tuple[State, ...]) -> tuple[State, ...]:
        """Return states of which each row gives its share; the same ones where parts overlap.

        Raises QueryError (``fan-out``) for what cannot be shared out: distinct counts, quantiles and extremes.
        """
        if self.bridge.by is None:
            return states
        wrong = next((state.function for state in states if state.function not in ("sum", "count")), None)
        if wrong is not None:
            computed = wrong.replace("_", " ")
            raise QueryError(Finding(
                "fan-out", "question",
                f"`{metric}` cannot be shared out over `{self.bridge.name}`: what it computes ({computed}) has no parts that add up",
                why="a part of a row has no value of its own", help="ask it without that split",
            ))  # fmt: skip
        # A row that belongs to no part keeps the whole of itself, under no name.
        share = Call("coalesce", (Name((self.alias, SHARE)), Literal(1)))
        return tuple(replace(state, weight=share, type=FLOAT) for state in states)


def over_alias(road: Road) -> str:
    """Return under which alias the parts beyond a bridge stand."""
    return f"over_{road[-1].role}"


def told_of(expansion: Expansion, one_row_is: str) -> str:
    """Return what a reader must know of numbers that were split across a bridge."""
    name, by = expansion.bridge.name, expansion.bridge.by
    if by is not None:
        return f"split over {name}, each row ({one_row_is}) is shared out by {by} and never rounded: the parts make up the whole"
    return f"split over {name}, the parts overlap: each row ({one_row_is}) counts once in every part that it belongs to"
