"""Metrics, resolved: each after all that it stands on, with every finding about it collected once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from decisionlayer import declare
from decisionlayer.resolve.about import check_party
from decisionlayer.resolve.bodies.conversions import resolve_conversion
from decisionlayer.resolve.bodies.formulas import resolve_formula
from decisionlayer.resolve.bodies.joined import join_editions
from decisionlayer.resolve.bodies.measures import resolve_measure
from decisionlayer.resolve.bodies.unit_columns import unit_column
from decisionlayer.resolve.circles import circle, in_order
from decisionlayer.resolve.drafting.bench import Bench
from decisionlayer.resolve.drafting.drafts import Draft
from decisionlayer.resolve.drafting.limits import declared_grain
from decisionlayer.resolve.drafting.number import Number
from decisionlayer.resolve.foundations import check_owner, read_unit
from decisionlayer.resolve.language.types import FLOAT, UNKNOWN, Kind
from decisionlayer.resolve.model import Additivity, Grain, Metric
from decisionlayer.resolve.quantities.units import Unit, unlike_declared
from decisionlayer.resolve.reach.paths import Parts
from decisionlayer.resolve.switching.purposes import check_purpose
from decisionlayer.resolve.switching.switch import read_switch
from decisionlayer.resolve.world.namespace import TIME_WORDS

_CALLED = {Kind.boolean: "condition"}


def resolve_metrics(bench: Bench, taken: Mapping[str, str]) -> tuple[str, ...]:
    """Resolve every draft on the bench; return their names, each after what it stands on. ``taken`` are askable names."""
    needs = {name: draft.needs for name, draft in bench.drafts.items()}
    order, groups = in_order(needs)
    for group in groups:
        _refuse_circle(bench, group, needs)
    for name in order:
        _resolve(bench.drafts[name], bench, taken)
    return order


def _refuse_circle(bench: Bench, group: tuple[str, ...], needs: Mapping[str, tuple[str, ...]]) -> None:
    """One ``cycle`` finding for all metrics that stand on each other; each of them is broken by it."""
    way = circle(group, needs)
    first = bench.drafts[way[0]]
    round_trip = " → ".join(f"`{name}`" for name in (*way, way[0]))
    what = "stands on itself" if len(way) == 1 else "stand on each other in a circle"
    who = f"metric {round_trip.partition(' → ')[0]} {what}" if len(way) == 1 else f"metrics {what}: {round_trip}"
    first.about.say(
        "cycle",
        who,
        *first.formula_path,
        why="none of them can be computed before the other",
        help="let one of them be measured from rows, or stand on something else",
    )
    cause = first.about.findings.pop()
    bench.collector.take([cause])
    for name in group:
        bench.drafts[name].readable = False
        if name != way[0]:
            bench.collector.block(f"metric {name}", (cause,))


def _resolve(draft: Draft, bench: Bench, taken: Mapping[str, str]) -> None:
    about = draft.about
    if draft.edition_of is None:
        _check_words(draft, bench)
        _check_name(draft, bench, taken)
    else:
        _check_who_answered(draft, bench)
    unit = _unit(draft, bench)
    grain = declared_grain(draft, bench)
    number = None
    if draft.readable:
        number = _number(draft, bench, grain)
    check_purpose(draft, bench)
    column = unit_column(draft, bench, None if number is None else number.unit)
    if number is not None:
        _check_number(draft, number, unit)
        bench.metrics[draft.name] = _metric(draft, bench, number, unit, grain, column)
        bench.natures[draft.name] = number.nature
    if len(draft.editions) > 1:
        join_editions(draft, bench)
    bench.collector.take(dict.fromkeys(about.findings))


def _number(draft: Draft, bench: Bench, grain: Grain) -> Number | None:
    if draft.formula is not None:
        return resolve_formula(draft, bench, grain)
    if draft.item.conversion is not None:
        return resolve_conversion(draft, bench, draft.item.conversion, grain)
    return resolve_measure(draft, bench, grain)


def _check_words(draft: Draft, bench: Bench) -> None:
    item, about = draft.item, draft.about
    check_owner(about, item.owner, bench.ground.parties, bench.ground.today)
    if item.purpose is None:
        about.say(
            "no-purpose",
            f"{about.title} does not say what it is for",
            why="a number for acting and a number for choosing are held to different laws",
            help="add `purpose: action` or `purpose: choice`",
        )
    if item.definition is None:
        about.say(
            "no-definition",
            f"{about.title} is not defined in words",
            why="two people will read it in two ways",
            help="add `definition:`, one sentence that says what counts",
        )
    if item.unit is None:
        about.say(
            "no-unit",
            f"{about.title} has no unit",
            why="a number without a unit cannot enter a brief",
            help="add `unit:`, such as minute, USD or percent; a plain count is in a unit of your own, or 1",
        )
    if item.digits is not None and not 0 <= item.digits <= 15:
        about.say(
            "wrong-argument",
            f"`digits` is {item.digits}",
            "digits",
            help="give the digits that are printed after the point, 0 to 15",
        )


def _check_who_answered(draft: Draft, bench: Bench) -> None:
    """``no-owner`` where an earlier definition names who answered for it, or for its switch, and they were no party on its last day."""
    metric = bench.drafts[draft.edition_of or ""]
    place = next((number for number, edition in enumerate(metric.editions) if edition.name == draft.name), 0)
    if not place:
        return
    said, last = metric.item.earlier[place - 1], metric.editions[place - 1].since - dt.timedelta(days=1)
    if said.owner is not None:
        check_party(draft.about, bench.ground.parties, said.owner, ("owner",), duty="answered for", today=last)
    switched = None if said.translation is None else said.translation.owner
    if switched is not None and switched in bench.ground.parties:  # a stranger is told with the switch
        path = ("translation", "owner")
        check_party(draft.about, bench.ground.parties, switched, path, duty="owned the translation of", today=last)


def _check_name(draft: Draft, bench: Bench, taken: Mapping[str, str]) -> None:
    name = draft.name
    if name in TIME_WORDS:
        what = "a word for time"
    elif name in taken:
        what = f"{taken[name]} already"
    elif name in bench.declared("assumption"):
        what = "an assumption already"
    else:
        return
    draft.about.say(
        "bad-name",
        f"a metric cannot be called `{name}`, which is {what}",
        "metric",
        why="a question or a formula that says the name could mean either",
        help="give the metric another name",
    )


def _unit(draft: Draft, bench: Bench) -> Unit | None:
    written = draft.item.unit
    return read_unit(draft.about, written, bench.ground.units, "unit") if isinstance(written, str) else None


def _check_number(draft: Draft, number: Number, unit: Unit | None) -> None:
    """``mixed-units`` when the body is in another unit than declared, ``wrong-argument`` when it is no number."""
    about = draft.about
    if not number.type.is_number:
        path = ("measure",) if draft.item.measure is not None else draft.formula_path
        about.say(
            "wrong-argument",
            f"{about.title} is a {_CALLED.get(number.type.kind, str(number.type))}, and a metric is a number",
            *path,
            help="count it, or declare it as a dimension",
        )
    unlike = None if unit is None else unlike_declared(number.unit, unit)
    if unlike is not None:
        about.say(
            unlike.code,
            f"{about.title}: {unlike.message}",
            "unit",
            why="whoever reads the number would take it for something else",
            help=unlike.help,
        )


def _metric(draft: Draft, bench: Bench, number: Number, unit: Unit | None, grain: Grain, column: Parts | None) -> Metric:
    item = draft.item
    missing = item.missing
    if missing is None and "missing" in item.model_fields_set:
        missing = "null"  # YAML reads `missing: null` as nothing; written, it is an answer
    return Metric(
        name=draft.name,
        title=item.title or draft.name,
        definition=item.definition or "",
        owner=item.owner,
        purpose=draft.purpose,
        unit=None if column is not None else unit or number.unit,
        better=_better(item),
        respond=item.respond or "",
        grain=grain,
        limit=number.limit,
        body=number.body,
        translation=read_switch(draft, bench, number),
        missing=missing,
        decimals=item.decimals,
        digits=item.digits,
        additivity=Additivity.holistic if item.translation is not None and item.translation.reweight is not None else number.additivity,
        approximate=number.approximate,
        type=FLOAT if number.type == UNKNOWN else number.type,
        place=draft.entry.origin.place(),
        watch=item.watch,
        min_base=item.min_base,
        editions=draft.editions,
        edition_of=draft.edition_of,
        unit_column=column,
        skips_nulls=item.nulls == "skip",
    )


def _better(item: declare.Metric) -> str | Decimal | None:
    return item.better.near if isinstance(item.better, declare.Near) else item.better
