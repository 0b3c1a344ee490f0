"""Reweighting: a quotient as it would be if every group had one mix of classes. Each class keeps its own value; only its weight changes.

The question is asked once by what it splits by and by the classes, with what stands below the line of each class in all groups together;
what comes of it is put together on these few rows. A class that a group lacks leaves its value missing.

::

    site  | kind    | minutes a call | calls of the kind in all
    North | simple  |              4 |                      140
    North | complex |             20 |                      160      (4 * 140 + 20 * 160) / 300 = 12.53 for North
    South | simple  |              3 |                      140
    South | complex |             18 |                      160      (3 * 140 + 18 * 160) / 300 = 11.00 for South
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass, replace
from decisionlayer.names import column_name
from decisionlayer.plan import operations
from decisionlayer.plan.assemble import assemble
from decisionlayer.plan.bind.bound import BoundQuestion
from decisionlayer.plan.bind.periods import read_period
from decisionlayer.plan.bind.question import Binding
from decisionlayer.plan.check import fields, grain
from decisionlayer.plan.kinds.looked import share_of_past
from decisionlayer.plan.nodes import Aggregate, Cells, Compute, Derived, DrillAcross, Field, Output, Present, State
from decisionlayer.plan.query import Query
from decisionlayer.resolve.adding.quotients import quotient_of
from decisionlayer.resolve.language.tree import Call, Case, Expr, Literal, Name
from decisionlayer.resolve.language.types import FLOAT, INTEGER
from decisionlayer.resolve.model import Formula, Grain, Metric, Model, Reweight, Term
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.reach.paths import Paths

_OWN, _ALIKE = "own__value", "whole__below"
_NULL, _ZERO, _ONE = Literal(None), Literal(0), Literal(1)


def mixed(query: Query, model: Model) -> tuple[Metric, ...]:
    """Return the asked metrics that are put under one mix."""
    asked = (model.metrics[name] for name in query.metrics if name in model.metrics and f"metric {name}" not in model.broken)
    return tuple(metric for metric in asked if metric.translation is not None and metric.translation.reweight is not None)


def reweighted(query: Query, model: Model, findings: list[Finding]) -> tuple[Present, BoundQuestion] | None:
    """Return the naive plan of a question about metrics under one mix, and the question as it is without; None after findings."""
    metrics = mixed(query, model)
    for key in ("fill", "rest"):
        if getattr(query, key):
            findings.append(Finding(
                "not-built", "question", f"`{key}` is not answered by this version yet beside `{metrics[0].name}`, which is under one mix",
                help=f"leave `{key}` out",
            ))  # fmt: skip
    plain = replace(model, metrics={**model.metrics, **{metric.name: without(metric) for metric in metrics}})
    binding = Binding(query, plain)
    question = binding.result()
    findings += binding.findings
    under = [metric for metric in metrics if not _is_split(metric, query, model)]
    parts: list[tuple[Metric, Cells]] = []
    for metric in under:
        cells = None if findings else _under_one_mix(query, plain, metric, findings)
        if cells is not None:
            parts.append((metric, cells))
    if findings or question is None:
        return None
    notes = tuple(f"{metric.name} is under one mix of {_by(metric)}: {_whose(metric)}" for metric in under)
    question = replace(question, notes=(*question.notes, *notes))
    return _beside(assemble(question, plain), question, parts), question


def without(metric: Metric) -> Metric:
    """Return a metric under the mix that each group has."""
    assert metric.translation is not None
    return replace(metric, translation=replace(metric.translation, reweight=None))


def _by(metric: Metric) -> str:
    assert metric.translation is not None and metric.translation.reweight is not None
    return metric.translation.reweight.by


def _whose(metric: Metric) -> str:
    assert metric.translation is not None and metric.translation.reweight is not None
    shares = metric.translation.reweight.shares
    if shares is None:
        return "that of all that the question covers"
    return ", ".join(f"{name} {share.normalize():f}" for name, share in shares)


def _is_split(metric: Metric, query: Query, model: Model) -> bool:
    """Whether the question splits by the classes themselves, each of which has its own value under any mix."""
    paths = Paths.of(model)
    sources = Beneath(model.metrics).sources(metric.name)
    own = [paths.bind(source, tuple(_by(metric).split("."))) for source in sources]
    return any(
        [paths.bind(source, tuple(asked.split("."))) for source in sources] == own for asked in query.by if None not in own
    )


# -- the classes ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Classes:
    """What is known of each class: the question's cells by class, and what tells groups, periods and classes among their keys."""

    rows: Derived
    groups: tuple[Field, ...]
    periods: tuple[Field, ...]
    classes: tuple[Field, ...]

    def at(self, column: str) -> Name:
        return Name((self.rows.alias, column))

    def keys(self, wanted: Iterable[Field]) -> tuple[Output, ...]:
        return tuple(Output(each.name, each.type, self.at(each.name)) for each in wanted)


def _under_one_mix(query: Query, model: Model, metric: Metric, findings: list[Finding]) -> Cells | None:
    """Return the values of a metric by the groups of a question, and those of the cells that it is compared with."""
    weight = metric.translation.reweight if metric.translation is not None else None
    assert weight is not None
    made = _metrics(model, without(metric), weight)
    asked = replace(
        query, metrics=tuple(name for name in (_OWN, _ALIKE) if name in made), by=(*query.by, weight.by), having=None, order=(), limit=None,
        params={name: value for name, value in query.params.items() if f":{name}" in (query.where or "")},
        paths=_settled(query, metric, made),
    )  # fmt: skip
    binding = Binding(asked, replace(model, metrics={**model.metrics, **made}))
    question = binding.result()
    findings += (finding for finding in binding.findings if finding not in findings)
    if question is None:
        return None
    cells = assemble(question, binding.model).input
    within = column_name(weight.by)
    almanac, clocks = model.project.almanac, binding.clocks
    periods = {column_name(path) for path in query.by if read_period(path, clocks, almanac) is not None}
    groups = tuple(each for each in question.groups if each.name != within and not each.name.startswith(f"{within}__"))
    classes = _Classes(
        Derived("classes", cells, fields(cells), grain(cells)), groups,
        tuple(each for each in groups if each.name in periods), tuple(each for each in question.groups if each not in groups),
    )  # fmt: skip
    shown = ("", *(f"__{word}" for word in query.compare if f"{_OWN}__{word}" in {each.name for each in fields(cells)}))
    return _put_together(metric, weight, classes, shown)


def _metrics(model: Model, metric: Metric, weight: Reweight) -> dict[str, Metric]:
    """Return the metrics that are asked by class: the quotient itself, and for the mix of the whole what it is divided by in all groups."""
    limit = Grain(metric.limit.time, None)
    own = replace(metric, name=_OWN, grain=limit, limit=limit, type=FLOAT, missing=None)
    if weight.shares is not None:
        return {_OWN: own}
    parts = quotient_of(model, metric)
    assert parts is not None
    beneath = {name: _by_anything(part) for name, part in parts.beneath.items()}
    alike = Call("total", (Name(("it",)), Literal(weight.by)))
    body = Formula(alike, {"it": Term(parts.under.name)})
    whole = replace(parts.under, name=_ALIKE, grain=limit, limit=limit, translation=None, body=body)
    return {_OWN: own, **beneath, _ALIKE: whole}


def _by_anything(metric: Metric) -> Metric:
    """Return a part that may be split by the classes: whether the metric's terms may be was settled when it was declared."""
    grain = Grain(metric.limit.time, None)
    return replace(metric, grain=grain, limit=grain)


def _settled(query: Query, metric: Metric, made: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return how paths are walked: as for the metric, for what is made of it."""
    return {
        path: {**ways, **(dict.fromkeys(made, ways[metric.name]) if metric.name in ways else {})}
        for path, ways in query.paths.items()
    }


# -- the mix --------------------------------------------------------------------------------------------------------------


def _put_together(metric: Metric, weight: Reweight, classes: _Classes, shown: tuple[str, ...]) -> Cells:
    states: list[State] = []
    values: dict[str, Expr] = {}
    beside: Cells | None = None
    if weight.shares is None:
        by_class = Aggregate(classes.rows, classes.keys((*classes.periods, *classes.classes)), tuple(
            State(f"{_ALIKE}{word}", FLOAT, "max", classes.at(f"{_ALIKE}{word}")) for word in shown
        ))  # fmt: skip
        each = Derived("each_class", by_class, fields(by_class), grain(by_class))
        keys = tuple(Output(key.name, key.type, Name((each.alias, key.name))) for key in classes.periods)
        beside = Aggregate(each, keys, tuple(
            State(f"there_are{word}", INTEGER, "count", None, _above_zero(Name((each.alias, f"{_ALIKE}{word}")))) for word in shown
        ))  # fmt: skip
    for word in shown:
        value = classes.at(f"{_OWN}{word}")
        weighs = classes.at(f"{_ALIKE}{word}") if weight.shares is None else _share(weight.shares, classes)
        counts = _above_zero(weighs)
        has, of, number = f"{metric.name}{word}__sum", f"{metric.name}{word}__of", f"{metric.name}{word}__classes"
        states.append(State(has, FLOAT, "sum", Call("*", (operations.cast(value, FLOAT), operations.cast(weighs, FLOAT))), counts))
        states.append(State(number, INTEGER, "count", value, counts))
        if weight.shares is None:
            states.append(State(of, FLOAT, "sum", operations.cast(weighs, FLOAT), counts))
            complete: Expr = Call("=", (Name((number,)), Name((f"there_are{word}",))))
            result: Expr = Call("/", (Name((has,)), Name((of,))))
        else:
            other = f"{metric.name}{word}__unnamed"
            states.append(State(other, INTEGER, "count", value, Call("is_null", (weighs,))))
            all_there = Call("=", (Name((number,)), Literal(sum(share > 0 for _, share in weight.shares))))
            complete, result = Call("and", (all_there, Call("=", (Name((other,)), _ZERO)))), Name((has,))
        values[f"{metric.name}{word}"] = Case(((complete, result),), None)
    cells: Cells = Aggregate(classes.rows, classes.keys(classes.groups), tuple(states))
    if beside is not None:
        cells = DrillAcross((cells,), classes.groups, frozenset(), (beside,))
    cells = Compute(cells, classes.groups, tuple(Output(name, FLOAT, expr) for name, expr in values.items()))
    return _with_changes(metric.name, cells, classes.groups, shown)


def _with_changes(name: str, cells: Cells, groups: tuple[Field, ...], shown: tuple[str, ...]) -> Cells:
    """Return the values with what changed beside them; a change from or to what is missing is missing."""
    if len(shown) == 1:
        return cells
    columns = [Output(f"{name}{word}", FLOAT, Name((f"{name}{word}",))) for word in shown]
    changes = [Output(f"{name}{word}_change", FLOAT, Call("-", (Name((name,)), Name((f"{name}{word}",))))) for word in shown[1:]]
    cells = Compute(cells, groups, (*columns, *changes))
    kept = [Output(each.name, FLOAT, Name((each.name,))) for each in (*columns, *changes)]
    shares = [
        Output(f"{name}{word}_pct", FLOAT, share_of_past(Name((f"{name}{word}_change",)), Name((f"{name}{word}",)))) for word in shown[1:]
    ]
    return Compute(cells, groups, (*kept, *shares))


def _above_zero(expr: Expr) -> Expr:
    return Call(">", (expr, _ZERO))


def _share(shares: tuple[tuple[str, Decimal], ...], classes: _Classes) -> Expr:
    """Return the stated share of a class; NULL for one that nobody stated."""
    (column,) = classes.classes
    named = classes.at(column.name)
    return Case(tuple((Call("=", (named, Literal(name))), Literal(share)) for name, share in shares), None)


def _beside(root: Present, question: BoundQuestion, parts: list[tuple[Metric, Cells]]) -> Present:
    """Return the answer with the columns of each metric as they are under its mix, in the place of those as they are."""
    made = {field.name: field for _, cells in parts for field in fields(cells) if field not in question.groups}
    rest = tuple(field for field in root.fields if field not in question.groups and field.name not in made)
    mixes = tuple(cells for _, cells in parts)
    if not parts:
        return root
    if rest:
        # What it is without a mix has a cell wherever the metric has one, so none is added beside the others.
        plain = Compute(root.input, question.groups, tuple(Output(field.name, field.type, Name((field.name,))) for field in rest))
        whole: Cells = DrillAcross((plain,), question.groups, frozenset(), mixes)
    else:
        whole = DrillAcross(mixes, question.groups) if len(mixes) > 1 else mixes[0]
    shown = [made.get(field.name, field) for field in root.fields if field not in question.groups]
    cells = Compute(whole, question.groups, tuple(Output(field.name, field.type, Name((field.name,))) for field in shown))
    return replace(root, input=cells, fields=(*question.groups, *shown))
