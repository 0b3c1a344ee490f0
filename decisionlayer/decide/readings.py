"""Readings: numbers as somebody reads them who does not translate, cell by cell, all made of governed answers.

A ``Reading`` says which metrics are read as something else, and which of their terms are passed up: the mean of the values at
their own grain where a number looks like a rate, the sum of them for all else. What is read as something else is asked of
the warehouse like any metric; only what was passed up is added here. No part of the planner learns to be wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from enum import Enum
from itertools import repeat
from typing import TypeAlias

from decisionlayer.ask import Desk
from decisionlayer.decide.arithmetic import Number, evaluate
from decisionlayer.decide.lengths import divided, long
from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass, replace
from decisionlayer.names import PERIODS
from decisionlayer.plan.bind.walls import ends_tonight
from decisionlayer.plan.levels import keys_of
from decisionlayer.plan.query import Query
from decisionlayer.plan.setting import setting_of
from decisionlayer.resolve.language.tree import Aggregate, Name, walk
from decisionlayer.resolve.language.types import FLOAT
from decisionlayer.resolve.meaning.comparing import Span
from decisionlayer.resolve.model import Additivity, Clock, Formula, Measure, Metric, Model, Source, Term
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.reach.paths import Paths
from decisionlayer.run.cells import python_values

#: The values of one metric by cell; a cell is its group keys, in the order asked.
Cells: TypeAlias = Mapping[tuple[object, ...], object]


class Passing(Enum):
    """How a frontline number is passed up by whoever thinks nothing of it."""

    total = "total"  # its parts make the whole, so what is made of them is the governed figure
    sum = "sum"  # its parts do not add up, and are added all the same
    mean = "mean"


@dataclass(frozen=True, slots=True)
class Reading:
    """Which metrics are read as something else, which terms (metric, name) of them are passed up, and under which structure.

    ``shifted`` says by how much a term would be another one in a cell. ``sources`` are those that lend a reading what it needs.
    ``repeated`` are the keys of a many side: an amount that is passed up is added once for each of them.
    """

    metrics: Mapping[str, Metric] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    passed: frozenset[tuple[str, str]] = frozenset()
    shifted: Mapping[tuple[str, str], Cells] = field(default_factory=dict)
    as_reported: bool = False
    repeated: tuple[str, ...] = ()

    def of(self, model: Model, name: str) -> Metric:
        """Return a metric as it is read."""
        return self.metrics.get(name) or model.metrics[name]

    def with_metric(self, metric: Metric) -> Reading:
        """Return the reading in which one metric more is read as something else."""
        return replace(self, metrics={**self.metrics, metric.name: metric})

    def with_passed(self, metric: str, term: str) -> Reading:
        """Return the reading in which one term more is passed up."""
        return replace(self, passed=self.passed | {(metric, term)})

    def beneath(self, model: Model, name: str) -> Reading:
        """Return what of the reading bears on one metric."""
        tree = {part.name for part in Beneath({**model.metrics, **self.metrics}).tree(name)}
        passed = frozenset((metric, term) for metric, term in self.passed if metric in tree)
        shifted = {key: values for key, values in self.shifted.items() if key[0] in tree}
        own = {one: metric for one, metric in self.metrics.items() if one in tree or one not in model.metrics}
        return replace(self, metrics=own, passed=passed, shifted=shifted)

    def model(self, model: Model) -> Model:
        """Return the model as it is read."""
        return replace(model, metrics={**model.metrics, **self.metrics}, sources={**model.sources, **self.sources})

    def question(self, query: Query) -> Query:
        """Return the question as it is asked under this reading. A bundle says the definition too, which its translation has lost."""
        if not self.as_reported:
            return query
        return replace(query, basis=None, structure="as_was", definition=query.definition if query.basis is None else "restated")


@dataclass(frozen=True, slots=True)
class Undone:
    """One part of a translation taken back: what it is called, its cause, why it moves the number, and the reading after it.

    ``passed`` is the frontline metric that this step passes up, None where the step does something else.
    """

    name: str
    cause: str
    why: str
    reading: Reading
    passed: Metric | None = None


def figures(desk: Desk, reading: Reading, name: str, query: Query) -> Cells:
    """Return the values of one metric, as it is read, for every cell of a question.

    Raises what asking raises, and QueryError ``not-built`` where something passed up stands under more than arithmetic.
    """
    asked = replace(reading.question(query).of_all_cells(), compare=(), naive=False, levels=(), totals=False, ledger=False)
    return _Reader(desk.beside(reading.model(desk.model)), reading, asked).values(name)


@dataclass(frozen=True, slots=True)
class _Reader:
    """One question under one reading; the desk's model holds the metrics as they are read."""

    desk: Desk
    reading: Reading
    query: Query

    def values(self, name: str) -> Cells:
        model = self.desk.model
        metric = model.metrics[name]
        if not isinstance(metric.body, Formula) or not self._passes(name):
            return cells(self.desk, name, self.query)
        if metric.editions[1:] and is_as_then(self.query):
            raise QueryError(Finding(
                "not-built", "question", f"`{name}` is made of what was passed up, and each period has a definition of its own",
                metric.place, help="read it with `definition: restated`, or the periods of one definition by themselves",
            ))  # fmt: skip
        formula = metric.body
        dated = next((one for one in formula.assumptions if model.assumptions[one].lives), None)
        if dated is not None:
            raise QueryError(Finding(
                "not-built", "question",
                f"`{name}` is made of what was passed up and of `{dated}`, which has another value at another time", metric.place,
                help="ask for it without its naive reading",
            ))  # fmt: skip
        known = {term: self._shifted(metric.name, term, self._term(metric, term)) for term in formula.terms}
        fixed = {one: float(model.assumptions[one].value) for one in formula.assumptions}
        expr, units = divided(formula.expr, model.project.almanac)
        spans = self._spans(name) if units else None
        found: dict[tuple[object, ...], object] = {}
        whole: list[tuple[object, ...]] = [] if self.query.by else [()]  # a question without `by` has its one cell, with rows or without
        for cell in dict.fromkeys((*whole, *(cell for values in known.values() for cell in values))):
            values: dict[str, Number] = {term: _number(values.get(cell)) for term, values in known.items()}
            values |= {} if spans is None else {column: long(spans(cell), unit, model.project) for column, unit in units.items()}
            if metric.missing == "zero" and all(value is None for value in values.values()):
                found[cell] = 0
            else:
                found[cell] = evaluate(expr, {**values, **fixed})
        return found

    def _spans(self, name: str) -> Callable[[tuple[object, ...]], Span | None]:
        """Return what tells the time that a cell is of, which ``per`` divides by."""
        compiled = self.desk.compile(replace(self.query, metrics=(name,)))
        setting = setting_of(self.query, self.desk.model, compiled.plan)
        keys = key_columns(self.query.by, [column.name for column in compiled.statement.columns])

        def span(cell: tuple[object, ...]) -> Span | None:
            found = setting.span(dict(zip(keys, cell, strict=True)))
            if setting.period is not None or found is None or found.after is None:
                return found
            return replace(found, after=ends_tonight(found.first, found.after, self.query.today))

        return span

    def _passes(self, name: str) -> bool:
        """Whether anything beneath a metric is passed up."""
        passing = {metric for metric, _ in (*self.reading.passed, *self.reading.shifted)}
        return any(part.name in passing for part in Beneath(self.desk.model.metrics).tree(name))

    def _shifted(self, metric: str, term: str, values: Cells) -> Cells:
        moved = self.reading.shifted.get((metric, term), {})
        return {**values, **{cell: (_number(values.get(cell)) or 0.0) + (_number(by) or 0.0) for cell, by in moved.items()}}

    def _term(self, metric: Metric, name: str) -> Cells:
        assert isinstance(metric.body, Formula)
        term = metric.body.terms[name]
        if (metric.name, name) in self.reading.passed:
            below = self.desk.model.metrics[term.metric]
            finer = self.reading.repeated if passing(self.desk.model, below) is Passing.total else None
            return _times(pass_up(self.desk, below, self.query, finer).values, term)
        if self._passes(term.metric):
            return _times(self.values(term.metric), term)
        alone = replace(metric, body=Formula(Name((name,)), {name: term}), type=FLOAT, missing=None)
        model = replace(self.desk.model, metrics={**self.desk.model.metrics, metric.name: alone})
        return cells(self.desk.beside(model), metric.name, self.query)


def is_as_then(query: Query) -> bool:
    """Say whether a question reads each period under the definition of its own time."""
    return query.definition == "as_then" or query.basis == "as_reported"


def cells(desk: Desk, name: str, query: Query) -> Cells:
    """Return the values of one metric by cell. The metrics of the question are asked beside it, so that it has their cells."""
    others = tuple(other for other in query.metrics if other != name)
    table = desk.answer(replace(query, metrics=(name, *others))).arrow()
    keys = [python_values(table.column(column), column) for column in key_columns(query.by, table.column_names)]
    values = python_values(table.column(name), name)
    return dict(zip(zip(*keys, strict=True), values, strict=True)) if keys else {(): values[0]}


def key_columns(by: Iterable[str], columns: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of what a question splits by, in that order; a key of several columns has one for each."""
    names = tuple(columns)
    return tuple(column for path in by for column in keys_of((path,), names))


def _times(values: Cells, term: Term) -> Cells:
    if term.factor == 1:
        return values
    return {cell: None if value is None else (_number(value) or 0.0) * float(term.factor) for cell, value in values.items()}


def _number(value: object) -> Number:
    return None if value is None else float(value)  # type: ignore[arg-type]


# -- passed up -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PassedUp:
    """What arrives when the values of a metric at its own ``grain`` are passed up: by cell, and how many there were."""

    values: Cells
    count: int
    grain: tuple[str, ...]
    how: Passing


def pass_up(desk: Desk, below: Metric, query: Query, repeated: tuple[str, ...] | None = None) -> PassedUp:
    """Return what arrives of a frontline metric in each cell. Cells without a value are nobody's report, and are left out.

    With ``repeated`` its value is added once for each row of a many side, of which these are the keys; without such a row it is lost.
    """
    how = passing(desk.model, below)
    grain = own_grain(desk.model, below) if repeated is None else repeated
    finer = tuple(path for path in grain if path not in query.by)
    table = desk.answer(replace(query, metrics=(below.name,), by=(*query.by, *finer))).arrow()
    # A key is read once for all the rows that share it; there are as many rows as there are reports.
    columns = key_columns(query.by, table.column_names)
    coded = [table.column(column).combine_chunks().dictionary_encode(null_encoding="encode") for column in columns]
    keys = [python_values(each.dictionary, column) for column, each in zip(columns, coded, strict=True)]
    row_of: Iterable[tuple[int, ...]] = zip(*(each.indices.to_pylist() for each in coded), strict=True) if coded else repeat(())
    rows = table.column(below.name).to_pylist()
    if repeated:
        there = table.column(key_columns(repeated, table.column_names)[0]).is_valid().to_pylist()
        rows = [value if is_there else None for value, is_there in zip(rows, there, strict=True)]
    found: dict[tuple[int, ...], list[float]] = {}
    count = 0
    # In the order of the rows, and added exactly: the same input gives the same last digit.
    for row, value in zip(row_of, rows):
        if value is not None:
            found.setdefault(row, []).append(float(value))
            count += 1
    values = {
        tuple(each[code] for each, code in zip(keys, row, strict=True)): math.fsum(each) / (len(each) if how is Passing.mean else 1)
        for row, each in found.items()
    }
    return PassedUp(values, count, grain, how)


def passing(model: Model, metric: Metric) -> Passing:
    """Return how a frontline metric is passed up: by what kind of number it is, not by what would be right."""
    if metric.additivity in (Additivity.additive, Additivity.extreme):  # whoever wants the greatest takes the greatest of them
        return Passing.total
    if metric.additivity is Additivity.ratio or _averages(model, metric):
        return Passing.mean
    return Passing.sum


def own_grain(model: Model, metric: Metric) -> tuple[str, ...]:
    """Return the finest question that a metric answers, as the ``by`` of that question: its period, then its paths.

    A metric that may be split by everything is at home at every role and dimension of its own source.
    """
    sources = [model.sources[measure.source] for measure in measures_of(model, metric)]
    clocks = [clock.grain for measure in measures_of(model, metric) if (clock := _clock(model, measure)) is not None]
    period = metric.limit.time or (max(clocks, key=PERIODS.index) if len(clocks) == len(sources) and clocks else None)
    paths = metric.limit.by if metric.limit.by is not None else _own_paths(model, sources)
    return (*((period,) if period else ()), *paths)


def measures_of(model: Model, metric: Metric) -> tuple[Measure, ...]:
    """Return the measures beneath a metric."""
    tree = Beneath(model.metrics).tree(metric.name)
    return tuple(below.body for below in tree if isinstance(below.body, Measure))


def _averages(model: Model, metric: Metric) -> bool:
    return any(
        isinstance(node, Aggregate) and (node.function == "avg" or node.quantile is not None)
        for measure in measures_of(model, metric)
        for node in walk(measure.expr)
    )


def _clock(model: Model, measure: Measure) -> Clock | None:
    return None if measure.clock is None else model.sources[measure.source].clock(measure.clock)


def _own_paths(model: Model, sources: list[Source]) -> tuple[str, ...]:
    """Return the roles and dimensions of the first source that the others have, too."""
    paths = Paths.of(model)
    first, *others = sources
    own = (*first.links, *first.dimensions)
    return tuple(path for path in own if all(paths.bind(source.name, (path,)) is not None for source in others))
