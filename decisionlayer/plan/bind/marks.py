"""Marks: filters over a many side. Each row is marked with whether there is such a row among the many that belong to it.

An order with three toy lines has the mark once, so nothing is counted twice.
"""

from __future__ import annotations

import hashlib

from decisionlayer.frozen import dataclass
from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.language.tree import Call, Expr, Name
from decisionlayer.resolve.reach.across import Road
from decisionlayer.resolve.reach.paths import Hop


@dataclass(frozen=True, slots=True)
class Mark:
    """A condition over the rows that belong to another: the way to that one, the step against a link, and what must hold.

    Names in ``condition`` are bound to the scans below the rows of the many side. ``within`` are the marks that a question asks of
    those in turn, by their aliases; those that metrics ask for are known by themselves.
    """

    road: Road
    condition: Expr
    within: tuple[tuple[str, Mark], ...] = ()

    @property
    def step(self) -> Hop:
        """The step from one to many."""
        return self.road[-1]

    @property
    def alias(self) -> str:
        """What it is called in a plan; equal marks are one."""
        said = "\x1f".join((*(f"{hop.source}.{hop.role}" for hop in self.road), text_of(self.condition)))
        return f"with_{self.step.role}_{hashlib.sha256(said.encode()).hexdigest()[:6]}"

    def is_there(self, column: str) -> Expr:
        """Return the condition that a row has the mark; ``column`` is one by which the many lead back."""
        return Call("not", (Call("is_null", (Name((self.alias, column)),)),))
