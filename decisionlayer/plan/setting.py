"""The setting of a question: what its numbers have in common, so that each of them can say under which circumstances it was taken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass
from decisionlayer.names import column_name
from decisionlayer.plan.bind.grids import moved_wall
from decisionlayer.plan.bind.moments import zone
from decisionlayer.plan.bind.periods import Period, is_plain, read_period
from decisionlayer.plan.bind.ranges import Range, read_range
from decisionlayer.plan.bind.regroup import regrouped
from decisionlayer.plan.bind.structure import structure_of
from decisionlayer.plan.bind.timing import finest_period
from decisionlayer.plan.nodes import Plan
from decisionlayer.plan.query import Query
from decisionlayer.resolve.language.tree import Call, walk
from decisionlayer.resolve.meaning.comparing import Circumstances, Span
from decisionlayer.resolve.model import Formula, Measure, Metric, Model
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.values.editions import Read


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """One answered question: its range, the finest period that it asks by, and how it reads what has changed.

    ``period`` is None where the range is the only period. ``structure`` is ``as_was``, ``at DAY`` or None, where nothing was said.
    """

    model: Model
    query: Query
    range: Range
    period: Period | None
    structure: str | None
    through: tuple[str, ...]
    definitions: tuple[Read, ...] = ()

    def of(self, name: str, cell: Mapping[str, object]) -> Circumstances:
        """Return the circumstances of the value of a metric in one cell, given by its group columns."""
        project, query = self.model.project, self.query
        metric = self.model.metrics[name]
        span = self.span(cell)
        calendar = None if span is None or span.calendar is None else project.calendar(span.calendar).meaning
        return Circumstances(
            metric.name, metric.meaning, "" if metric.unit is None else str(metric.unit), span,
            is_level=_is_level(self.model, metric), per=_is_per(self.model, metric), calendar=calendar, zone=project.timezone,
            week_start=project.week_start, structure=self.structure, through=self.through, definitions=self._definitions(name, span),
            fx=_fx(self.model, metric), where=_rows(query), members=_members(query), known_on=query.known_on,
        )  # fmt: skip

    def _definitions(self, name: str, span: Span | None) -> tuple[str, ...]:
        """Return which definitions in time a number of ``span`` was counted under: each read metric's that held when it began."""
        beneath = {each.name for each in Beneath(self.model.metrics).tree(name)} if self.definitions else set()
        first = None if span is None or span.first is None else span.first.date()
        found = []
        for read in self.definitions:
            if read.dimension or read.metric in beneath:
                held = [edition for edition in read.editions if first is None or edition.since <= first]
                found.append((held or read.editions[-1:])[0].name)
        return tuple(sorted(found))

    def span(self, cell: Mapping[str, object]) -> Span | None:
        """Return the time that a cell is of, cut where the range cuts it; None for rows without a time."""
        start, end = (None if edge is None else edge.wall for edge in (self.range.start, self.range.end))
        whole = Span(start, end)
        if self.period is None:
            return whole
        column = column_name(self.period.text)
        value = cell.get(column)
        if value is None:
            split = cell.get("level")
            is_of_the_level = split is None or column in (column_name(part) for part in str(split).split(", "))
            return None if is_of_the_level else whole
        project = self.model.project
        first = _wall(value, project.timezone)
        if first is None or self.period.unit is None:
            return None
        after = moved_wall(first, 1, self.period.unit, project)
        if start is not None and first < start:
            first = start
        if end is not None and (after is None or end < after):
            after = end
        return Span(first, after, self.period.unit, project.almanac.is_even(self.period.unit))


def setting_of(query: Query, model: Model, plan: Plan) -> Setting:
    """Return the setting of a question that was planned."""
    unheard: list[Finding] = []  # whatever is wrong with the question was said when it was planned
    query = regrouped(query, model, unheard)
    almanac = model.project.almanac
    asked = (*query.by, *(each for level in query.levels for each in level))
    clocks = frozenset(clock.column for source in model.sources.values() for clock in source.clocks)
    periods = (period for each in asked if (period := read_period(each, clocks, almanac)) is not None)
    plain = [period for period in periods if period.unit is not None and is_plain(period.unit)]
    finest = finest_period(plain, almanac) if plain else None
    structure = structure_of(query, model, unheard)
    read = None if structure.kind is None else "as_was" if structure.kind == "as_was" else f"at {structure.day.isoformat()}"
    within = read_range(query.start, query.end, model.project, unheard)
    return Setting(model, query, within, finest, read, plan.through, plan.definitions)


def _members(query: Query) -> str | None:
    return "like_for_like" if (query.basis or "").startswith("like_for_like") else None


def _rows(query: Query) -> str | None:
    if query.where is None:
        return None
    said = ", ".join(f"{name} = {value!r}" for name, value in sorted(query.params.items()) if f":{name}" in query.where)
    return " ".join(query.where.split()) + (f" ({said})" if said else "")


def _is_level(model: Model, metric: Metric) -> bool:
    """Whether a metric is of instants: every measure beneath takes one of them along time."""
    measures = [below.body for below in Beneath(model.metrics).tree(metric.name) if isinstance(below.body, Measure)]
    return bool(measures) and all(measure.over_time in ("last", "first", "min", "max") for measure in measures)


def _fx(model: Model, metric: Metric) -> tuple[str, ...]:
    """Return by which tables and kinds of rates anything beneath a metric is converted."""
    formulas = [below.body for below in Beneath(model.metrics).tree(metric.name) if isinstance(below.body, Formula)]
    exchanges = [term.convert for formula in formulas for term in formula.terms.values() if term.convert is not None]
    return tuple(sorted({f"{each.frame} {each.kind}" for each in exchanges}))


def _is_per(model: Model, metric: Metric) -> bool:
    """Whether a metric is divided by the length of its period."""
    trees = (below.body.expr for below in Beneath(model.metrics).tree(metric.name) if isinstance(below.body, Formula))
    return any(isinstance(node, Call) and node.function == "per" for tree in trees for node in walk(tree))


def _wall(value: object, name: str) -> dt.datetime | None:
    match value:
        case dt.datetime(tzinfo=None):
            return value
        case dt.datetime():
            return value.astimezone(zone(name)).replace(tzinfo=None, fold=0)
        case dt.date():
            return dt.datetime.combine(value, dt.time())
        case _:
            return None
