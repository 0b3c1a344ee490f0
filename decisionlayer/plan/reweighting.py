"""Reweighting: a quotient as it would be if every group had one mix of classes. Each class keeps its own value; only its weight changes.

The question is asked once by what it splits by and by the classes, with what stands below the line of each class in all groups together;
what comes of it is put together on these few rows, and stands beside the cells of the question, where formulas and comparisons read
it like any other number. A class that a group lacks leaves its value missing.

::

    site  | kind    | minutes a call | calls of the kind in all
    North | simple  |              4 |                      140
    North | complex |             20 |                      160      (4 * 140 + 20 * 160) / 300 = 12.53 for North
    South | simple  |              3 |                      140
    South | complex |             18 |                      160      (3 * 140 + 18 * 160) / 300 = 11.00 for South
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass, replace
from decisionlayer.names import column_name
from decisionlayer.plan import operations
from decisionlayer.plan.assemble import Given, assemble
from decisionlayer.plan.bind.bound import BoundQuestion
from decisionlayer.plan.bind.periods import read_period
from decisionlayer.plan.bind.question import Binding
from decisionlayer.plan.bind.tree import Context, Node, Tree, Whole
from decisionlayer.plan.nodes import Aggregate, Cells, Compute, Derived, DrillAcross, Field, Output, State
from decisionlayer.plan.query import Query
from decisionlayer.plan.shape import fields, grain
from decisionlayer.resolve.adding.quotients import quotient_of
from decisionlayer.resolve.drafting.looks import Look
from decisionlayer.resolve.language.tree import Call, Case, Expr, Literal, Name, conjunction
from decisionlayer.resolve.language.types import FLOAT, INTEGER
from decisionlayer.resolve.model import Formula, Grain, Metric, Model, Reweight, Term
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.reach.paths import Paths

_OWN, _ALIKE = "own__value", "whole__below"
_ZERO = Literal(0)

#: Makes a question by class like the one that was asked: of the same members, with the same first groups.
Shape = Callable[[Binding, BoundQuestion], BoundQuestion | None]


def mixed(binding: Binding) -> tuple[Metric, ...]:
    """Return the metrics of a question, asked or beneath one, that are put under one mix."""
    found = (node.metric for node in binding.tree.nodes if _weight(node.metric) is not None)
    return tuple({each.name: binding.model.metrics[each.name] for each in found}.values())


def without_mixes(model: Model) -> Model:
    """Return the model with every metric under the mix that each group has."""
    return replace(model, metrics={name: without(metric) for name, metric in model.metrics.items()})


def without(metric: Metric) -> Metric:
    """Return a metric under the mix that each group has."""
    if metric.translation is None or _weight(metric) is None:
        return metric
    return replace(metric, translation=replace(metric.translation, reweight=None))


def under_mixes(
    metrics: Iterable[Metric], query: Query, binding: Binding, question: BoundQuestion, shape: Shape, findings: list[Finding]
) -> tuple[Given, BoundQuestion]:
    """Return what ``metrics`` are under their mixes in the cells of a question, and the question with what its reader must know of it.

    ``binding`` and ``question`` are what was asked as if there were no mixes.
    """
    values: dict[Node, str] = {}
    beside: list[Cells] = []
    notes: list[str] = []
    for metric in metrics:
        weight = _weight(metric)
        # A metric of several definitions is none of them: the one that holds is its child.
        nodes = [each for each in binding.tree.nodes if each.metric.name == metric.name and each.metric.body is metric.body]
        if weight is None or not nodes or _is_split(metric, weight, query, binding.model):
            continue
        wrong = [told for node in nodes if (told := _unfit(metric, node.context)) is not None]
        findings += dict.fromkeys(told for told in wrong if told not in findings)
        if findings:
            break
        read = {node: _reading(node, binding.tree) for node in nodes}
        readings = tuple(dict.fromkeys(read.values()))
        cells = _Mix(without(metric), weight, readings, query, binding.model, question).cells(shape, findings)
        if cells is None:
            break
        beside.append(cells)
        values |= {node: _column(metric, readings.index(each)) for node, each in read.items()}
        notes.append(f"{metric.edition_of or metric.name} is under one mix of {weight.by}: {_whose(weight)}")
    return Given(values, tuple(beside)), replace(question, notes=tuple(dict.fromkeys((*question.notes, *notes))))


def _weight(metric: Metric) -> Reweight | None:
    return None if metric.translation is None else metric.translation.reweight


def _whose(weight: Reweight) -> str:
    if weight.shares is None:
        return "that of all that the question covers"
    return ", ".join(f"{name} {share.normalize():f}" for name, share in weight.shares)


def _is_split(metric: Metric, weight: Reweight, query: Query, model: Model) -> bool:
    """Whether the question splits by the classes themselves, each of which has its own value under any mix."""
    paths = Paths.of(model)
    sources = Beneath(model.metrics).sources(metric.name)
    own = [paths.bind(source, tuple(weight.by.split("."))) for source in sources]
    return any(
        [paths.bind(source, tuple(asked.split("."))) for source in sources] == own for asked in query.by if None not in own
    )


def _unfit(metric: Metric, context: Context) -> Finding | None:
    """Return why a number under one mix is not read so yet."""
    look = next((look.function for look in context.looks if look.function in ("total", "per")), None)
    if look is None and not context.stays and context.convert is None:
        return None
    what = f"under `{look}`" if look is not None else "converted" if context.convert is not None else "where more is left out of its rows"
    return Finding(
        "not-built", "question", f"`{metric.name}` is put under one mix of classes, and {what} it is not answered by this version yet",
        metric.place, why="its classes would have to be read so, each by itself", help="ask what it is made of, each by the classes",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Reading:
    """How a number is read: in which cell, with which rows beneath it, and as part of what."""

    looks: tuple[Look, ...]
    through: Term
    settles: str | None
    whole: Whole


def _reading(node: Node, tree: Tree) -> _Reading:
    it = node.context
    rows = Term("", conjunction(it.wheres), it.population if it.replaces else None, it.replaces, over_time=it.over_time)
    ends = next((leaf.context.ends for leaf in tree.under(node) if leaf.context.ends), ())
    return _Reading(it.looks, rows, it.settles, Whole(it.members, ends))


def _column(metric: Metric, number: int) -> str:
    name = metric.name.replace("@", "__").replace("-", "_")
    return f"{name}__mix_{number + 1}" if number else f"{name}__mix"


# -- the question by class ------------------------------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True)
class _Mix:
    """One metric under one mix, in every reading of it, beside the cells of ``whole``."""

    metric: Metric
    weight: Reweight
    readings: tuple[_Reading, ...]
    query: Query
    model: Model
    whole: BoundQuestion

    def cells(self, shape: Shape, findings: list[Finding]) -> Cells | None:
        """Return the values by the groups of the question; None after findings."""
        query, weight = self.query, self.weight
        made = self._metrics()
        names = self._names()
        asked = replace(
            query.of_all_cells(), by=(*query.by, weight.by), compare=(), paths=self._settled(made),
            metrics=tuple(name for name in names if name in made),
            fill=query.fill if any(each.looks for each in self.readings) else None,
        )  # fmt: skip
        parts = {name: each.whole for name, each in names.items()}
        binding = Binding(asked, replace(self.model, metrics={**self.model.metrics, **made}), parts)
        question = binding.result()
        if question is not None:
            question = shape(binding, question)
        findings += (finding for finding in binding.findings if finding not in findings)
        if question is None:
            return None
        # In another time there may be a number where the question has rows of other metrics only.
        question = replace(question, also_by=self.whole.rows_of_cells)
        cells = assemble(question, binding.model).input
        within = column_name(weight.by)
        almanac, clocks = self.model.project.almanac, binding.clocks
        periods = {column_name(path) for path in query.by if read_period(path, clocks, almanac) is not None}
        groups = tuple(each for each in question.groups if each.name != within and not each.name.startswith(f"{within}__"))
        kept = tuple(each for each in groups if each.name not in self.whole.derived)
        classes = _Classes(
            Derived("classes", cells, fields(cells), grain(cells)), kept,
            tuple(each for each in kept if each.name in periods), tuple(each for each in question.groups if each not in groups),
        )  # fmt: skip
        return self._put_together(classes)

    def _names(self) -> dict[str, _Reading]:
        """Return what is asked by class in each reading, by its name: the value of a class, and what it weighs."""
        return {f"{kind}_{number}": each for number, each in enumerate(self.readings) for kind in (_OWN, _ALIKE)}

    def _metrics(self) -> dict[str, Metric]:
        """Return the metrics that are asked by class: the quotient, and for the mix of the whole what it is divided by in all groups."""
        limit = Grain(self.metric.limit.time, None)
        own = replace(self.metric, name=_OWN, grain=limit, limit=limit, type=FLOAT, missing=None, editions=(), edition_of=None)
        made = {_OWN: own}
        parts = None if self.weight.shares is not None else quotient_of(self.model, self.metric)
        if parts is not None:
            made |= {name: _by_anything(part) for name, part in parts.beneath.items()}
        for number, reading in enumerate(self.readings):
            called = f"{_OWN}_{number}"
            body = Formula(_looked(Name(("it",)), reading.looks), {"it": replace(reading.through, metric=_OWN)})
            made[called] = replace(own, name=called, translation=None, body=body)
            if parts is not None:
                called = f"{_ALIKE}_{number}"
                alike = Call("total", (Name(("it",)), Literal(self.weight.by)))
                body = Formula(_looked(alike, reading.looks), {"it": replace(reading.through, metric=parts.under.name)})
                made[called] = replace(parts.under, name=called, grain=limit, limit=limit, translation=None, body=body, edition_of=None)
        return made

    def _settled(self, made: Iterable[str]) -> dict[str, dict[str, str]]:
        """Return how paths are walked: as for the metric, or the one above it, for what is made of it."""
        who = {name: each.settles or self.metric.name for name, each in self._names().items()}
        return {
            path: {**ways, **{name: ways[who[name]] for name in made if name in who and who[name] in ways}}
            for path, ways in self.query.paths.items()
        }

    def _put_together(self, classes: _Classes) -> Cells:
        metric, weight = self.metric, self.weight
        numbers = range(len(self.readings))
        states: list[State] = []
        values: dict[str, Expr] = {}
        beside: Cells | None = None
        if weight.shares is None:
            by_class = Aggregate(classes.rows, classes.keys((*classes.periods, *classes.classes)), tuple(
                State(f"{_ALIKE}_{number}", FLOAT, "max", classes.at(f"{_ALIKE}_{number}")) for number in numbers
            ))  # fmt: skip
            each = Derived("each_class", by_class, fields(by_class), grain(by_class))
            keys = tuple(Output(key.name, key.type, Name((each.alias, key.name))) for key in classes.periods)
            beside = Aggregate(each, keys, tuple(
                State(f"there_are_{number}", INTEGER, "count", None, _above_zero(Name((each.alias, f"{_ALIKE}_{number}"))))
                for number in numbers
            ))  # fmt: skip
        for number in numbers:
            value = classes.at(f"{_OWN}_{number}")
            weighs = classes.at(f"{_ALIKE}_{number}") if weight.shares is None else _share(weight.shares, classes)
            counts = _above_zero(weighs)
            column = _column(metric, number)
            has, of, known = f"{column}__sum", f"{column}__of", f"{column}__classes"
            states.append(State(has, FLOAT, "sum", Call("*", (operations.cast(value, FLOAT), operations.cast(weighs, FLOAT))), counts))
            states.append(State(known, INTEGER, "count", value, counts))
            if weight.shares is None:
                states.append(State(of, FLOAT, "sum", operations.cast(weighs, FLOAT), counts))
                complete: Expr = Call("=", (Name((known,)), Name((f"there_are_{number}",))))
                result: Expr = Call("/", (Name((has,)), Name((of,))))
            else:
                other = f"{column}__unnamed"
                states.append(State(other, INTEGER, "count", value, Call("is_null", (weighs,))))
                all_there = Call("=", (Name((known,)), Literal(sum(share > 0 for _, share in weight.shares))))
                complete, result = Call("and", (all_there, Call("=", (Name((other,)), _ZERO)))), Name((has,))
            values[column] = Case(((complete, result),), None)
        cells: Cells = Aggregate(classes.rows, classes.keys(classes.groups), tuple(states))
        if beside is not None:
            cells = DrillAcross((cells,), classes.groups, frozenset(), (beside,))
        return Compute(cells, classes.groups, tuple(Output(name, FLOAT, expr) for name, expr in values.items()))


def _by_anything(metric: Metric) -> Metric:
    """Return a part that may be split by the classes: whether the metric's terms may be was settled when it was declared."""
    grain = Grain(metric.limit.time, None)
    return replace(metric, grain=grain, limit=grain)


def _looked(expr: Expr, looks: tuple[Look, ...]) -> Expr:
    """Return an expression under looks, the outermost first."""
    for look in reversed(looks):
        said = (f"{look.count} {look.unit}",) if look.count else () if look.unit is None else (look.unit,)
        expr = Call(look.function, (expr, *(Literal(each) for each in said)))
    return expr


def _above_zero(expr: Expr) -> Expr:
    return Call(">", (expr, _ZERO))


def _share(shares: tuple[tuple[str, Decimal], ...], classes: _Classes) -> Expr:
    """Return the stated share of a class; NULL for one that nobody stated."""
    (column,) = classes.classes
    named = classes.at(column.name)
    return Case(tuple((Call("=", (named, Literal(name))), Literal(share)) for name, share in shares), None)
