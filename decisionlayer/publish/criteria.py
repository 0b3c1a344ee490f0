"""The view of a decision: its criteria by horizon, period and option, as one query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from decisionlayer.ask import Desk
from decisionlayer.errors import DeclarationError
from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass, replace
from decisionlayer.govern.lineage import measures
from decisionlayer.names import PERIODS
from decisionlayer.plan.bind.aliases import base_alias
from decisionlayer.plan.bind.calendars import expanded
from decisionlayer.plan.bind.columns import Columns
from decisionlayer.plan.bind.grids import Grid
from decisionlayer.plan.bind.periods import period_of
from decisionlayer.plan.nodes import Aggregate, Field, Plan, Present, State
from decisionlayer.plan.query import Parameter, Query
from decisionlayer.resolve.frames.timeunits import is_below_a_day
from decisionlayer.resolve.language.tree import Expr, Name
from decisionlayer.resolve.language.types import DATE
from decisionlayer.resolve.model import Clock, Decision, Horizon, Project, Source
from decisionlayer.sql import emit
from decisionlayer.sql.stack import Layer, Span, stack


@dataclass(frozen=True, slots=True)
class Seen:
    """A decision over one of its horizons: the question that was asked, and its plan."""

    title: str
    question: Mapping[str, object]
    plan: Plan


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A decision as one query: ``horizon``, ``period``, the option's columns, one column per criterion."""

    sql: str
    columns: tuple[str, ...]
    horizons: tuple[Seen, ...]


def criteria_of(desk: Desk, decision: Decision) -> LaidOut:
    """Return a decision laid out over all its horizons; of one that repeats, every whole period that is in the data.

    Raises what compiling raises, and DeclarationError ``bad-name`` when two columns would bear one name.
    """
    layers, seen = [], []
    options: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    for horizon in decision.horizons:
        query = _question(decision, horizon)
        plan = desk.compile(query, inline=True).plan
        text = _unordered(desk, plan)
        criteria = tuple(column for column, _ in plan.metrics)
        if horizon.period is not None:
            layers.append(Layer(horizon.name, text, plan.groups[0], _after(horizon.period, plan.groups[0], desk.model.project)))
            options = plan.groups[1:]
        else:
            layers.append(Layer(horizon.name, text, first_day(horizon.start or "")))
            options = plan.groups
        seen.append(Seen(f"{decision.name}, {horizon.name}", _keys(query), plan))
    _check_names(decision, (*options, *criteria))
    repeats = [horizon for horizon in decision.horizons if horizon.period is not None and not is_below_a_day(horizon.period)]
    spans = list(_spans(desk, decision)) if repeats else []
    return LaidOut(stack(layers, spans, options, criteria), ("horizon", "period", *options, *criteria), tuple(seen))


def _after(period: str, column: str, project: Project) -> Expr | None:
    """Return the first day after a period, over its column; None for one that is no whole days."""
    return None if is_below_a_day(period) else expanded(Grid(period, project).next(Name((column,))), project)


def first_day(written: str) -> dt.date:
    """Return the first day of a time as people write it.

    >>> first_day("2013-05").isoformat()
    '2013-05-01'
    """
    year, month, day = (f"{written[:10]}-01-01").split("-")[:3]
    return dt.date(int(year), int(month), int(day))


def _question(decision: Decision, horizon: Horizon) -> Query:
    by = [] if horizon.period is None else [horizon.period]
    where, params = None, {}
    if decision.dimension is not None:
        by.append(decision.dimension)
        if decision.options is not None:
            params = {f"option_{number}": option for number, option in enumerate(decision.options, start=1)}
            where = f"{decision.dimension} in ({', '.join(f':{name}' for name in params)})"
    values: Mapping[str, Parameter] = params
    return Query(
        metrics=tuple(dict.fromkeys(criterion.metric for criterion in decision.criteria)), by=tuple(by), where=where,
        start=horizon.start, end=horizon.end, params=values, basis=horizon.basis, structure=horizon.structure,
        definition=horizon.definition,
    )  # fmt: skip


def _unordered(desk: Desk, plan: Plan) -> str:
    """Return the query of a plan without its order: the rows of a horizon are sorted among those of the others."""
    return emit(replace(plan, root=replace(plan.root, order=())), desk.capabilities, inline=True).text


def _keys(query: Query) -> Mapping[str, object]:
    keys = ("metrics", "by", "where", "start", "end", "params", "basis", "structure", "definition")
    return {key: value for key in keys if (value := getattr(query, key)) not in (None, (), {})}


def _check_names(decision: Decision, columns: tuple[str, ...]) -> None:
    taken = [column for column in columns if column in ("horizon", "period")]
    if taken:
        raise DeclarationError(Finding(
            "bad-name", f"decision {decision.name}",
            f"decision `{decision.name}` has a column `{taken[0]}`, and the view of a decision has one of its own of that name",
            decision.place, help=f"call the metric or dimension `{taken[0]}` something else",
        ))  # fmt: skip


def _spans(desk: Desk, decision: Decision) -> Iterator[Span]:
    """Yield a query for the first and last day of each clock that a criterion is cut by."""
    told: dict[tuple[str, str], None] = {}
    for criterion in decision.criteria:
        for measure in measures(desk.model, criterion.metric):
            if measure.clock is not None:
                told[measure.source, measure.clock] = None
    for name, column in told:
        source = desk.model.sources[name]
        clock = source.clock(column)
        if clock is not None:
            grain = clock.grain if PERIODS.index(clock.grain) > PERIODS.index("day") else "day"
            yield Span(emit(_ends(desk, source, clock, grain), desk.capabilities, inline=True).text, grain)


def _ends(desk: Desk, source: Source, clock: Clock, grain: str) -> Plan:
    """Return the plan of the first and last day with rows, by the project's zone."""
    day = period_of(clock, base_alias(source), grain, desk.model.project)
    rows = Columns.of(desk.model).rows(source.name, [day])
    states = (State("first_day", DATE, "min", day), State("last_day", DATE, "max", day))
    fields = tuple(Field(state.name, state.type) for state in states)
    ends = Aggregate(rows, (), states, clock.column)
    return Plan(Present(ends, fields, None, (), None), (), tuple((field.name, field.name) for field in fields))
