"""Rates below rows: each amount is multiplied by the rate of its own row's day before anything is added.

::

    sum(amount)    →    sum(amount * rate)      sales joined with group_eur by currency and month

An amount whose rate is not there stops the statement, also in a view that was published long ago: what was left out instead would be
a smaller number that looks like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from decisionlayer.findings import RULES
from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan import operations
from decisionlayer.plan.bind.aliases import base_alias
from decisionlayer.plan.bind.periods import period_of
from decisionlayer.plan.nodes import Field, Join, Rows, Scan
from decisionlayer.resolve.frames.rates import BEFORE, CURRENCY, RATE, SINCE
from decisionlayer.resolve.language.tree import Aggregate, Call, Expr, Literal, Name, transform
from decisionlayer.resolve.language.types import DataType, decimal
from decisionlayer.resolve.model import Exchange, Lines, Metric

if TYPE_CHECKING:
    from decisionlayer.plan.bind.columns import Columns


@dataclass(frozen=True, slots=True)
class Met:
    """The rates that rows of one source meet: the scan, the key that finds them, and the day where a rate holds for a stretch."""

    scan: Scan
    on: tuple[tuple[Expr, str], ...]
    day: Expr
    is_span: bool

    def reads(self) -> tuple[Expr, ...]:
        """Return what of a row decides which rate it meets."""
        return (*(expr for expr, _ in self.on), self.day)

    def join(self, rows: Rows) -> Join:
        """Return rows with their rate, NULL where there is none."""
        return Join(rows, self.scan, self.on, self.day if self.is_span else None)

    def type(self, column: str) -> DataType:
        """Return the type of a column of the table."""
        return next(field.type for field in self.scan.fields if field.name == column)


def exchanged(columns: Columns, source: str, metric: Metric, measure: Expr, clock: str | None, exchange: Exchange) -> Expr:
    """Return ``measure``, bound to scans, with every amount multiplied by its rate.

    What is added with the digits that the metric declares is cut to them before it is converted, never after.
    """
    amount = exchange.amount(metric.name)
    if amount is None or clock is None:
        return measure
    currency = Literal(amount.currency) if amount.column is None else columns.of_row(source, Name(amount.column))
    met = _met(columns, source, exchange, currency, amount.currency or "_".join(amount.column or ()), clock)
    alias = met.scan.alias
    columns.rates[source, alias] = met
    rate: Expr = Name((alias, RATE))
    missing = Call("is_null", (rate,))
    if amount.column is not None:  # a currency is worth 1 in itself, and stands in no table
        is_other = Call("or", (Call("is_null", (currency,)), Call("<>", (currency, Literal(exchange.to)))))
        missing = Call("and", (missing, is_other))
        rate = Call("coalesce", (rate, operations.cast(Literal(1), met.type(RATE))))
    said = (Literal(f"{RULES['missing-rate'].told}: `{exchange.frame}` has no {exchange.kind} rate for "), currency, met.day)
    place = -1

    def change(node: Expr) -> Expr | None:
        nonlocal place
        if not isinstance(node, Aggregate):
            return None
        place += 1
        if place not in amount.aggregates or node.argument is None:
            return node
        given = node.argument
        if metric.decimals is not None and node.function in ("sum", "avg"):
            given = operations.cast(given, decimal(operations.WIDEST_AMOUNT, metric.decimals))
        product = Call("*", (given, rate))
        return replace(node, argument=Call(operations.EXCHANGED, (product, given, missing, *said)))

    return transform(measure, change)


def _met(columns: Columns, source: str, exchange: Exchange, currency: Expr, word: str, clock: str) -> Met:
    rates = columns.exchanges[exchange.frame]
    base = columns.sources[source]
    own = base.clock(clock)
    assert own is not None
    is_span = rates.each == "span"
    day = period_of(own, base_alias(base), rates.of_row, columns.project)
    lines: Lines = rates.rows(exchange.kind, currency.value if isinstance(currency, Literal) else None)  # type: ignore[arg-type]
    alias = f"{exchange.frame}_{exchange.kind}_{word.lower()}"
    if own is not base.clocks[0]:
        alias += f"_{clock}"
    fields = tuple(Field(name, type) for name, type in lines.columns)
    key = (CURRENCY,) if is_span else (CURRENCY, SINCE)
    scan = Scan(f"frame {exchange.frame}", lines, alias, fields, key, (SINCE, BEFORE) if is_span else None)
    on = ((currency, CURRENCY),) if is_span else ((currency, CURRENCY), (day, SINCE))
    return Met(scan, on, day, is_span)
