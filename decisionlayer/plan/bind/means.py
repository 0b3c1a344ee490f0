"""Means over days: what each day of a period reads, and which days a period has."""

from __future__ import annotations

import datetime as dt

from decisionlayer.frozen import dataclass
from decisionlayer.plan.bind.grids import Grid, Interval
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name, transform
from decisionlayer.resolve.model import Project


@dataclass(frozen=True, slots=True)
class Averaged:
    """What a mean over days is of: rows by periods of ``base``, of those the ``interval`` over ``key``, which holds each ``unit``.

    ``rows`` are the days of the first and of the last row of all that stands in the number, ``first`` and ``last`` the ends of the range,
    where it has them: a period has the days that lie within both. ``may_be_unknown`` says that one may lie outside of the calendar by
    which it is read, so that nobody knows the mean.
    """

    unit: str
    key: str
    base: str
    interval: Interval
    rows: tuple[Expr, Expr]
    first: dt.date | None = None
    last: dt.date | None = None
    may_be_unknown: bool = False

    def days(self, period: Interval, asked: Grid) -> tuple[Expr, Expr]:
        """Return the first and the last day of an asked period; they are the wrong way round where it has none."""
        days = Grid(self.unit, asked.project)
        assert period.first is not None
        opens, closes = days.holding(period.first, asked), days.moved(days.holding(period.before, asked), -1, self.unit)
        first, last = ([] if edge is None else [Literal(edge)] for edge in (self.first, self.last))
        return Call("greatest", (opens, *first, self.rows[0])), Call("least", (closes, *last, self.rows[1]))

    def read_on(self, day: Expr, project: Project) -> tuple[Expr | None, Expr]:
        """Return the first and the last period of the base that a day reads; the first may be open."""
        first, last = Grid(self.base, project).ends(self.interval)

        def at(end: Expr) -> Expr:
            return transform(end, lambda node: day if node == Name((self.key,)) else None)

        return None if first is None else at(first), at(last)
