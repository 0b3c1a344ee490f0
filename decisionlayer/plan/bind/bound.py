"""What a bound question is: the value that binding ends with and planning begins with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import field

from decisionlayer.frozen import dataclass
from decisionlayer.names import column_name
from decisionlayer.plan.bind.editions import Break
from decisionlayer.plan.bind.periods import Period
from decisionlayer.plan.bind.prices import Prices
from decisionlayer.plan.bind.result import BoundRows
from decisionlayer.plan.bind.timing import Timing
from decisionlayer.plan.bind.tree import Node, Tree
from decisionlayer.plan.nodes import Field, Order
from decisionlayer.plan.query import Parameter
from decisionlayer.resolve.language.tree import Expr
from decisionlayer.resolve.language.types import DataType
from decisionlayer.resolve.reach.paths import Parts
from decisionlayer.resolve.values.editions import Read


@dataclass(frozen=True, slots=True)
class Split:
    """One thing that a question is split by: a period, or a path in parts; ``called`` is its column where not the asked one."""

    asked: str
    period: Period | None
    called: str | None = None

    @property
    def column(self) -> str:
        """The column that holds it."""
        return self.called or column_name(self.asked)

    @property
    def parts(self) -> Parts:
        """The path, step by step."""
        return tuple(self.asked.split("."))


@dataclass(frozen=True, slots=True)
class BoundQuestion:
    """A question without a fault, ready to be planned. ``tree`` is None when no metric is asked; then ``rows`` is under None.

    ``timing`` is there when anything reads another cell than its own: then rows are by the periods of their readings, and
    ``derived`` gives the groups that follow from the asked period. ``rows_of_cells`` are the rows of the asked cells where
    every measure forgets splits. ``through`` names the entities with history that the question goes through, those excepted that
    a path reads on a day of its own. ``targets`` gives for a metric what was promised for each cell, over the groups.
    ``key`` is the column and the unit of the period that a cell is in; ``breaks`` are, for each
    column that is compared with, the days on which a definition was broken with in between; ``definitions`` say how each was read.
    ``prices`` are what assumptions with dates are in its cells. ``also_by`` are rows of another question, in whose periods cells are
    read too.
    """

    tree: Tree | None
    rows: Mapping[Node | None, BoundRows]
    groups: tuple[Field, ...]
    having: Expr | None
    order: tuple[Order, ...]
    limit: int | None
    parameters: Mapping[str, Parameter]
    notes: tuple[str, ...]
    paths: Mapping[str, Mapping[str, str]]
    timing: Timing | None = None
    derived: Mapping[str, Expr] = field(default_factory=dict)
    rows_of_cells: tuple[BoundRows, ...] = ()
    today: dt.date | None = None
    through: tuple[str, ...] = ()
    targets: Mapping[str, tuple[Expr, DataType]] = field(default_factory=dict)
    key: tuple[str, str] | None = None
    breaks: Mapping[str, tuple[Break, ...]] = field(default_factory=dict)
    definitions: tuple[Read, ...] = ()
    prices: Prices = field(default_factory=dict)
    also_by: tuple[BoundRows, ...] = ()
