"""What a statement says that stopped at an amount without a rate, or at a sum of two units, told in the words of the project."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from decisionlayer.errors import DecisionLayerError
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.plan.bind.filling import TOO_FAR
from decisionlayer.plan.kinds.parts import filled
from decisionlayer.plan.query import Query
from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.model import Additivity, Amount, Formula, Grain, Measure, Model
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.run.readings import Desk

_SAID = re.compile(r"`(?P<frame>[^`]+)` has no (?P<kind>\w+) rate for (?P<currency>[^`\n]*?) on (?P<day>\d{4}-\d\d-\d\d|no day)")
_MIXED = re.compile(r"`(?P<metric>[^`]+)` adds up (?P<one>[^\n]*?) and (?P<other>[^\n]*)")
_TORN = re.compile(r"a row of `(?P<metric>[^`]+)` has only a part of what it adds up")
#: A message shows so many amounts.
MOST_SHOWN = 3
WHY = "an amount that is left out makes a smaller number that looks like any other, and nothing is borrowed from another day"


def stopped(failed: DecisionLayerError, model: Model) -> Finding | None:
    """Return the finding behind a statement that stopped itself, None when it failed for another reason."""
    return _lacking_rate(failed, model) or _two_units(failed, model) or _torn(failed, model) or _too_far(failed)


def _too_far(failed: DecisionLayerError) -> Finding | None:
    if not any(TOO_FAR in each.message for each in failed.findings):
        return None
    return Finding(
        "bad-question", "question", TOO_FAR.partition(": ")[2],
        why="a row far from all others, such as a day of the year 9999, makes the range of the data so long",
        help="give `start` and `end`, or ask longer periods",
    )  # fmt: skip


def _torn(failed: DecisionLayerError, model: Model) -> Finding | None:
    said = next((found for each in failed.findings if (found := _TORN.search(each.message))), None)
    metric = None if said is None else model.metrics.get(said["metric"])
    if metric is None:
        return None
    measure = text_of(metric.body.expr)
    return Finding(
        "empty-part", f"metric {metric.name}", f"`{metric.name}` is {measure}, and in some rows a part of it is empty", metric.place,
        why="such a row gives nothing at all, also not the part that it has; nobody can know whether that is meant",
        help="write `coalesce(…, 0)` around a part that is nothing when it is empty, or `nulls: skip` to leave such rows out",
    )  # fmt: skip


def with_damage(desk: Desk, query: Query, finding: Finding) -> Finding:
    """Return the finding with what each reading of a torn row gives, or with the amounts that have no rate."""
    if finding.code == "missing-rate":
        return _with_amounts(desk, query, finding)
    name = finding.subject.removeprefix("metric ")
    metric = desk.model.metrics.get(name)
    if finding.code != "empty-part" or metric is None or not isinstance(metric.body, Measure):
        return finding
    skipping = replace(metric, skips_nulls=True)
    apart = replace(skipping, body=replace(metric.body, expr=filled(metric.body.expr)))
    whole = replace(Query(), metrics=(name,), start=query.start, end=query.end, today=query.today)
    values = []
    for each in (skipping, apart):
        beside = desk.beside(replace(desk.model, metrics={**desk.model.metrics, name: each}))
        try:
            values.append(beside.answer(whole).rows()[0][0])
        except DecisionLayerError:
            return finding
    return replace(finding, damage=f"{values[0]} without such rows, {values[1]} with each part added up by itself")


def _with_amounts(desk: Desk, query: Query, finding: Finding) -> Finding:
    """Return the finding with what is to be converted and cannot be, by currency and period."""
    rates = desk.model.rates[finding.subject.removeprefix("frame ")]
    told: dict[str, None] = {}
    for amount, kind in _amounts(desk.model, query.metrics, rates.name):
        metric = desk.model.metrics[amount.metric]
        if metric.additivity is not Additivity.additive:
            continue
        wide = replace(metric, limit=Grain(None, None), skips_nulls=True)
        beside = desk.beside(replace(desk.model, metrics={**desk.model.metrics, metric.name: wide}))
        path = () if amount.column is None else (".".join(amount.column),)
        asked = replace(Query(), metrics=(metric.name,), by=(rates.of_row, *path), start=query.start, end=query.end, today=query.today)
        try:
            rows = beside.answer(asked).rows()
        except DecisionLayerError:
            continue
        for when, *currency, value in rows:
            which = str(currency[0]) if currency else amount.currency or ""
            if value is not None and isinstance(when, dt.date) and rates.at(kind, which, when) is None:
                told[f"{value} {which} of {when.isoformat()[:7] if rates.of_row == 'month' else when}"] = None
    shown = list(told)
    more = f" and {len(shown) - MOST_SHOWN} more" if len(shown) > MOST_SHOWN else ""
    return replace(finding, damage=f"without a rate: {', '.join(shown[:MOST_SHOWN])}{more}") if shown else finding


def _amounts(model: Model, metrics: Iterable[str], frame: str) -> dict[tuple[Amount, str], None]:
    """Return what the terms beneath some metrics convert by a table, as long as they narrow nothing, with the kind of rate."""
    beneath = Beneath(model.metrics)
    return {
        (amount, term.convert.kind): None
        for name in metrics
        for it in beneath.tree(name)
        if isinstance(it.body, Formula)
        for term in it.body.terms.values()
        if term.convert is not None and term.convert.frame == frame and term.where is None and not term.replaces and not term.excludes
        for amount in term.convert.amounts
    }


def _two_units(failed: DecisionLayerError, model: Model) -> Finding | None:
    said = next((found for each in failed.findings if (found := _MIXED.search(each.message))), None)
    metric = None if said is None else model.metrics.get(said["metric"])
    if said is None or metric is None or metric.unit_column is None:
        return None
    column = ".".join(metric.unit_column)
    return Finding(
        "mixed-units", "question", f"`{metric.name}` would add up {said['one']} and {said['other']} in one cell", metric.place,
        why="rows of two units have no sum; it would only look like a number",
        help=f"split by `{column}`, filter by it, or convert it in a translation: `convert: {{fx: …, rate: …}}` on the term",
    )  # fmt: skip


def _lacking_rate(failed: DecisionLayerError, model: Model) -> Finding | None:
    """Return the ``missing-rate`` finding behind a failed statement, None when it failed for another reason."""
    said = next((found for each in failed.findings if (found := _SAID.search(each.message + each.why + each.help))), None)
    rates = None if said is None else model.rates.get(said["frame"])
    if said is None or rates is None:
        return None
    when = said["day"][:7] if rates.each == "month" else said["day"]
    return Finding(
        "missing-rate", f"frame {rates.name}", f"`{rates.name}` has no {said['kind']} rate of {said['currency']} for {when}", rates.place,
        why=WHY, help="add the line to its file, or leave those rows out with `where:`",
    )  # fmt: skip
