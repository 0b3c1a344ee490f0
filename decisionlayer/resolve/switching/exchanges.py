"""Exchanges: what must hold for a term to be converted by a table of rates, and what of the measures beneath is money (DL105, DL106)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from decisionlayer import declare
from decisionlayer.declare.book import Path
from decisionlayer.findings import Finding
from decisionlayer.names import PERIODS, did_you_mean
from decisionlayer.resolve.drafting.bench import Bench
from decisionlayer.resolve.drafting.drafts import Draft
from decisionlayer.resolve.frames.rates import Rates
from decisionlayer.resolve.language.functions import QUANTILES
from decisionlayer.resolve.language.tree import Aggregate, Expr, Name, transform
from decisionlayer.resolve.language.type_rules import product
from decisionlayer.resolve.language.types import DataType
from decisionlayer.resolve.model import Formula, Measure, Metric, Term
from decisionlayer.resolve.quantities.units import CURRENCIES, PURE, Unit, fits, unit_of
from decisionlayer.resolve.values.money import Amount, Exchange

#: The aggregates whose value is in the unit of what they take.
_IN_UNIT = frozenset({"sum", "avg", "min", "max", *QUANTILES})
#: So many columns may say no unit before nobody tries which of them are money.
_MOST_UNKNOWN = 6
#: Stands for the currency that each row says itself.
OWN = Unit.of({"¤": 1})
#: The kind of rate that a balance takes, and no flow.
CLOSING = "closing"


def resolve_exchange(draft: Draft, bench: Bench, written: declare.Term, path: Path) -> tuple[Exchange, Unit] | None:
    """Return how a term is converted and its unit then; None after findings.

    ``unknown-name`` for a table or a kind that is not there, ``wrong-rate`` (DL106) for a kind that does not fit, ``mixed-units`` for what
    is no money or partly a price, ``missing-rate`` for a currency that the table does not have.
    """
    assert written.convert is not None
    at = (*path, "convert")
    rates = _rates(draft, bench, written.convert, at)
    metric = bench.metrics[written.from_]
    measures = None if rates is None else _measures(draft, bench, metric, at)
    if rates is None or measures is None:
        return None
    kind = written.convert.rate
    amounts: list[Amount] = []
    fine = True
    for measure in measures:
        amount = _amount(draft, bench, measure, rates, at)
        if amount is None:
            fine = False
            continue
        if not amount.aggregates:
            continue
        amounts.append(amount)
        assert isinstance(measure.body, Measure)
        fine = _fits(draft, bench, measure.name, measure.body, written, rates, at) and fine
    if not fine:
        return None
    if not amounts:
        draft.about.say(
            "mixed-units", f"`{metric.name}` is {_told(metric)}, and only money is converted by rates", *at,
            help="leave `convert` out",
        )  # fmt: skip
        return None
    unit = _unit(metric, amounts, rates)
    return None if unit is None else (Exchange(rates.name, kind, rates.to, tuple(amounts)), unit)


def _rates(draft: Draft, bench: Bench, convert: declare.Exchange, at: Path) -> Rates | None:
    name = convert.fx
    rates = bench.rates.get(name)
    if rates is None:
        if f"frame {name}" in bench.collector.broken or ("frame", name) in bench.book.unread:
            bench.collector.fall(draft.subject, f"frame {name}", draft.entry.origin.place(*at))
        else:
            is_frame = name in bench.declared("frame")
            told = f"the frame `{name}` is no table of rates" if is_frame else f"there is no table of rates `{name}`"
            draft.about.say("unknown-name", told, *at, "fx", help=did_you_mean(name, bench.rates))
        return None
    if convert.rate not in rates.kinds:
        draft.about.say(
            "unknown-name", f"`{name}` has no {convert.rate} rates", *at, "rate",
            help=f"it has {' and '.join(rates.kinds)}; add the column of the others under `rates:`",
        )  # fmt: skip
        return None
    return rates


def _measures(draft: Draft, bench: Bench, metric: Metric, at: Path) -> tuple[Metric, ...] | None:
    """Return the measures beneath a metric, each once; None after a finding when something beneath cannot be converted."""
    found: dict[str, Metric] = {}
    waiting = [metric]
    while waiting:
        it = waiting.pop()
        # What it meant before is money of its own; one that is broken breaks the metric.
        waiting += [bench.metrics[each.name] for each in it.editions[1:] if each.name in bench.metrics]
        match it.body:
            case Measure():
                found[it.name] = it
            case Formula() as body:
                converted = next((term for term in body.terms.values() if term.convert is not None), None)
                if converted is not None and converted.convert is not None:
                    draft.about.say(
                        "mixed-units", f"`{it.name}` stands on `{converted.metric}` in {converted.convert.to} already", *at,
                        why="what was converted twice bears two rates", help="convert the metrics beneath it instead",
                    )  # fmt: skip
                    return None
                price = next((name for name in body.assumptions if _currencies(bench.assumptions[name].unit)), None)
                if price is not None:
                    draft.about.say(
                        "mixed-units",
                        f"`{it.name}` is made with `{price}`, a price in {bench.assumptions[price].unit} without a date", *at,
                        why="a rate is of a row's own date, and a price has none", help="convert the metrics beneath it instead",
                    )  # fmt: skip
                    return None
                waiting += [bench.metrics[term.metric] for term in body.terms.values() if term.metric in bench.metrics]
    return tuple(found.values())


def _currencies(unit: Unit | None) -> tuple[str, ...]:
    return () if unit is None else tuple(base for base in unit.powers if base in CURRENCIES)


def _amount(draft: Draft, bench: Bench, metric: Metric, rates: Rates, at: Path) -> Amount | None:
    """Return what of a measure is money, with no aggregates when nothing is; None after a finding."""
    body = metric.body
    assert isinstance(body, Measure)
    about = draft.about
    found = _currencies(metric.unit)
    if body.match is not None or (metric.unit_column is None and not found):
        return Amount(metric.name, ())
    own = OWN if metric.unit_column is not None else metric.unit
    assert own is not None
    if metric.unit_column is None and (len(found) > 1 or own.powers[found[0]] != 1):
        told = f"`{metric.name}` is in {own}, which no single rate converts"
        about.say("mixed-units", told, *at, help="convert the metrics that are in one currency")
        return None
    currency = None if metric.unit_column is not None else found[0]
    if currency == rates.to:
        about.say("mixed-units", f"`{metric.name}` is in {rates.to} already", *at, help="leave `convert` out")
        return None
    if currency is not None and not any(line.currency == currency for line in rates.lines):
        about.say(
            "missing-rate", f"`{rates.name}` has no rates of {currency}, in which `{metric.name}` is", *at,
            why="nothing is borrowed from another currency", help=f"add lines of {currency} to its file",
        )  # fmt: skip
        return None
    money = own if metric.unit_column is not None else Unit.of({found[0]: 1})
    aggregates = _money_in(bench, body, money, own)
    if aggregates is None:
        about.say(
            "mixed-units", f"which part of `{metric.name}` is money cannot be told", *at,
            why="only amounts are multiplied by a rate, and all of them",
            help=f"say in `{body.source}` which columns are in which `unit:`",
        )  # fmt: skip
        return None
    return Amount(metric.name, aggregates, currency, metric.unit_column)


def _money_in(bench: Bench, body: Measure, money: Unit, own: Unit) -> tuple[int, ...] | None:
    """Return the places of the aggregates that are money, so that the measure then is in its unit.

    A column may not say its unit. What comes out in one way only is no guess; None when it comes out in none or in several.
    """
    rows = bench.rows(body.source)
    units: dict[Name, Unit | None] = {}
    known: list[int] = []
    unknown: list[int] = []

    def in_place(node: Expr) -> Expr | None:
        if not isinstance(node, Aggregate):
            return None
        place = len(units)
        found, _ = unit_of(node, rows.unit, literals="adapt")
        if node.function in _IN_UNIT and found is None:
            unknown.append(place)
        elif node.function in _IN_UNIT and _currencies(found):
            known.append(place)
            found = money
        units[Name((f"#{place}",))] = found
        return Name((f"#{place}",))

    over = transform(body.expr, in_place)
    if len(unknown) > _MOST_UNKNOWN:
        return None
    told: list[tuple[int, ...]] = []
    for size in range(len(unknown) + 1):
        for chosen in combinations(unknown, size):
            tried = {**units, **{Name((f"#{place}",)): money if place in chosen else PURE for place in unknown}}
            unit, problems = unit_of(over, tried.get, literals="pure")
            if not problems and unit is not None and fits(unit, own):
                told.append((*known, *chosen))
    return tuple(sorted(told[0])) if len(told) == 1 else None


def _fits(
    draft: Draft, bench: Bench, name: str, body: Measure, written: declare.Term, rates: Rates, at: Path
) -> bool:
    """Say whether the kind of rate fits the measure, and its clock tells which rate is its own."""
    assert written.convert is not None
    about, kind = draft.about, written.convert.rate
    is_balance = (written.over_time or body.over_time) is not None
    if is_balance != (kind == CLOSING):
        others = [each for each in rates.kinds if (each == CLOSING) == is_balance]
        about.say(
            "wrong-rate",
            f"`{name}` is a balance, and {kind} rates are for what flows" if is_balance
            else f"`{name}` is a flow, and a closing rate is that of one day at the end",
            *at, "rate",
            why="the balance of a day is worth what money was worth on that day" if is_balance
            else "what was earned in January was earned at January's rates",
            help=f"write `rate: {others[0]}`" if others
            else f"add {'closing' if is_balance else 'average or transaction'} rates to `{rates.name}`",
        )  # fmt: skip
        return False
    clock = bench.sources[body.source].clock(body.clock) if body.clock is not None else None
    if clock is None:
        about.say(
            "needs-period", f"rows of `{body.source}` have no clock, so nobody knows on which day `{name}` was earned", *at,
            help=f"give `{body.source}` a clock under `time:`",
        )  # fmt: skip
        return False
    finest = PERIODS.index("day") if rates.each != "month" else PERIODS.index("month")
    if PERIODS.index(clock.grain) > finest or (rates.each == "month" and clock.grain == "week"):
        about.say(
            "finer-than-grain",
            f"`{rates.name}` has a rate for each {rates.of_row}, and `{clock.column}` of `{body.source}` tells {clock.grain}s", *at,
            why="no row could say which of the rates is its own",
            help=f"take a table with a rate for each {clock.grain}, or rows by {rates.of_row}",
        )  # fmt: skip
        return False
    return True


def _unit(metric: Metric, amounts: list[Amount], rates: Rates) -> Unit | None:
    to = Unit.of({rates.to: 1})
    if metric.unit is None:
        return to
    known = dict(metric.unit.powers)
    for currency in _currencies(metric.unit):
        known[rates.to] = known.get(rates.to, 0) + known.pop(currency)
    return Unit.of(known)


def _told(metric: Metric) -> str:
    return "in no unit" if metric.unit is None else f"in {metric.unit}"


def converted_type(metric: Metric, exchange: Exchange, rates: Mapping[str, Rates]) -> DataType:
    """Return the type of a metric whose amounts are multiplied by rates: exact where both are."""
    return product(metric.type, rates[exchange.frame].type(exchange.kind)) if metric.type.is_exact else metric.type


def unconverted(draft: Draft, bench: Bench, terms: Mapping[str, Term]) -> None:
    """``mixed-units`` for each term that is in each row's own unit and not converted."""
    for name, term in terms.items():
        metric, column = term.metric, bench.metrics[term.metric].unit_column
        if column is not None and term.convert is None:
            place = draft.entry.origin.place(*(draft.terms[name][1] if name in draft.terms else draft.formula_path))
            draft.about.findings.append(Finding(
                "mixed-units", draft.subject,
                f"{draft.about.title} stands on `{metric}`, of which each row is in its own `{'.'.join(column)}`", place,
                why="rows of two units have no sum; it would only look like a number",
                help=f"write `{name}: {{from: {metric}, convert: {{fx: …, rate: …}}}}` on the term",
            ))  # fmt: skip
