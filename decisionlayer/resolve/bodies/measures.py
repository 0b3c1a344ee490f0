"""Measures: metrics over the rows of one source."""

from __future__ import annotations

from decisionlayer.names import did_you_mean
from decisionlayer.resolve.adding.additivity import additivity_of
from decisionlayer.resolve.adding.counted import leaf_of_measure
from decisionlayer.resolve.adding.overlaps import overlap_problems, summed
from decisionlayer.resolve.bodies.stocks import kept_along_time, nature_of_measure, read_over_time
from decisionlayer.resolve.bodies.stored import ends_rounded, rounding_problems, stored_problems
from decisionlayer.resolve.drafting.bench import Bench
from decisionlayer.resolve.drafting.drafts import Draft
from decisionlayer.resolve.drafting.limits import measure_limit
from decisionlayer.resolve.drafting.number import Number
from decisionlayer.resolve.language.parser import parse_measure
from decisionlayer.resolve.language.tree import Aggregate, Expr, Name, transform, walk
from decisionlayer.resolve.language.types import FLOAT, UNKNOWN, DataType, decimal
from decisionlayer.resolve.language.typing import check
from decisionlayer.resolve.model import Clock, Grain, Measure, Source
from decisionlayer.resolve.quantities.units import unit_of
from decisionlayer.resolve.switching.exclusions import read_exclusions
from decisionlayer.resolve.world.expressions import add_problems, names_settle, read, read_filter
from decisionlayer.resolve.world.rows import Rows

#: More digits than a decimal of 38 can add up without running over.
MOST_DECIMALS = 18


def resolve_measure(draft: Draft, bench: Bench, grain: Grain) -> Number | None:
    """Return what a measure is: its body, type, unit and limit; None when it cannot be computed at all."""
    item, about = draft.item, draft.about
    source = source_of(draft, bench, item.source, "source")
    if source is None or item.measure is None:
        return None
    clock, has_clock = clock_of(draft, bench, source, item.clock, "clock")
    rows = bench.rows(source.name)
    expr = read(about, parse_measure, item.measure, ("measure",))
    settles = expr is not None and names_settle(about, expr, rows, ("measure",))
    everybody = item.population is not None and item.population.strip() == "all"
    population, fine = read_filter(about, None if everybody else item.population, rows, "population")
    where, also_fine = read_filter(about, item.where, rows, "where")
    limit = measure_limit(draft, bench, source.name, clock, grain) if has_clock else grain
    excludes = read_exclusions(draft, bench, draft.name, (source.name,))
    if expr is None or not settles or not fine or not also_fine or not has_clock or excludes is None:
        return None
    typed = check(expr, rows.type, rows.zone)
    unit, mixed = unit_of(typed.expr, rows.unit, literals="adapt")
    # A dimension may hold an average or round a column; what it is made of decides, not what it is called.
    spelled = rows.spelled_out(typed.expr)
    stored = stored_problems(spelled, rows.column)
    rounding = rounding_problems(spelled, lambda _: False)
    add_problems(about, (*typed.problems, *mixed, *stored, *rounding), ("measure",))
    over_time, of_each = read_over_time(draft, bench, source, clock, typed.expr)
    _check_decimals(draft)
    if ends_rounded(typed.expr, lambda _: False):
        bench.rounded.add(draft.name)
    body = Measure(source.name, typed.expr, population, where, clock.column if clock else None, over_time, of_each, excludes=excludes)
    leaf = leaf_of_measure(body, rows, str(item.unit))
    if leaf is not None:
        add_problems(about, overlap_problems(typed.expr, leaf), ("measure",))
        bench.counted[draft.name] = summed(typed.expr, leaf)
    additivity = kept_along_time(additivity_of(typed.expr, lambda _: None), over_time)
    return Number(
        body=body,
        limit=limit,
        type=FLOAT if over_time == "avg" else _type(typed.expr, typed.type, rows, item.decimals),
        unit=unit,
        additivity=additivity,
        approximate=item.decimals is None
        and not typed.type.is_exact
        and any(_is_inexact(node, rows) for node in walk(typed.expr)),
        nature=nature_of_measure(body, additivity, snapshot=source.snapshot),
    )


def source_of(draft: Draft, bench: Bench, name: str | None, *path: str) -> Source | None:
    """Return a source that a metric reads, None after its finding; ``path`` is where it is named."""
    about = draft.about
    if name is None:
        about.say("missing-key", f"{about.title} does not say over which rows it is measured", help="add `source:`")
        return None
    if f"source {name}" in bench.collector.broken or (name not in bench.sources and name in bench.declared("source")):
        bench.collector.fall(draft.subject, f"source {name}", draft.entry.origin.place(*path))
        return None
    if name not in bench.sources:
        about.say(
            "unknown-name", f"there is no source `{name}`", *path, help=did_you_mean(name, bench.declared("source"))
        )
        return None
    return bench.sources[name]


def clock_of(draft: Draft, bench: Bench, source: Source, named: str | None, *path: str) -> tuple[Clock | None, bool]:
    """Return the clock of a metric, and whether it could be settled: a source may have none, but not a broken one."""
    declared = bench.clocks(source.name)
    wanted = named or (declared[0] if declared else None)
    if wanted is None:
        return None, True
    root = f"clock {source.name}.{wanted}"
    if root in bench.collector.broken:
        bench.collector.fall(draft.subject, root, draft.entry.origin.place(*path))
        return None, False
    clock = source.clock(wanted)
    if clock is None:
        draft.about.say(
            "unknown-name", f"`{source.name}` has no clock `{wanted}`", *path, help=did_you_mean(wanted, declared)
        )
    return clock, clock is not None


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
