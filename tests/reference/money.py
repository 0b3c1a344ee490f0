"""Money into another currency: each amount times the rate of its own row's day, looked up line by line in the table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from fractions import Fraction

from decisionlayer.resolve.language.tree import Aggregate, Expr, Name
from decisionlayer.resolve.language.tree import children as below
from decisionlayer.resolve.model import Exchange, Metric, Model
from tests.reference.language import Value, apply, exact, rounded
from tests.reference.walks import Unanswerable

Reader = Callable[[Expr], Value]


def place_of(node: Aggregate, expr: Expr) -> int:
    """Return which of the aggregates in ``expr`` a node is, as they are written."""
    found: list[Aggregate] = []

    def look(one: Expr) -> None:
        if isinstance(one, Aggregate):
            found.append(one)
            return
        for part in below(one):
            look(part)

    look(expr)
    return next(place for place, one in enumerate(found) if one is node)


def is_amount(exchange: Exchange, metric: str, node: Aggregate, expr: Expr) -> bool:
    """Say whether an aggregate of a measure is money that is converted."""
    amount = exchange.amount(metric)
    return amount is not None and place_of(node, expr) in amount.aggregates


def exchanging(model: Model, exchange: Exchange, metric: Metric, node: Aggregate) -> Callable[[Reader, dt.date | None], Reader]:
    """Return what makes a reader of a row, whose day is given, read amounts in the other currency."""
    amount, decimals = exchange.amount(metric.name), metric.decimals
    assert amount is not None
    rates = model.rates[exchange.frame]

    def rate(currency: Value, day: dt.date | None) -> Fraction:
        if currency == exchange.to:
            return Fraction(1)
        for line in rates.lines:
            begun = day is not None and (line.since is None or line.since <= day)
            if begun and line.currency == currency and (line.before is None or day < line.before):  # type: ignore[operator]
                found = line.rates[rates.kinds.index(exchange.kind)]
                if found is not None:
                    return Fraction(found)
        raise Unanswerable(f"{exchange.frame} has no rate of {currency} for {day}")

    def reading(read: Reader, day: dt.date | None) -> Reader:
        def converted(wanted: Expr) -> Value:
            value = read(wanted)
            if wanted is not node.argument or value is None:
                return value
            currency = amount.currency if amount.column is None else read(Name(amount.column))
            if decimals is not None and node.function in ("sum", "avg"):
                value = rounded(Fraction(value), decimals)  # type: ignore[arg-type]
            return apply("*", [value, exact(rate(currency, day))])

        return converted

    return reading
