"""Exchanged: what a number would have been with the rates of another time, so that a change of rates is told from one of business.

The rate of a currency is what it came to over a whole question: converted by local. So it is the rate of the days on which money
moved, and not a mean of the table.

::

    February: 100 USD, 92.00 EUR, so 0.92        at March's rates: 100 x 0.97 = 97.00
    March:    200 USD, 194.00 EUR, so 0.97       92.00 → 194.00: +5.00 by the rates, +97.00 by the business
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from decisionlayer.ask import Desk
from decisionlayer.decide.arithmetic import Number, evaluate
from decisionlayer.decide.mixing import UNASSIGNED, fraction
from decisionlayer.errors import QueryError
from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan.query import Query
from decisionlayer.resolve.adding.quotients import bare
from decisionlayer.resolve.language.tree import Name
from decisionlayer.resolve.language.types import FLOAT
from decisionlayer.resolve.meaning.comparing import exact
from decisionlayer.resolve.model import Additivity, Formula, Metric, Term
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.uses.watches import unlimited

_ADDS = (Additivity.additive, Additivity.stock)


@dataclass(frozen=True, slots=True)
class Exchanged:
    """The first number at the rates of the last one, and what each currency makes of the difference where that can be said."""

    value: Fraction
    lines: tuple[tuple[str, Fraction], ...]


def is_exchanged(desk: Desk, metric: Metric) -> bool:
    """Say whether any money beneath a metric is converted."""
    return any(
        term.convert is not None
        for each in Beneath(desk.model.metrics).tree(metric.name)
        if isinstance(each.body, Formula)
        for term in each.body.terms.values()
    )


def exchanged(desk: Desk, metric: Metric, before: Query, after: Query) -> Exchanged | None:
    """Return the number of ``before`` at the rates of ``after``; None where it cannot be told apart by currency."""
    try:
        return _Rates(desk, before, after).of(metric)
    except (_Untold, QueryError):
        return None


class _Untold(Exception):
    """The rates of a number cannot be told from the rest of it."""


class _Rates:
    def __init__(self, desk: Desk, before: Query, after: Query) -> None:
        self.desk, self.before, self.after = desk, before, after

    def of(self, metric: Metric) -> Exchanged:
        body = metric.body
        if not isinstance(body, Formula):
            raise _Untold
        found = {name: self._term(metric, name, term) for name, term in body.terms.items()}
        if isinstance(body.expr, Name):
            return found[body.expr.text]
        values: dict[str, Number] = {name: float(each.value) for name, each in found.items()}
        if any(self.desk.model.assumptions[name].lives for name in body.assumptions):
            raise _Untold  # which price a time has is told by the answer alone
        values |= {name: float(self.desk.model.assumptions[name].value) for name in body.assumptions}
        value = evaluate(body.expr, values)
        if value is None:
            raise _Untold
        return Exchanged(Fraction(Decimal(repr(value))), ())

    def _term(self, metric: Metric, name: str, term: Term) -> Exchanged:
        below = self.desk.model.metrics[term.metric]
        if term.convert is not None:
            return self._converted(metric, name, term)
        if is_exchanged(self.desk, below):
            if replace(term, factor=Fraction(1)) != Term(term.metric):
                raise _Untold
            inner = self.of(below)
            return Exchanged(inner.value * term.factor, tuple((each, change * term.factor) for each, change in inner.lines))
        value = self._asked(metric, {name: term}, self.before, ()).get("", [None])[0]
        if value is None:
            raise _Untold
        return Exchanged(value, ())

    def _converted(self, metric: Metric, name: str, term: Term) -> Exchanged:
        """Return a converted term at the other rates, currency by currency."""
        assert term.convert is not None
        if self.desk.model.metrics[term.metric].additivity not in _ADDS:
            raise _Untold
        columns = {amount.column for amount in term.convert.amounts}
        if len(columns) != 1:
            raise _Untold
        column = columns.pop()
        by = () if column is None else (".".join(column),)
        local = replace(term, convert=None)
        sides = [self._asked(metric, {name: local, f"{name}~converted": term}, query, by) for query in (self.before, self.after)]
        value, lines = Fraction(0), []
        for currency, (amount, money) in sides[0].items():
            there = sides[1].get(currency, [None, None])
            if amount is None or money is None:
                continue
            new = money
            if there[0] and there[1] is not None and amount:
                new = amount * there[1] / there[0]
            value += new
            lines.append((currency or term.convert.to, new - money))
        return Exchanged(value, tuple(line for line in lines if line[1]))

    def _asked(self, metric: Metric, terms: dict[str, Term], query: Query, by: tuple[str, ...]) -> dict[str, list[Fraction | None]]:
        """Return some terms of a metric, each as a number of its own, by currency."""
        own = {
            f"{metric.name}~{name}": replace(
                metric, name=f"{metric.name}~{name}", body=Formula(Name((name,)), {name: term}), type=FLOAT, missing=None, unit=None,
                unit_column=None, digits=None, editions=(), translation=bare(metric),
            )
            for name, term in terms.items()
        }  # fmt: skip
        model = replace(self.desk.model, metrics={**self.desk.model.metrics, **own})
        beneath = Beneath(model.metrics)
        desk = self.desk.beside(unlimited(model, {each.name for name in own for each in beneath.tree(name)}))
        rows = desk.answer(replace(query, metrics=tuple(own), by=by)).rows()
        width = len(by)
        return {
            ", ".join(UNASSIGNED if key is None else str(key) for key in row[:width]): [
                None if exact(value) is None else fraction(value) for value in row[width:]
            ]
            for row in rows
        }
