"""Measures: metrics over the rows of one source."""

from __future__ import annotations

from decisionlayer.findings import Finding
from decisionlayer.names import did_you_mean
from decisionlayer.resolve.additivity import additivity_of
from decisionlayer.resolve.bench import Bench
from decisionlayer.resolve.drafts import Draft
from decisionlayer.resolve.expressions import add_problems, names_settle, read, read_filter
from decisionlayer.resolve.language.parser import parse_measure
from decisionlayer.resolve.language.tree import Aggregate, Expr, Name, transform, walk
from decisionlayer.resolve.language.types import UNKNOWN, DataType, decimal
from decisionlayer.resolve.language.typing import check
from decisionlayer.resolve.limits import measure_limit
from decisionlayer.resolve.model import Clock, Grain, Measure, Source
from decisionlayer.resolve.number import Number
from decisionlayer.resolve.rows import Rows
from decisionlayer.resolve.stored import ends_rounded, rounding_problems, stored_problems
from decisionlayer.resolve.units import unit_of

#: More digits than a decimal of 38 can add up without running over.
MOST_DECIMALS = 18


def resolve_measure(draft: Draft, bench: Bench, grain: Grain) -> Number | None:
    """Return what a measure is: its body, type, unit and limit; None when it cannot be computed at all."""
    item, about = draft.item, draft.about
    source = _source(draft, bench)
    if source is None or item.measure is None:
        return None
    clock, has_clock = _clock(draft, bench, source)
    rows = bench.rows(source.name)
    expr = read(about, parse_measure, item.measure, ("measure",))
    settles = expr is not None and names_settle(about, expr, rows, ("measure",))
    everybody = item.population is not None and item.population.strip() == "all"
    population, fine = read_filter(about, None if everybody else item.population, rows, "population")
    where, also_fine = read_filter(about, item.where, rows, "where")
    limit = measure_limit(draft, bench, source.name, clock, grain) if has_clock else grain
    if expr is None or not settles or not fine or not also_fine or not has_clock:
        return None
    typed = check(expr, rows.type, rows.zone)
    unit, mixed = unit_of(typed.expr, rows.unit, literals="adapt")
    # A dimension may hold an average or round a column; what it is made of decides, not what it is called.
    spelled = rows.spelled_out(typed.expr)
    stored = stored_problems(spelled, rows.column)
    rounding = rounding_problems(spelled, lambda _: False)
    add_problems(about, (*typed.problems, *mixed, *stored, *rounding), ("measure",))
    _check_snapshot(draft, source, typed.expr)
    _check_decimals(draft)
    if ends_rounded(typed.expr, lambda _: False):
        bench.rounded.add(draft.name)
    return Number(
        body=Measure(source.name, typed.expr, population, where, clock.column if clock else None),
        limit=limit,
        type=_type(typed.expr, typed.type, rows, item.decimals),
        unit=unit,
        additivity=additivity_of(typed.expr, lambda _: None),
        approximate=item.decimals is None
        and not typed.type.is_exact
        and any(_is_inexact(node, rows) for node in walk(typed.expr)),
    )


def _source(draft: Draft, bench: Bench) -> Source | None:
    name, about = draft.item.source, draft.about
    if name is None:
        about.say("missing-key", f"{about.title} does not say over which rows it is measured", help="add `source:`")
        return None
    if f"source {name}" in bench.collector.broken or (name not in bench.sources and name in bench.declared("source")):
        bench.collector.fall(draft.subject, f"source {name}", draft.entry.origin.place("source"))
        return None
    if name not in bench.sources:
        about.say(
            "unknown-name", f"there is no source `{name}`", "source", help=did_you_mean(name, bench.declared("source"))
        )
        return None
    return bench.sources[name]


def _clock(draft: Draft, bench: Bench, source: Source) -> tuple[Clock | None, bool]:
    """Return the clock of a metric, and whether it could be settled: a source may have none, but not a broken one."""
    declared = bench.clocks(source.name)
    wanted = draft.item.clock or (declared[0] if declared else None)
    if wanted is None:
        return None, True
    root = f"clock {source.name}.{wanted}"
    if root in bench.collector.broken:
        bench.collector.fall(draft.subject, root, draft.entry.origin.place("clock"))
        return None, False
    clock = source.clock(wanted)
    if clock is None:
        draft.about.say(
            "unknown-name", f"`{source.name}` has no clock `{wanted}`", "clock", help=did_you_mean(wanted, declared)
        )
    return clock, clock is not None


def _check_snapshot(draft: Draft, source: Source, expr: Expr) -> None:
    """DL102: a snapshot counts the whole stock again, so adding its rows counts it once for each instant."""
    if not source.snapshot:
        return
    added = next(
        (node for node in walk(expr) if isinstance(node, Aggregate) and node.function in ("sum", "count")), None
    )
    if added is None:
        return
    about = draft.about
    about.findings.append(
        Finding(
            "stock-summed",
            about.subject,
            f"{about.title} adds up `{source.name}`, whose every instant counts the whole stock again",
            draft.entry.origin.place("measure", offset=added.span.start),
            why="over a quarter of weekly counts it would be thirteen times too much",
            help="say how it is read along time, as `over_time: last` or `avg`; this version does not answer that yet",
        )
    )


def _check_decimals(draft: Draft) -> None:
    decimals = draft.item.decimals
    if decimals is not None and not 0 <= decimals <= MOST_DECIMALS:
        draft.about.say(
            "wrong-argument",
            f"`decimals` is {decimals}",
            "decimals",
            help=f"give the digits that are kept when adding, 0 to {MOST_DECIMALS}",
        )


def _type(expr: Expr, found: DataType, rows: Rows, decimals: int | None) -> DataType:
    """Return the type of the number; with ``decimals``, sums over floats are cast before adding and stay exact."""
    if decimals is None or found.is_exact or not 0 <= decimals <= MOST_DECIMALS:
        return found
    stand_in = Name(("",))

    def cast(node: Expr) -> Expr | None:
        return stand_in if isinstance(node, Aggregate) and node.function == "sum" and _is_inexact(node, rows) else None

    exact = decimal(38, decimals)
    return check(transform(expr, cast), lambda name: exact if name is stand_in else rows.type(name), rows.zone).type


def _is_inexact(node: Expr, rows: Rows) -> bool:
    """Say whether an aggregate adds floating values, whose sum hangs on the order of the rows."""
    if not isinstance(node, Aggregate) or node.function not in ("sum", "avg") or node.argument is None:
        return False
    kind = check(node.argument, rows.type, rows.zone).type
    return kind == UNKNOWN or not kind.is_exact
