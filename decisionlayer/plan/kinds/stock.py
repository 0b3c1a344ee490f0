"""Stocks: rows of the instants at which a period is read, the same for every group.

::

    over_time: last, by month and shop          shelves: sunday, shop, pieces

    instants    the last sunday of each month, over all rows of the metric's population
    rows        shelves joined with instants on the sunday; only those that meet one count
    cells       sum(pieces) by month and shop

The question's filters, its splits and the metric's own ``where`` do not move an instant, not even by a dimension that is made of its
clock; the question's range, its periods and its filters by periods do.
docs/adr/0006-shapes.md has the reasons.
"""

from __future__ import annotations

from decisionlayer.frozen import dataclass
from decisionlayer.plan.bind.columns import Columns, base_alias
from decisionlayer.plan.bind.result import BoundRows
from decisionlayer.plan.bind.tree import Node
from decisionlayer.plan.nodes import Aggregate, Cells, Derived, Instants, Keep, Output, Rows, SemiJoin
from decisionlayer.plan.rules.walking import conjuncts
from decisionlayer.plan.shape import fields, grain
from decisionlayer.resolve.language.tree import Call, Expr, Name, conjunction, names

#: The column of an instant.
INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class Stock:
    """A measure that is read at instants: its clock, what the question asks of that clock, and how it is read."""

    clock: Name
    periods: tuple[Output, ...]
    time: tuple[Expr, ...]
    population: Expr | None
    over_time: str

    @property
    def is_one_instant(self) -> bool:
        """Whether one instant stands for the whole period."""
        return self.over_time in ("last", "first")

    @property
    def is_dated(self) -> Expr:
        """That a row has a time: one without stood at no instant."""
        return Call("not", (Call("is_null", (self.clock,)),))

    @classmethod
    def of(cls, leaf: Node, rows: BoundRows, columns: Columns) -> Stock | None:
        """Return how a measure is read along time, None for one that is not."""
        over_time = leaf.over_time
        if over_time is None or leaf.measure.clock is None:
            return None
        clock = Name((base_alias(columns.sources[rows.source]), leaf.measure.clock))
        population = leaf.population()
        return cls(
            clock,
            tuple(key for key in rows.keys if key.name in rows.periods and is_about(key.expr, clock)),
            # An instant that nobody had heard of is none: rows that arrived later do not say when the stock was counted.
            (
                *(part for condition in rows.of_time for part in conjuncts(condition) if is_about(part, clock)),
                *rows.moment.known(columns.sources[rows.source], base_alias(columns.sources[rows.source])),
            ),
            None if population is None else columns.of_row(rows.source, population),
            over_time,
        )

    def rows(self, bound: BoundRows, columns: Columns, also: tuple[Expr, ...] = ()) -> Rows:
        """Return the rows whose instants count, whichever group they are in."""
        kept = tuple(each for each in (self.population, *self.time) if each is not None)
        read = (self.clock, *(period.expr for period in self.periods), *kept, *also)
        input = columns.rows(bound.source, read, moment=bound.moment, marks=bound.marks)
        condition = conjunction(kept)
        return input if condition is None else Keep(input, condition)


    def counted_periods(self, bound: BoundRows, columns: Columns) -> Aggregate:
        """Return the periods in which there is an instant at all."""
        return Aggregate(self.rows(bound, columns), self.periods, ())


def is_about(expr: Expr, clock: Name) -> bool:
    """Whether an expression reads the clock and nothing else."""
    read = names(expr)
    return bool(read) and all(name.parts == clock.parts for name in read)


def at_one_instant(
    leaf: Node, stock: Stock, bound: BoundRows, columns: Columns, known: dict[Cells, Derived]
) -> tuple[SemiJoin, Expr]:
    """Return the join by which rows know whether they stand at the instant that is read, and the condition that they do.

    ``known`` is what the question derives so far.
    """
    source = bound.source
    each = tuple(
        Output("__".join(parts), columns.type_of(source, expr), expr)
        for parts in leaf.measure.last_of_each
        for expr in _at(columns, source, parts)
    )
    instant = Output(INSTANT, columns.type_at(source, stock.clock), stock.clock)
    cells = Instants(
        stock.rows(bound, columns, tuple(one.expr for one in each)),
        tuple(period.expr for period in stock.periods),
        each,
        instant,
        stock.over_time,
    )
    derived = derive(cells, f"{stock.over_time}_of_{source}", known)
    on = ((stock.clock, INSTANT), *((one.expr, one.name) for one in each))
    met = Call("not", (Call("is_null", (Name((derived.alias, INSTANT)),)),))
    return SemiJoin(columns.rows(source, (stock.clock,)), derived.cells, derived.alias, on, null_meets_null=bool(each)), met


def _at(columns: Columns, source: str, parts: tuple[str, ...]) -> tuple[Expr, ...]:
    route = columns.paths.exact(source, parts)
    assert route is not None, parts
    return columns.at(route)


def derive(cells: Cells, called: str, known: dict[Cells, Derived]) -> Derived:
    """Return cells as rows: the same ones, under one alias, wherever the question needs them."""
    if cells not in known:
        taken = {each.alias for each in known.values()}
        alias, number = called, 1
        while alias in taken:
            number += 1
            alias = f"{called}_{number}"
        known[cells] = Derived(alias, cells, fields(cells), grain(cells))
    return known[cells]
