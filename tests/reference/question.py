"""What is asked, as values: the question, a cell of its answer, and what the terms above a measure change about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import TypeAlias

from decisionlayer.resolve.language.tree import Expr
from decisionlayer.resolve.model import Exchange, Term
from tests.reference.cells import Reader
from tests.reference.clocks import PARTS, Calendars, is_attribute, is_period
from tests.reference.language import Value
from tests.reference.looks import Look
from tests.reference.spans import Span
from tests.reference.walks import Row

#: The values of one split: one, or one for each column of a key.
Part: TypeAlias = tuple[Value, ...]


@dataclass(frozen=True)
class Question:
    """What is asked, under the names that people use."""

    metrics: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    where: str | None = None
    having: str | None = None
    start: str | None = None
    end: str | None = None
    order: tuple[str, ...] = ()
    limit: int | None = None
    params: Mapping[str, object] = field(default_factory=dict)
    paths: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    compare: tuple[str, ...] = ()
    fill: str | None = None
    rest: bool = False
    extremes: bool = False
    today: dt.date | None = None
    structure: object = None
    basis: str | None = None
    definition: str | None = None
    known_on: dt.date | None = None
    #: The calendars of the project, whose periods are periods too.
    calendars: Calendars = field(default_factory=dict, hash=False, compare=False)
    #: Whether its weeks begin on Mondays, as those do that have numbers.
    mondays: bool = True

    def structured(self, history: str, versions: Mapping[str, dt.date]) -> tuple[str, dt.date]:
        """Return how an entity with history is read, as its own ``history`` says unless the question does, and on which day."""
        asked, today = self.structure, self.today or dt.date.today()
        if self.basis is not None:
            name, _, at = self.basis.partition("@")
            asked = "as_was" if name == "as_reported" else {"at": at} if at else "as_is"
        if isinstance(asked, Mapping):
            at = str(asked["at"])
            return "at", versions[at] if at in versions else dt.date.fromisoformat(at)
        return str(asked or history), today

    @cached_property
    def periods(self) -> tuple[str, ...]:
        """The periods that it splits by on each metric's own clock."""
        return tuple(path for path in self.by if is_period(path, self.calendars))

    @cached_property
    def told(self) -> tuple[str, ...]:
        """What periods that it splits by are called, or their places, or parts of them: they follow from the period."""
        return tuple(path for path in self.by if is_attribute(path, self.calendars) and self.teller(path) is not None)

    def teller(self, path: str) -> str | None:
        """Return the period of the question from which follows what it is called, or a part of it."""
        tells = PARTS[path][1] if path in PARTS else (path.rpartition(".")[0],)
        return next((period for period in tells if period in self.by and (period != "week" or self.mondays)), None)

    @cached_property
    def splits(self) -> tuple[str, ...]:
        """What else it splits by."""
        return tuple(path for path in self.by if path not in self.periods and path not in self.told)


@dataclass(frozen=True)
class Cell:
    """One period, by the names of the asked periods, and one group, by the values of each split.

    Where the rest is asked for, one part more says whether the group is it; every other part of the rest is NULL.
    """

    times: Part
    group: tuple[Part, ...]


@dataclass(frozen=True)
class Context:
    """What the terms above a measure have changed about it; ``life`` is the time of the definition that it stands in.

    ``first`` and ``last`` are the points between which any part of the asked metric lies: what accumulates begins and ends for all of them
    together.
    ``asked`` is the metric of the question that all this is for.
    """

    where: tuple[Expr, ...] = ()
    population: Expr | None = None
    replaces: bool = False
    over_time: str | None = None
    left_out: tuple[Expr, ...] = ()
    convert: Exchange | None = None
    life: Span | None = None
    first: int | None = None
    last: int | None = None
    asked: str = ""

    def under(self, term: Term) -> Context:
        """Return the context beneath ``term``; what was replaced further out stays replaced."""
        where = self.where if term.where is None else (*self.where, term.where)
        left_out = (*self.left_out, *(each.when for each in term.excludes))
        over_time, convert = self.over_time or term.over_time, self.convert or term.convert
        below = replace(self, where=where, over_time=over_time, left_out=left_out, convert=convert)
        if self.replaces or not term.replaces:
            return below
        return replace(below, population=term.population, replaces=True)


PLAIN = Context()


@dataclass(frozen=True)
class Leaf:
    """A measure at the bottom of a metric, with what the terms above change, and the looks above it, outermost first."""

    metric: str
    context: Context
    looks: tuple[Look, ...] = ()

    @property
    def bare(self) -> Leaf:
        """The same measure read in its own cell."""
        return Leaf(self.metric, self.context)


@dataclass(frozen=True)
class Entry:
    """A row that a measure counts: when it was, the period and the group it lies in, and whether the range holds it."""

    row: Row
    read: Reader
    when: dt.date | None
    point: int | None
    cell: Cell
    inside: bool
    #: How much of the row counts in its group; None for the whole of it.
    share: Fraction | None = None
