"""Counting: which rows a measure counts, and what it makes of them. Plain rows; those of an instant; those that something follows."""

from __future__ import annotations

import datetime as dt

from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan.bind.columns import Columns
from decisionlayer.plan.bind.rates import exchanged
from decisionlayer.plan.bind.result import BoundRows
from decisionlayer.plan.bind.tree import Node
from decisionlayer.plan.kinds.conversion import Conversion
from decisionlayer.plan.kinds.parts import whole_rows
from decisionlayer.plan.kinds.stock import Stock, at_one_instant
from decisionlayer.plan.nodes import Cells, Derived, Keep, Rows, SemiJoin
from decisionlayer.plan.rules.walking import conjuncts
from decisionlayer.resolve.language.tree import Expr, conjunction


@dataclass(frozen=True, slots=True)
class Counting:
    """One measure over the rows of a question: its expression over scans, its own filters, and where its rows come from.

    ``joins`` holds what its filters read beside the joins of paths, which ``rows`` puts around them.
    """

    bound: BoundRows
    columns: Columns
    measure: Expr
    own: tuple[Expr, ...]
    known: dict[Cells, Derived]
    conversion: Conversion | None = None
    stock: Stock | None = None
    instants: SemiJoin | None = None

    @classmethod
    def of(
        cls, leaf: Node, bound: BoundRows, columns: Columns, known: dict[Cells, Derived], today: dt.date | None
    ) -> Counting:
        """Return how a measure counts. ``known`` is what the question derives so far."""
        source = bound.source
        own = tuple(columns.of_row(source, condition) for condition in leaf.conditions())
        conversion = Conversion.of(leaf.measure, columns, today, bound.moment)
        if conversion is not None:
            return cls(bound, columns, conversion.expression(known), own, known, conversion)
        measure = columns.of_row(source, leaf.measure.expr)
        if leaf.context.convert is not None:
            measure = exchanged(columns, source, leaf.metric, measure, leaf.measure.clock, leaf.context.convert)
        if not leaf.metric.skips_nulls:
            measure = whole_rows(measure, leaf.metric.name)
        stock = Stock.of(leaf, bound, columns)
        if stock is None:
            return cls(bound, columns, measure, own, known)
        if not stock.is_one_instant:
            return cls(bound, columns, measure, (*own, stock.is_dated), known, stock=stock)
        instants, met = at_one_instant(leaf, stock, bound, columns, known)
        return cls(bound, columns, measure, (*own, met), known, stock=stock, instants=instants)

    def at_any_instant(self) -> Counting | None:
        """Return how the same rows count at whichever instant they stood; None where each of its instants has one of them."""
        if self.instants is None or self.stock is None:
            return None
        own = self.own[:-1]
        chosen = {part for each in (self.stock.population, *self.stock.time) if each is not None for part in conjuncts(each)}
        if all(part in chosen for each in (*self.bound.conditions, *own) for part in conjuncts(each)):
            return None
        return replace(self, own=(*own, self.stock.is_dated), instants=None)

    def rows(self, read: tuple[Expr, ...]) -> Rows:
        """Return the rows, joined with all that ``read`` and the asked paths lead to, only those in question."""
        bound = self.bound
        own = self.own if self.instants is None else self.own[:-1]
        if self.conversion is not None:
            read = self.conversion.reads()
        also = [self.columns.way_to(each) for each in bound.ways]
        wanted = (*bound.reads(), *own, *read)
        input = self.columns.rows(
            bound.source, wanted, also=also, moment=bound.moment, marks=bound.marks, expansions=bound.expansions
        )
        input = bound.looked_up(input)
        if self.conversion is not None:
            return self.conversion.rows(input, bound, list(own), self.known)
        if self.instants is not None:
            input = replace(self.instants, input=input)
        condition = conjunction((*bound.conditions, *self.own))
        return input if condition is None else Keep(input, condition)
