"""Rolling forward: does opening plus what came in less what went out make the closing, currency by currency, and what did the rates do?

A balance in euros that is owed in dollars moves by itself when the dollar does. So what must tie is looked at in the money that is owed,
and what the rates did is a line of its own: the opening at the closing rate, and the flows of each month at it instead of their own.

::

    dollars    50 + 400 - 370 = 80
    euros      44 + 376 - 346.20 = 73.80, and 80.00 are there: 6.20 = 50 x (1.00 - 0.88) + (100 - 110) x (1.00 - 0.90) + …
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import pairwise

from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan.bind.ranges import read_range
from decisionlayer.plan.query import Query
from decisionlayer.resolve.meaning.comparing import exact
from decisionlayer.resolve.model import Exchange, Formula, Grain, Metric, Model
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.run.readings import Desk

#: An amount for each currency, or under one name where there is one unit.
Amounts = Mapping[str, Fraction]
#: The least that a rest of floating numbers may be, as a part of what was moved.
_NEAR = Fraction(1, 10**9)


@dataclass(frozen=True, slots=True)
class Rolled:
    """A stock led from one level to the next: the levels, each flow with its sign, what rates did by when, and the rest."""

    metric: Metric
    opening: Fraction
    closing: Fraction
    flows: tuple[tuple[str, int, Fraction], ...]
    rates: tuple[tuple[str, Fraction], ...]
    rests: Amounts

    def finding(self) -> Finding | None:
        """Return ``parts-differ`` (DL602) for what no flow and no rate explains."""
        rest = next(iter(self.rests.items()), None)
        return None if rest is None else _untied(self.metric, rest[1], rest[0], "")


def rolled(desk: Desk, metric: Metric, query: Query) -> Rolled:
    """Return how a stock came from its last level before the question's range to its last level in it.

    Raises QueryError: ``bad-question`` where nothing was there before, ``needs-period`` without a range, and whatever asking raises.
    """
    assert metric.roll_forward is not None
    before, last_day = _before(desk.model, query)
    ask = _Asking(desk, metric)
    alone = replace(query, metrics=(), by=())
    earlier = replace(alone, start=None, end=before)
    opening, own_opening = ask.total(metric, earlier), ask.own(metric, earlier)
    closing, own_closing = ask.total(metric, alone), ask.own(metric, alone)
    if opening is None or closing is None:
        where = "before" if opening is None else "in"
        raise QueryError(Finding(
            "bad-question", "question", f"`{metric.name}` has no level {where} the range, so nothing leads from one to the other",
            help="ask for a range that has one before it",
        ))  # fmt: skip
    flows: list[tuple[str, int, Fraction]] = []
    net: dict[str, Fraction] = {}
    monthly: dict[str, tuple[dict[str, Fraction], Fraction]] = {}
    for sign, names in ((1, metric.roll_forward.in_), (-1, metric.roll_forward.out)):
        for name in names:
            flow = desk.model.metrics[name]
            flows.append((name, sign, ask.total(flow, alone) or Fraction(0)))
            for currency, amount in ask.own(flow, alone).items():
                net[currency] = net.get(currency, Fraction(0)) + sign * amount
            if ask.is_converted:
                _by_month(ask, flow, sign, alone, monthly)
    rests = {
        currency: rest
        for currency in sorted({*own_opening, *own_closing, *net})
        if (rest := own_closing.get(currency, _ZERO) - own_opening.get(currency, _ZERO) - net.get(currency, _ZERO))
    }
    moved = sum((abs(amount) for _, _, amount in flows), abs(opening) + abs(closing))
    if metric.approximate or any(desk.model.metrics[name].approximate for name, _, _ in flows):
        rests = {currency: rest for currency, rest in rests.items() if abs(rest) > _NEAR * moved}
    rates: list[tuple[str, Fraction]] = []
    if ask.is_converted:
        at_closing = ask.rates(metric, alone, own_closing, last_day)
        rates.append(("opening", _worth(own_opening, at_closing) - opening))
        rates += ((month, _worth(own, at_closing) - own_worth) for month, (own, own_worth) in sorted(monthly.items()))
    return Rolled(metric, opening, closing, tuple(flows), tuple(rates), rests)


_ZERO = Fraction(0)


def _worth(amounts: Amounts, rates: Amounts) -> Fraction:
    return sum((amount * rates[currency] for currency, amount in amounts.items() if amount), _ZERO)


def _by_month(
    ask: _Asking, flow: Metric, sign: int, query: Query, found: dict[str, tuple[dict[str, Fraction], Fraction]]
) -> None:
    for month, amounts in ask.own_by(flow, query, "month").items():
        own, worth = found.get(month, ({}, _ZERO))
        for currency, amount in amounts.items():
            own[currency] = own.get(currency, _ZERO) + sign * amount
        found[month] = own, worth
    for month, amount in ask.total_by(flow, query, "month").items():
        own, worth = found.get(month, ({}, _ZERO))
        found[month] = own, worth + sign * amount


def untied_steps(desk: Desk, metric: Metric) -> Finding | None:
    """Return ``parts-differ`` (DL602) for the first of all levels on file that the one before it and the flows do not lead to."""
    assert metric.roll_forward is not None
    ask = _Asking(desk, metric)
    query = Query()
    levels = ask.own_by(metric, query, "day")
    flows: dict[str, dict[str, Fraction]] = {}
    for sign, names in ((1, metric.roll_forward.in_), (-1, metric.roll_forward.out)):
        for name in names:
            for day, amounts in ask.own_by(desk.model.metrics[name], query, "day").items():
                into = flows.setdefault(day, {})
                for currency, amount in amounts.items():
                    into[currency] = into.get(currency, _ZERO) + sign * amount
    days = sorted(levels)
    wrong: list[tuple[str, str, str, Fraction]] = []
    for first, last in pairwise(days):
        between = [amounts for day, amounts in flows.items() if first < day <= last]
        for currency in sorted({*levels[first], *levels[last], *(each for amounts in between for each in amounts)}):
            net = sum((amounts.get(currency, _ZERO) for amounts in between), _ZERO)
            rest = levels[last].get(currency, _ZERO) - levels[first].get(currency, _ZERO) - net
            if abs(rest) > (_NEAR * abs(levels[last].get(currency, _ZERO)) if metric.approximate else 0):
                wrong.append((first, last, currency, rest))
    if not wrong:
        return None
    first, last, currency, rest = wrong[0]
    found = _untied(metric, rest, currency, f" from {first} to {last}")
    return replace(found, damage=f"{len(wrong)} of {len(days) - 1} steps do not tie")


def _untied(metric: Metric, rest: Fraction, currency: str, when: str) -> Finding:
    assert metric.roll_forward is not None
    said = " ".join((*(f"+ {name}" for name in metric.roll_forward.in_), *(f"- {name}" for name in metric.roll_forward.out)))
    return Finding(
        "parts-differ", f"metric {metric.name}",
        f"`{metric.name}` does not roll forward{when}: opening {said} is off by {_shown(rest)}{f' {currency}' if currency else ''}",
        metric.place, why="something came or went that no flow tells of, or a flow tells of something else",
        help="name every flow under `roll_forward`, or mend the rows",
    )  # fmt: skip


def _shown(number: Fraction) -> str:
    return f"{float(number):+,.2f}"


def _before(model: Model, query: Query) -> tuple[str, dt.date]:
    """Return the day before a range as it is written, and the last day of the range."""
    findings: list[Finding] = []
    found = read_range(query.start, query.end, model.project, findings)
    if findings:
        raise QueryError(findings)
    if found.start is None or found.end is None:
        raise QueryError(Finding(
            "needs-period", "question", "a roll-forward leads from the beginning of a range to its end, and the question names none",
            help="write `start` and `end`",
        ))  # fmt: skip
    day = dt.timedelta(days=1)
    return (found.start.wall.date() - day).isoformat(), found.end.wall.date() - day


class _Asking:
    """A stock and its flows being asked: as they are, and in the money of their rows."""

    def __init__(self, desk: Desk, metric: Metric) -> None:
        assert metric.roll_forward is not None
        names = (metric.name, *metric.roll_forward.in_, *metric.roll_forward.out)
        self.beneath = Beneath(desk.model.metrics)
        self.exchanges = {name: tuple(self._exchanges(name)) for name in names}
        self.is_converted = any(self.exchanges.values())
        wide = {it.name: _unlimited(it) for name in names for it in self.beneath.tree(name)}
        self.desk = desk.beside(replace(desk.model, metrics={**desk.model.metrics, **wide}))
        own = {name: _unconverted(it) for name, it in wide.items()}
        self.own_desk = desk.beside(replace(desk.model, metrics={**desk.model.metrics, **own})) if self.is_converted else self.desk

    def _exchanges(self, name: str) -> Iterator[Exchange]:
        for it in self.beneath.tree(name):
            if isinstance(it.body, Formula):
                yield from (term.convert for term in it.body.terms.values() if term.convert is not None)

    def split(self, metric: Metric) -> tuple[str | None, str]:
        """Return the path by which the rows of a metric say their currency (None: all are in one), and that one.

        Raises QueryError (``not-built``) where the measures beneath say it in several ways.
        """
        amounts = [amount for exchange in self.exchanges[metric.name] for amount in exchange.amounts]
        ways = {(None if each.column is None else ".".join(each.column), each.currency or "") for each in amounts}
        if not ways:
            return None, "" if metric.unit is None else str(metric.unit)
        if len(ways) > 1:
            raise QueryError(Finding(
                "not-built", "question", f"`{metric.name}` is made of amounts that say their currency in several ways",
                help="let each flow be of one source",
            ))  # fmt: skip
        return ways.pop()

    def total(self, metric: Metric, query: Query) -> Fraction | None:
        """Return a metric in all, None where it has no rows."""
        value = exact(self.desk.answer(replace(query, metrics=(metric.name,))).rows()[0][0])
        return None if value is None else Fraction(value)

    def total_by(self, metric: Metric, query: Query, period: str) -> dict[str, Fraction]:
        """Return a metric by period."""
        rows = self.desk.answer(replace(query, metrics=(metric.name,), by=(period,))).rows()
        return {str(key): Fraction(found) for key, value in rows if key is not None and (found := exact(value)) is not None}

    def own(self, metric: Metric, query: Query) -> dict[str, Fraction]:
        """Return a metric in the money of its rows, by currency."""
        path, currency = self.split(metric)
        asked = replace(query, metrics=(metric.name,), by=() if path is None else (path,))
        rows = ((currency, *row) if path is None else row for row in self.own_desk.answer(asked).rows())
        return {str(key): Fraction(found) for key, value in rows if (found := exact(value)) is not None}

    def own_by(self, metric: Metric, query: Query, period: str) -> dict[str, dict[str, Fraction]]:
        """Return a metric in the money of its rows, by period and currency."""
        path, currency = self.split(metric)
        asked = replace(query, metrics=(metric.name,), by=(period,) if path is None else (period, path))
        found: dict[str, dict[str, Fraction]] = {}
        for when, *rest in self.own_desk.answer(asked).rows():
            value = exact(rest[-1])
            if when is not None:
                into = found.setdefault(str(when), {})
                if value is not None:
                    into[currency if path is None else str(rest[0])] = Fraction(value)
        return found

    def rates(self, metric: Metric, query: Query, own: Amounts, last_day: dt.date) -> dict[str, Fraction]:
        """Return what one unit of each currency was worth when the closing was counted."""
        path, currency = self.split(metric)
        asked = replace(query, metrics=(metric.name,), by=() if path is None else (path,))
        rows: Iterable[tuple[object, ...]] = self.desk.answer(asked).rows()
        worth = {str(key): exact(value) for key, value in ((currency, *row) if path is None else row for row in rows)}
        found = _Closing(self, metric, last_day)
        for each, amount in own.items():
            value = worth.get(each)
            if amount and value is not None:
                found[each] = Fraction(value) / amount
        return found


class _Closing(dict[str, Fraction]):
    """Rates at the closing; of a currency in which nothing is owed any more, that of the table on the last day."""

    def __init__(self, ask: _Asking, metric: Metric, day: dt.date) -> None:
        super().__init__()
        self.ask, self.metric, self.day = ask, metric, day

    def __missing__(self, currency: str) -> Fraction:
        for exchange in self.ask.exchanges[self.metric.name]:
            rate = self.ask.desk.model.rates[exchange.frame].at(exchange.kind, currency, self.day)
            if rate is not None:
                return Fraction(rate)
        if not self.ask.exchanges[self.metric.name]:
            return Fraction(1)
        raise QueryError(Finding(
            "missing-rate", f"metric {self.metric.name}", f"there is no closing rate of {currency} for {self.day}", self.metric.place,
            why="what flowed in that currency cannot be told at the rate of the closing", help="add the line to the table of rates",
        ))  # fmt: skip


def _unlimited(metric: Metric) -> Metric:
    return replace(metric, grain=Grain(None, None), limit=Grain(None, None))


def _unconverted(metric: Metric) -> Metric:
    body = metric.body
    if not isinstance(body, Formula):
        return metric
    return replace(metric, body=replace(body, terms={name: replace(term, convert=None) for name, term in body.terms.items()}))
