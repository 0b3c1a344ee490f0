"""dbt's metrics as metrics of ours: measures, formulas with metric functions, conversions. What differs is a loss, said aloud."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field

from decisionlayer.errors import QueryError
from decisionlayer.exchange.metricflow.formulas import filled, whole, without_guards
from decisionlayer.exchange.metricflow.grains import GRAINS, rank
from decisionlayer.exchange.metricflow.graph import Graph
from decisionlayer.exchange.metricflow.items import Item, MetricRef
from decisionlayer.exchange.metricflow.losses import Loss, Lost, reason
from decisionlayer.exchange.metricflow.manifest import Conversion, Measure, MeasureInput, Metric, MetricInput, Window
from decisionlayer.exchange.metricflow.metrics import settled_filters
from decisionlayer.exchange.metricflow.places import Places, spelled
from decisionlayer.exchange.metricflow.sqltext import read_sql
from decisionlayer.exchange.metricflow.templates import read_filters
from decisionlayer.frozen import dataclass
from decisionlayer.plan import operations
from decisionlayer.resolve.language.functions import COMPARISONS
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name, names, transform, walk

Declared = dict[str, object]

_ROWS = 'the periods that have rows; ask with `fill="spine"` for all of the range'
_SAME_DAYS = "`over_time: avg`: over every day from the first row to the last, the same for every group; a day without rows adds nothing"
_SAME_FIRST = "`over_time: first`: the first day of the period, the same for every group; nothing is read of it where nothing came before"


@dataclass(slots=True)
class Definitions:
    """The metrics of a manifest, while they are gathered; some need metrics that dbt has no name for, which get one."""

    graph: Graph
    places: Places
    losses: list[Loss] = field(default_factory=list)
    _made: dict[str, Declared] = field(default_factory=dict)
    _known: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)

    def all(self) -> Iterator[Mapping[str, object]]:
        """Yield every metric that has a counterpart, those that dbt has no name for last."""
        for metric in self.graph.manifest.metrics.values():
            try:
                self._made[metric.name] = self._metric(metric, metric.name, ())
            except (Lost, QueryError) as lost:
                self._lose(metric.name, reason(lost), "left out; `metricflow.query` answers it")
        yield from self._made.values()

    @property
    def known(self) -> frozenset[str]:
        """The metrics that have a counterpart."""
        return frozenset(self._made)

    def condition(self, metric: str, model: str, texts: Sequence[str]) -> str:
        """Return filters of a question about a metric as one condition of ours over the rows of a model; empty for none."""
        return self._where(self.graph.metric(metric), model, texts)

    def _lose(self, metric: str, told: str, instead: str) -> None:
        self.losses.append(Loss(f"metric {metric}", told, instead))

    def _metric(self, metric: Metric, name: str, filters: tuple[str, ...]) -> Declared:
        head: Declared = {"metric": name, "title": metric.label or metric.name.replace("_", " ").capitalize()}
        if metric.description:
            head["definition"] = metric.description
        match metric.type:
            case "simple":
                assert metric.input is not None
                return head | self._simple(metric, metric.input, (*metric.filters, *metric.input.filters, *filters))
            case "cumulative":
                return head | self._cumulative(metric, filters)
            case "ratio" | "derived":
                return head | self._formula(metric, filters)
            case "conversion":
                assert metric.conversion is not None
                return head | self._conversion(metric, metric.conversion, name, filters)
            case other:
                raise Lost(f"a metric of type `{other}`")

    # bodies

    def _simple(self, metric: Metric, input: MeasureInput, filters: Sequence[str]) -> Declared:
        measure = self.graph.measure(input.measure)
        model = self.graph.manifest.models[measure.model]
        found: Declared = {"source": measure.model}
        column = model.dimensions[measure.time].expr
        if measure.time != model.default_time:
            found["clock"] = column
        found["measure"] = filled(self._measure(metric, measure), input.fill)
        if any(isinstance(node, Call) and node.function in ("+", "-") and len(names(node)) > 1 for node in walk(read_sql(measure.expr))):
            found["nulls"] = "skip"  # in dbt a row with an empty part is left out
        where = self._where(metric, measure.model, filters)
        if where:
            found["where"] = where
        if input.fill is None and str(found["measure"]).startswith("count("):
            found["missing"] = "null"  # in dbt nothing is there where nothing was counted
        if input.on_spine:
            self._lose(metric.name, "dbt shows every period of its spine", 'ask with `fill="spine"`: every period of the data or the range')
        if measure.snapshot is not None:
            self.places.snapshots.add(measure.model)
            found["over_time"] = {"min": "first", "max": "last"}[measure.snapshot.takes]
            if measure.snapshot.per:
                per = [self.places.key_of(model, entity) for entity in measure.snapshot.per]
                if measure.snapshot.takes != "max":
                    raise Lost("the first instant of each entity")
                found["last_of_each"] = per
        return found

    def _measure(self, metric: Metric, measure: Measure) -> str:
        expr = read_sql(measure.expr)
        text = spelled(expr)
        match measure.agg:
            case "sum" if expr == Literal(1):
                return "count(*)"
            case "sum":
                return f"sum({text})"
            case "sum_boolean":
                return f"count(*) filter (where {text})"
            case "count":
                return "count(*)" if isinstance(expr, Literal) and expr.value is not None else f"count({text})"
            case "count_distinct":
                return f"count(distinct {text})"
            case "average":
                return f"avg({text})"
            case "min" | "max":
                return f"{measure.agg}({text})"
            case "median":
                return f"median({text})"
            case "percentile":
                if measure.is_approximate:
                    self._lose(metric.name, "dbt estimates the percentile", "it is exact")
                return f"{'quantile_disc' if measure.is_discrete else 'quantile'}({text}, {measure.share})"
            case other:
                raise Lost(f"our measures have no `{other}`")

    def _cumulative(self, metric: Metric, filters: tuple[str, ...]) -> Declared:
        assert metric.input is not None
        base = self._of_measure(metric.input, (*metric.filters, *filters))
        if metric.window is not None:
            formula = f"trailing({base}, '{_length(metric.window)}')"
        elif metric.to_date is not None:
            formula = f"to_date({base}, {metric.to_date})"
        else:
            formula = f"all_time({base})"
        self._lose(metric.name, "dbt shows every instant of its spine at which rows are read", _ROWS)
        match metric.coarser:
            case "first":
                self._lose(metric.name, "dbt's first day of a period is the first at which a group's rows are read", _SAME_FIRST)
                return {"formula": formula, "over_time": "first"}
            case "average":
                self._lose(metric.name, "dbt's mean is over those days at which a group's rows are read", _SAME_DAYS)
                return {"formula": formula, "over_time": "avg"}
        return {"formula": formula}

    def _formula(self, metric: Metric, filters: tuple[str, ...]) -> Declared:
        parts: dict[str, Expr] = {}
        own = (*metric.filters, *filters)
        for input in metric.inputs:
            parts[input.name] = self._input(metric, input, own)
        if metric.type == "ratio":
            above, below = (parts[each.name] for each in (metric.inputs[0], metric.inputs[-1]))
            return {"formula": spelled(Call("/", (above, below)))}
        known = {name.casefold(): part for name, part in parts.items()}
        expr = read_sql(metric.expr)
        found = transform(expr, lambda node: known.get(node.parts[0].casefold()) if isinstance(node, Name) else None)
        return {"formula": spelled(whole(without_guards(found)))}

    def _input(self, metric: Metric, input: MetricInput, own: tuple[str, ...]) -> Expr:
        name = self._filtered(input.metric, (*own, *input.filters))
        part: Expr = Name((name,))
        if input.offset is not None:
            if input.offset.grain not in GRAINS:
                raise Lost(f"an offset by `{input.offset.grain}`, a grain of its spine")
            part = Call("prior", (part, Literal(_length(input.offset))))
            self._lose(metric.name, "dbt shows the periods in which the moved value is there", "the periods in which any part has rows")
        if input.to_grain is not None:
            part = Call("period_start", (part, Name((input.to_grain,))))
            self._lose(metric.name, "dbt shows every instant of its spine whose start is read", _ROWS)
            told = f"asked by week, or by longer than a {input.to_grain}, dbt reads its first {self._native(input.metric)}"
            self._lose(metric.name, told, "the first piece that is as long as the asked period")
        return part

    def _native(self, metric: str) -> str:
        return self.graph.finest_time(self.graph.metric(metric))

    def _conversion(self, metric: Metric, body: Conversion, name: str, filters: tuple[str, ...]) -> Declared:
        """Return how many later events follow, or that over the earlier ones: dbt counts the later ones, so it is no share of ours."""
        base, later = (self.graph.measure(each.measure) for each in (body.base, body.conversion))
        coarse = [each for each in (base, later) if rank(self.graph.native(each)) > rank("day")]
        if coarse:
            raise Lost(f"its events are told apart by {self.graph.native(coarse[0])} only, and nothing says which came first")
        told: Declared = {"from": base.model, "to": self._later(metric, later, body), "entity": self.places.entity_of(body.entity)}
        if body.window is not None:
            told["within"] = _length(body.window)
        if body.constants:
            told["same"] = [self._same(base.model, first, later.model, second) for first, second in body.constants]
        found: Declared = {"conversion": {**told, "give": "converted", "counts": "to_events"}}
        where = self._where(metric, base.model, (*metric.filters, *body.base.filters, *filters))
        found |= {"where": where} if where else {}
        self._lose(metric.name, "dbt counts every later event, so that a rate may pass 100 %", "so it does here: `counts: to_events`")
        followed = self._free_name(f"{name}_followed")
        self._made[followed] = {"metric": followed, "title": f"{metric.label or metric.name}: events that followed", **found}
        number = filled(f"nullif({followed}, 0)", body.conversion.fill)  # where none followed, dbt has no number
        if body.calculation != "conversion_rate":
            return {"formula": number}
        return {"formula": f"{number} / {self._of_measure(body.base, (*metric.filters, *filters))}"}

    def _same(self, base: str, first: str, later: str, second: str) -> object:
        above, below = (self.places.own_name(model, name) for model, name in ((base, first), (later, second)))
        return above if above == below else {above: below}

    def _later(self, metric: Metric, later: Measure, body: Conversion) -> object:
        found: Declared = {"source": later.model}
        model = self.graph.manifest.models[later.model]
        if later.time != model.default_time:
            found["clock"] = model.dimensions[later.time].expr
        where = self._where(metric, later.model, body.conversion.filters)
        if where:
            found["where"] = where
        return found if len(found) > 1 else later.model

    # metrics that dbt has no name for

    def _of_measure(self, input: MeasureInput, filters: tuple[str, ...]) -> str:
        """Return the metric that is a measure under filters: one of dbt's where there is one, else one of ours."""
        bare = Metric(input.measure, "simple", (), None, input=MeasureInput(input.measure))
        return self._make(bare, (*input.filters, *filters))

    def _simple_of(self, input: MeasureInput, filters: Sequence[str]) -> str | None:
        """Return the metric of dbt that is a measure under just these filters."""
        wanted = sorted(dict.fromkeys(filters))
        for metric in self.graph.manifest.metrics.values():
            mine = metric.input
            if metric.type != "simple" or mine is None or mine.measure != input.measure or mine.on_spine != input.on_spine:
                continue
            if mine.fill == input.fill and sorted((*metric.filters, *mine.filters)) == wanted:
                return metric.name
        return None

    def _filtered(self, name: str, filters: tuple[str, ...]) -> str:
        return self._make(self.graph.metric(name), filters) if filters else name

    def _make(self, metric: Metric, filters: tuple[str, ...]) -> str:
        if metric.input is not None and metric.type == "simple":
            known = self._simple_of(metric.input, (*metric.filters, *metric.input.filters, *filters))
            if known is not None:
                return known
        key = (metric.name, tuple(sorted(filters)))
        if key not in self._known:
            name = self._known[key] = self._free_name(f"{metric.name}_{'filtered' if filters else 'base'}")
            self._made[name] = self._metric(metric, name, filters)
        return self._known[key]

    def _free_name(self, stem: str) -> str:
        name, count = stem, 1
        while name in self._made or name in self.graph.manifest.metrics:
            count += 1
            name = f"{stem}_{count}"
        return name

    # filters

    def _where(self, metric: Metric, model: str, texts: Sequence[str]) -> str:
        """Return filters as one condition of ours over the rows of a model. Raises Lost for what has no counterpart."""
        read = settled_filters(self.graph, read_filters(texts, self.graph.manifest.customs), (metric,))
        conditions = tuple(_with_days(each.expr, self._times(model, each.refs), self._paths(model, each.refs)) for each in read)
        if not conditions:
            return ""
        return spelled(conditions[0] if len(conditions) == 1 else Call("and", conditions))

    def _times(self, model: str, refs: Sequence[Item | MetricRef]) -> frozenset[str]:
        found = set()
        for number, ref in enumerate(refs):
            if isinstance(ref, Item) and (ref.is_metric_time or ref.grain is not None):
                found.add(f"@{number}")
        return frozenset(found)

    def _paths(self, model: str, refs: Sequence[Item | MetricRef]) -> Callable[[Name], Expr]:
        named: dict[str, Expr] = {}
        for number, ref in enumerate(refs):
            if isinstance(ref, MetricRef):
                source, dimension = self.places.counted(ref.group_by[0].element, ref.metric)
                entity = Item((), ref.group_by[0].element)
                behind = source != model
                role = self._role_to(model, source, entity) if behind else ()
                named[f"@{number}"] = Name((*role, dimension))
                continue
            if ref.is_metric_time:
                raise Lost("a filter of the metric by its own time; ask with `start` and `end`")
            if ref.part is not None or ref.grain not in (None, "day"):
                raise Lost(f"a filter by `{ref.column}`, a period cut from a column")
            named[f"@{number}"] = Name(self.places.path(model, ref))
        return lambda name: named[name.parts[0]]

    def _role_to(self, model: str, source: str, entity: Item) -> tuple[str, ...]:
        for links, element in self.graph.reached(model):
            ways = self.graph.reached(model)[(links, element)]
            if len(ways) == 1 and ways[0].model == source and ways[0].hops:
                return tuple(self.places._role(hop) for hop in ways[0].hops)
        raise Lost(f"`{model}` has no link to `{source}`")


def _with_days(expr: Expr, times: frozenset[str], path: Callable[[Name], Expr]) -> Expr:
    """Return a condition over our paths; a text or a cast beside a time is the day that it spells."""

    def change(node: Expr) -> Expr | None:
        match node:
            case Name():
                return path(node)
            case Call(function=function, arguments=arguments) if function == operations.CAST:
                return transform(arguments[0], change)
            case Call(function=function, arguments=arguments) if function in (*COMPARISONS, "in") and any(
                _is_time(each, times) for each in arguments
            ):
                return Call(function, tuple(_day(each) or transform(each, change) for each in arguments))
            case _:
                return None

    return transform(expr, change)


def _is_time(expr: Expr, times: frozenset[str]) -> bool:
    return any(isinstance(node, Name) and node.parts[0] in times for node in _nodes(expr))


def _day(expr: Expr) -> Expr | None:
    """Return a text, cast or not, as the day that it spells; None for anything else."""
    if isinstance(expr, Call) and expr.function == operations.CAST:
        expr = expr.arguments[0]
    if isinstance(expr, Literal) and isinstance(expr.value, str):
        try:
            return Literal(dt.date.fromisoformat(expr.value[:10]))
        except ValueError:
            return None
    return None


def _nodes(expr: Expr) -> Iterator[Expr]:
    from decisionlayer.resolve.language.tree import walk

    return walk(expr)


def _length(window: Window) -> str:
    return f"{window.count} {window.grain}{'s' if window.count != 1 else ''}"
