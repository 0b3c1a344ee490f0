"""dbt's ``semantic_manifest.json`` as values. Shape only: nothing is resolved here.

Both of dbt's ways of writing a metric come in the same form: over a measure of a semantic model, and the newer one that
holds its own aggregation.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from decisionlayer.errors import DeclarationError
from decisionlayer.findings import Finding, Place
from decisionlayer.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing that rows of a model are about: ``primary``, ``unique``, ``natural`` or ``foreign``."""

    name: str
    type: str
    expr: str


@dataclass(frozen=True, slots=True)
class Dimension:
    """An attribute of a model; ``grain`` is None for what is no time. ``validity`` is ``start``, ``end`` or None."""

    name: str
    expr: str
    grain: str | None
    is_partition: bool
    validity: str | None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Along which time dimension a measure is not added, whether its first or last rows count, and per which entities."""

    dimension: str
    takes: str
    per: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """An aggregation of a model's rows; ``time`` names the time dimension that it is counted by."""

    name: str
    model: str
    agg: str
    expr: str
    time: str
    share: float | None = None
    is_discrete: bool = False
    is_approximate: bool = False
    snapshot: Snapshot | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Spine:
    """A table of instants: its column, their grain, and the columns that hold calendars' own grains."""

    table: tuple[str, ...]
    column: str
    grain: str
    customs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Model:
    """A semantic model: a table, its entities, dimensions and measures."""

    name: str
    table: tuple[str, ...]
    primary_entity: str | None
    entities: Mapping[str, Entity]
    dimensions: Mapping[str, Dimension]
    default_time: str | None
    description: str = ""

    @property
    def prefixes(self) -> tuple[str, ...]:
        """The entities by which its own elements are named: all but the foreign ones."""
        own = tuple(entity.name for entity in self.entities.values() if entity.type != "foreign")
        return tuple(dict.fromkeys((*own, *((self.primary_entity,) if self.primary_entity else ()))))

    @property
    def validity(self) -> tuple[Dimension, Dimension] | None:
        """The dimensions between which one of its rows holds, the start included and the end not."""
        found = {each.validity: each for each in self.dimensions.values() if each.validity}
        return (found["start"], found["end"]) if {"start", "end"} <= found.keys() else None


@dataclass(frozen=True, slots=True)
class Window:
    """So many periods."""

    count: int
    grain: str


@dataclass(frozen=True, slots=True)
class MeasureInput:
    """A measure as a metric takes it: filtered, every instant of the spine kept, NULL read as something else."""

    measure: str
    filters: tuple[str, ...] = ()
    on_spine: bool = False
    fill: int | None = None


@dataclass(frozen=True, slots=True)
class MetricInput:
    """A metric as another one takes it."""

    metric: str
    name: str
    filters: tuple[str, ...] = ()
    offset: Window | None = None
    to_grain: str | None = None


@dataclass(frozen=True, slots=True)
class Conversion:
    """Which events follow which: the measures, the entity that does both, within what, and what must be equal."""

    base: MeasureInput
    conversion: MeasureInput
    entity: str
    calculation: str
    window: Window | None
    constants: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of any of dbt's five types; ``input`` is that of a simple or cumulative one, ``inputs`` of the others."""

    name: str
    type: str
    filters: tuple[str, ...]
    grain: str | None
    input: MeasureInput | None = None
    inputs: tuple[MetricInput, ...] = ()
    expr: str = ""
    window: Window | None = None
    to_date: str | None = None
    coarser: str = "first"
    conversion: Conversion | None = None
    label: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A question under a name: metrics, group-by items and filters as dbt writes them."""

    name: str
    metrics: tuple[str, ...]
    group_by: tuple[str, ...]
    where: tuple[str, ...]
    order_by: tuple[str, ...]
    limit: int | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything in one file, by name."""

    file: str
    models: Mapping[str, Model]
    measures: Mapping[str, Measure]
    metrics: Mapping[str, Metric]
    spines: tuple[Spine, ...]
    saved: Mapping[str, SavedQuery] = field(default_factory=dict)

    def spine_of(self, custom: str) -> Spine | None:
        """Return the spine that has a calendar's own grain."""
        return next((spine for spine in self.spines if custom in spine.customs), None)

    @property
    def customs(self) -> frozenset[str]:
        """The names of all grains of calendars."""
        return frozenset(name for spine in self.spines for name in spine.customs)


def read_manifest(path: str | Path) -> Manifest:
    """Return the manifest in a file. Raises DeclarationError ``unreadable`` when it is none."""
    file = Path(path)
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return _manifest(found, file.name)
    except FileNotFoundError:
        raise _unreadable(file, "there is no such file") from None
    except OSError as failed:
        raise _unreadable(file, str(failed.strerror or failed)) from None
    except UnicodeDecodeError:
        raise _unreadable(file, "it is not UTF-8 text") from None
    except json.JSONDecodeError as wrong:
        raise _unreadable(file, f"line {wrong.lineno} is no JSON: {wrong.msg}") from None
    except KeyError as missing:
        raise _unreadable(file, f"it lacks {missing}") from None
    except (TypeError, AttributeError, ValueError) as wrong:
        raise _unreadable(file, f"it has another shape than dbt writes ({wrong})") from None


def _unreadable(file: Path, why: str) -> DeclarationError:
    return DeclarationError((Finding(
        "unreadable", file.name, f"`{file.name}` cannot be read as dbt's semantic manifest: {why}", Place(file.name),
        help="give the `semantic_manifest.json` that `dbt parse` writes into `target/`",
    ),))  # fmt: skip


def _manifest(found: Mapping[str, Any], file: str) -> Manifest:
    models: dict[str, Model] = {}
    measures: dict[str, Measure] = {}
    metrics: dict[str, Metric] = {}
    for each in found["semantic_models"]:
        model = _model(each)
        models[model.name] = model
        for written in each.get("measures") or ():
            measure = _measure(written, model)
            measures[measure.name] = measure
            if written.get("create_metric"):
                metrics[measure.name] = Metric(measure.name, "simple", (), None, input=MeasureInput(measure.name))
    for each in found["metrics"]:
        params = each.get("type_params") or {}
        own = params.get("metric_aggregation_params")
        if own:
            measures[each["name"]] = _measure(
                {**own, "name": each["name"], "expr": params.get("expr"), "description": each.get("description")},
                models[own["semantic_model"]],
            )
    for each in found["metrics"]:
        metrics[each["name"]] = _metric(each)
    _follow_metrics(metrics)
    configuration = found.get("project_configuration") or {}
    saved = (_saved(each) for each in found.get("saved_queries") or ())
    return Manifest(
        file, models, measures, metrics, tuple(_spines(configuration)), {each.name: each for each in saved}
    )


def _model(found: Mapping[str, Any]) -> Model:
    entities = (
        Entity(each["name"], str(each["type"]).lower(), each.get("expr") or each["name"]) for each in found.get("entities") or ()
    )
    dimensions = (_dimension(each) for each in found.get("dimensions") or ())
    named = {each.name: each for each in entities}
    primary = found.get("primary_entity") or next((each.name for each in named.values() if each.type == "primary"), None)
    relation = found["node_relation"]
    parts = (relation.get("database"), relation.get("schema_name"), relation["alias"])
    return Model(
        found["name"],
        tuple(part for part in parts if part),
        primary,
        named,
        {each.name: each for each in dimensions},
        (found.get("defaults") or {}).get("agg_time_dimension"),
        found.get("description") or "",
    )


def _dimension(found: Mapping[str, Any]) -> Dimension:
    params = found.get("type_params") or {}
    validity = params.get("validity_params") or {}
    edge = "start" if validity.get("is_start") else "end" if validity.get("is_end") else None
    grain = str(params.get("time_granularity") or "day").lower() if str(found["type"]).lower() == "time" else None
    return Dimension(
        found["name"], found.get("expr") or found["name"], grain, bool(found.get("is_partition")), edge, found.get("description") or ""
    )


def _measure(found: Mapping[str, Any], model: Model) -> Measure:
    params = found.get("agg_params") or {}
    stays = found.get("non_additive_dimension")
    time = found.get("agg_time_dimension") or model.default_time
    if time is None:
        raise ValueError(f"measure {found['name']} has no agg_time_dimension")
    return Measure(
        found["name"],
        model.name,
        str(found["agg"]).lower(),
        found.get("expr") or found["name"],
        time,
        params.get("percentile"),
        bool(params.get("use_discrete_percentile")),
        bool(params.get("use_approximate_percentile")),
        None if not stays else Snapshot(
            stays["name"], str(stays.get("window_choice") or "min").lower(), tuple(stays.get("window_groupings") or ())
        ),
        found.get("description") or "",
    )  # fmt: skip


def _filters(found: Any) -> tuple[str, ...]:
    """Return filters however they are written: a text, a list, or dbt's ``where_filters``."""
    match found:
        case None | "" | []:
            return ()
        case str():
            return (found,)
        case list():
            return tuple(text for each in found for text in _filters(each))
        case dict() if "where_filters" in found:
            return _filters(found["where_filters"])
        case dict():
            return (found["where_sql_template"],)
        case _:
            raise ValueError(f"{found!r} is no filter")


def _window(found: Any) -> Window | None:
    match found:
        case None:
            return None
        case str():
            count, _, grain = found.strip().partition(" ")
        case _:
            count, grain = found["count"], found["granularity"]
    word = str(grain).lower()
    return Window(int(count), word[:-1] if word.endswith("s") and not word.endswith("ss") else word)


def _measure_input(found: Any) -> MeasureInput:
    if isinstance(found, str):
        return MeasureInput(found)
    return MeasureInput(
        found["name"], _filters(found.get("filter")), bool(found.get("join_to_timespine")), found.get("fill_nulls_with")
    )


def _metric_input(found: Any) -> MetricInput:
    if isinstance(found, str):
        return MetricInput(found, found)
    return MetricInput(
        found["name"],
        found.get("alias") or found["name"],
        _filters(found.get("filter")),
        _window(found.get("offset_window")),
        str(found["offset_to_grain"]).lower() if found.get("offset_to_grain") else None,
    )


def _metric(found: Mapping[str, Any]) -> Metric:
    params = found.get("type_params") or {}
    kind = str(found["type"]).lower()
    along = params.get("cumulative_type_params") or {}
    taken = params.get("measure") or along.get("metric")
    input: MeasureInput | None = None
    if kind == "simple" and params.get("metric_aggregation_params"):
        input = MeasureInput(found["name"], (), bool(params.get("join_to_timespine")), params.get("fill_nulls_with"))
    elif kind in ("simple", "cumulative") and taken is not None:
        input = _measure_input(taken)
    elif kind in ("simple", "cumulative"):
        raise ValueError(f"metric {found['name']} has no measure")
    inputs: tuple[MetricInput, ...] = ()
    if kind == "ratio":
        inputs = (_metric_input(params["numerator"]), _metric_input(params["denominator"]))
    elif kind == "derived":
        inputs = tuple(_metric_input(each) for each in params.get("metrics") or params.get("input_metrics") or ())
    to_date = along.get("grain_to_date") or params.get("grain_to_date")
    return Metric(
        found["name"],
        kind,
        _filters(found.get("filter")),
        str(found["time_granularity"]).lower() if found.get("time_granularity") else None,
        input,
        inputs,
        params.get("expr") or "",
        _window(along.get("window") or params.get("window")),
        str(to_date).lower() if to_date else None,
        str(along.get("period_agg") or "first").lower(),
        _conversion(params["conversion_type_params"]) if kind == "conversion" else None,
        found.get("label") or "",
        found.get("description") or "",
    )


def _conversion(found: Mapping[str, Any]) -> Conversion:
    return Conversion(
        _measure_input(found.get("base_measure") or found["base_metric"]),
        _measure_input(found.get("conversion_measure") or found["conversion_metric"]),
        found["entity"],
        str(found.get("calculation") or "conversion_rate").lower(),
        _window(found.get("window")),
        tuple((each["base_property"], each["conversion_property"]) for each in found.get("constant_properties") or ()),
    )


def _follow_metrics(metrics: dict[str, Metric]) -> None:
    """Let a cumulative metric over a simple metric stand over that one's measure, with its filters."""
    for name, metric in metrics.items():
        if metric.type != "cumulative" or metric.input is None:
            continue
        below = metrics.get(metric.input.measure)
        if below is not None and below.type == "simple" and below.input is not None and below.input.measure == below.name:
            own = metric.input
            input = MeasureInput(
                below.input.measure, (*below.filters, *below.input.filters, *own.filters),
                own.on_spine or below.input.on_spine, own.fill if own.fill is not None else below.input.fill,
            )  # fmt: skip
            metrics[name] = Metric(
                metric.name, metric.type, metric.filters, metric.grain, input, (), "", metric.window, metric.to_date,
                metric.coarser, None, metric.label, metric.description,
            )  # fmt: skip


def _spines(found: Mapping[str, Any]) -> Iterator[Spine]:
    listed = found.get("time_spines") or ()
    for each in listed:
        relation = each["node_relation"]
        primary = each["primary_column"]
        customs = {
            custom["name"]: custom.get("column_name") or custom["name"] for custom in each.get("custom_granularities") or ()
        }
        parts = (relation.get("database"), relation.get("schema_name"), relation["alias"])
        yield Spine(tuple(part for part in parts if part), primary["name"], str(primary["time_granularity"]).lower(), customs)
    known = {str(each["primary_column"]["time_granularity"]).lower() for each in listed}
    for each in found.get("time_spine_table_configurations") or ():  # how dbt wrote them before
        if str(each["grain"]).lower() not in known:
            yield Spine(tuple(each["location"].split(".")), each["column_name"], str(each["grain"]).lower(), {})


def _saved(found: Mapping[str, Any]) -> SavedQuery:
    asked = found.get("query_params") or found
    return SavedQuery(
        found["name"],
        tuple(asked.get("metrics") or ()),
        tuple(asked.get("group_by") or ()),
        _filters(asked.get("where")),
        tuple(asked.get("order_by") or ()),
        asked.get("limit"),
    )
