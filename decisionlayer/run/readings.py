"""Readings: what a number is under its definition of today and under that of its time, for refusals and for what was restated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import TYPE_CHECKING, Protocol

from decisionlayer.errors import DecisionLayerError, QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.plan.levels import levels_of, name_of
from decisionlayer.plan.nodes import Plan
from decisionlayer.plan.query import Query, is_like_for_like
from decisionlayer.resolve.language.tree import Aggregate, Call, Expr, Name
from decisionlayer.resolve.language.types import INTEGER
from decisionlayer.resolve.meaning.unsettled import CODES
from decisionlayer.resolve.model import Additivity, Formula, Measure, Metric, Model, Term
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.run.cells import column_texts
from decisionlayer.run.result import Result

if TYPE_CHECKING:
    import pyarrow as pa

#: A message shows so many values of a reading.
_SHOWN = 4
_ROWS = "like_for_like__rows"


class Desk(Protocol):
    """Where questions about a model are asked."""

    @property
    def model(self) -> Model:
        """The model."""

    def answer(self, query: Query) -> Result:
        """Return the answer of a question."""

    def fetched(self, query: Query) -> pa.Table:
        """Return the rows of a question as they come."""

    def beside(self, model: Model) -> Desk:
        """Return a desk for another model on the same warehouse."""


def both_readings(desk: Desk, query: Query, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings of a refused question; one about definitions in time with what each reading gives, as its damage."""
    findings = tuple(findings)
    if not any(finding.code in CODES for finding in findings) or query.having is not None:
        return findings
    told = ""
    for metric in query.metrics:
        alone = replace(query, metrics=(metric,), order=(), limit=None, rest=False)
        restated = None if _is_broken(desk.model, metric) else _values(_as_today(desk), _restated(alone), metric)
        as_then = _values(desk, _as_then(alone), metric)
        if restated is None and as_then is None:
            continue
        parts = []
        if restated is not None:
            parts.append(f"restated, `{metric}` is {restated}")
        if as_then is not None:
            parts.append(f"{'' if parts else f'`{metric}` '}each period by its own definition {'' if parts else 'is '}{as_then}")
        told = "; ".join(parts)
        break
    return tuple(replace(finding, damage=told) if finding.code in CODES and told else finding for finding in findings)


def previously(desk: Desk, query: Query, plan: Plan) -> Mapping[str, list[Mapping[str, object]]]:
    """Return, for each metric of an answer that restates the past, what each cell was under the definition of its time.

    A cell that lies under two definitions was no number, so nothing is said of it.
    """
    restated = {each.metric for each in plan.definitions if each.definition == "restated" and each.crosses and not each.dimension}
    if not restated or (query.basis or "").startswith("like_for_like"):
        return {}
    beneath = Beneath(desk.model.metrics)
    asked = tuple(name for name in query.metrics if restated & {each.name for each in beneath.tree(name)})
    found: dict[str, list[Mapping[str, object]]] = {}
    for metric in asked:
        alone = replace(query.of_all_cells(), metrics=(metric,), compare=())
        try:
            before = desk.answer(_as_then(alone))
        except DecisionLayerError:
            continue
        groups = [column.name for column in before.statement.columns if column.role == "group"]
        found[metric] = [
            {"cell": dict(zip(groups, row, strict=False)), "value": row[len(groups)]} for row in before.rows()
        ]
    return found


def left_out(desk: Desk, query: Query) -> tuple[str, ...]:
    """Return what a question put like for like leaves out, in notes: of an amount that adds up its share, else the share of rows.

    At each level where there are several: each has its own periods, and so its own units.
    """
    if not is_like_for_like(query):
        return ()
    if query.levels or query.totals:
        at: dict[str, list[str]] = {}
        for level in levels_of(query, desk.model, []) or ():
            for note in left_out(desk, query.alone(level)):
                at.setdefault(note, []).append(name_of(level))
        return tuple(f"{note} (by {'; '.join(levels)})" for note, levels in at.items())
    notes: list[str] = []
    counted: dict[str, list[str]] = {}
    for name in query.metrics:
        if desk.model.metrics[name].additivity is Additivity.additive:
            notes.append(_left_out(desk, query, name, name))
            continue
        beside = _counting_rows(desk, name)
        told = "" if beside is None else _left_out(beside, query, _ROWS, "the rows")
        if told:
            counted.setdefault(told, []).append(name)
    notes += (told if len(counted) == 1 else f"{told} of {' and '.join(names)}" for told, names in counted.items())
    return tuple(note for note in notes if note)


def _counting_rows(desk: Desk, name: str) -> Desk | None:
    """Return a desk that knows how many rows a metric is over, of all of its sources; None where it is over none."""
    leaves = {each.body.source: each for each in Beneath(desk.model.metrics).tree(name) if isinstance(each.body, Measure)}
    made: dict[str, Metric] = {}
    for number, (source, leaf) in enumerate(leaves.items()):
        assert isinstance(leaf.body, Measure)
        called = f"{_ROWS}_{number}" if len(leaves) > 1 else _ROWS
        every = Measure(source, Aggregate("count", None), None, None, leaf.body.clock)
        count = replace(leaf, name=called, body=every, missing=None, decimals=None, additivity=Additivity.additive, type=INTEGER)
        made[called] = replace(count, editions=(), edition_of=None, translation=None)
    if len(made) > 1:
        terms = {called: Term(called) for called in made}
        names: list[Expr] = [Name((called,)) for called in made]
        added = reduce(lambda one, other: Call("+", (one, other)), names)
        made[_ROWS] = replace(next(iter(made.values())), name=_ROWS, body=Formula(added, terms))
    return desk.beside(replace(desk.model, metrics={**desk.model.metrics, **made})) if made else None


def _left_out(desk: Desk, query: Query, metric: str, called: str, by: tuple[str, ...] | None = None) -> str:
    periods = tuple(asked for asked in query.by if _is_period(desk.model, asked)) if by is None else by
    alone = replace(query.of_all_cells(), metrics=(metric,), by=periods)
    of_all = replace(alone, basis=None, structure=_structure(query), definition="restated")
    try:
        kept, every = desk.fetched(alone), desk.fetched(of_all)
    except QueryError:
        if periods != query.by:  # without its splits it is not known of which units the question is
            return _left_out(desk, query, metric, called, query.by)
        return ""  # the metric compares by itself, and its rows alone do not
    told = [
        f"{_share(kept, every, column)} of {called}{' before' if column != metric else ''}"
        for column in (metric, *(f"{metric}__{word}" for word in query.compare))
    ]
    return f"like for like leaves out {' and '.join(dict.fromkeys(told))}"


def _share(kept: pa.Table, every: pa.Table, column: str) -> str:
    part, whole = (sum(value or 0 for value in table.column(column).to_pylist()) for table in (kept, every))
    return "an unknown share" if not whole else f"{(1 - float(part) / float(whole)) * 100:.1f}%"


def _is_period(model: Model, asked: str) -> bool:
    return model.project.almanac.parse(asked) is not None


def _as_today(desk: Desk) -> Desk:
    """Return a desk that knows definitions of today only."""
    metrics = {name: replace(metric, editions=()) for name, metric in desk.model.metrics.items()}
    return desk.beside(replace(desk.model, metrics=metrics))


def _as_then(query: Query) -> Query:
    return replace(query, basis=None, structure=_structure(query), definition="as_then")


def _restated(query: Query) -> Query:
    return replace(query, basis=None, structure=_structure(query), definition="restated")


def _structure(query: Query) -> str | None:
    if query.basis is None:
        return query.structure
    name, _, at = query.basis.partition("@")
    return "as_was" if name == "as_reported" else f"at {at}" if at else "as_is"


def _is_broken(model: Model, metric: str) -> bool:
    return any(edition.past == "break" for each in Beneath(model.metrics).tree(metric) for edition in each.editions)


def _values(desk: Desk, query: Query, metric: str) -> str | None:
    """Return the values of a reading as they are printed, the compared ones first; None where it is refused or empty."""
    try:
        result = desk.answer(query)
    except DecisionLayerError:
        return None
    names = [f"{metric}__{word}" for word in query.compare] + [metric]
    texts: list[str] = []
    unit = ""
    for row in range(min(len(result), _SHOWN)):
        for name in names:
            value = result.rows()[row][result.columns.index(name)]
            if value is not None:
                unit, shown = column_texts(name, True, result.passport(name), [value])
                texts.append(shown[0].strip())
    if not texts:
        return None
    said = texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
    return f"{said}{' …' if len(result) > _SHOWN else ''} {unit}".strip()
