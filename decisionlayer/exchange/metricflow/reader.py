"""The door: a manifest and a warehouse become a layer, and a dbt question to that layer becomes a result."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from decisionlayer.ask import REMEMBERED
from decisionlayer.errors import DeclarationError, QueryError
from decisionlayer.exchange.metricflow.graph import Graph
from decisionlayer.exchange.metricflow.losses import Loss
from decisionlayer.exchange.metricflow.manifest import read_manifest
from decisionlayer.exchange.metricflow.project import imported
from decisionlayer.exchange.metricflow.question import Compiled, compile_question, read_question
from decisionlayer.findings import Finding
from decisionlayer.resolve import resolve
from decisionlayer.resolve.language.types import parse_type
from decisionlayer.resolve.model import Table
from decisionlayer.resolve.telling.passports import passport
from decisionlayer.run import Engine, Result, open_warehouse
from decisionlayer.run.result import no_numbers
from decisionlayer.run.verify import repeated

if TYPE_CHECKING:
    from decisionlayer import Layer


class _Reader:
    """A manifest with what was lost on the way into a layer, and the statements compiled of it."""

    def __init__(self, graph: Graph, lost: tuple[Loss, ...]) -> None:
        self.graph = graph
        self.lost = lost
        self.compiled: OrderedDict[object, Compiled] = OrderedDict()
        #: What a reader must know of a model that rows are joined to; empty where its key is one.
        self.repeats: dict[str, tuple[str, ...]] = {}


_READERS: WeakKeyDictionary[Layer, _Reader] = WeakKeyDictionary()


def load_layer(path: str | Path, warehouse: object = None) -> Layer:
    """Return the definitions of a ``semantic_manifest.json`` as a layer on a warehouse.

    ``warehouse`` is what ``Layer.load`` takes. The layer is asked in dbt's words by ``query``, and in ours by its own methods;
    its ``check`` lists what dbt does not say: owners, purposes, units. Raises DeclarationError ``unreadable`` for a file that is no
    manifest.
    """
    from decisionlayer import Layer

    manifest = read_manifest(path)
    engine = open_warehouse(warehouse)
    book, lost = imported(manifest, lambda table: _types(engine, table) if warehouse is not None else {})
    layer = Layer(book, resolve(book), engine)
    _READERS[layer] = _Reader(Graph(manifest), lost)
    return layer


def _types(engine: Engine, table: tuple[str, ...]) -> dict[str, str]:
    """Return the types of a table's columns that our declarations can name; a table that is not there has none."""
    found = engine.columns(Table(table)) or {}
    return {name: str(type) for name, type in found.items() if parse_type(str(type)) is not None}


def query(
    layer: Layer,
    metrics: Sequence[str] | None = None,
    group_by: Sequence[str] | None = None,
    where: Sequence[str] | str | None = None,
    order_by: Sequence[str] | None = None,
    limit: int | None = None,
    start_time: object = None,
    end_time: object = None,
    min_max_only: bool = False,
    deduplicate: bool = True,
) -> Result:
    """Return the answer to a dbt question, its columns named as dbt names them.

    ``group_by`` and ``order_by`` take dbt's names (``listing__country_latest``, ``metric_time__month``, ``-bookings``) or its
    calls (``TimeDimension('metric_time', 'day')``); ``where`` its filter templates. Both ends of the range count, and are widened to
    whole periods. Raises QueryError with what cannot be answered, EngineError when the warehouse fails.
    """
    compiled = _compiled(
        layer, metrics, group_by, where, order_by, limit, start_time, end_time, min_max_only=min_max_only, deduplicate=deduplicate
    )
    statement = compiled.statement
    table = layer.engine.fetch(statement)
    endless = no_numbers(table, statement)
    if endless:
        raise DeclarationError(endless)
    numbers = [column.name for column in statement.columns if column.role == "metric"]
    passports = {name: _passport(layer, name) for name in numbers}
    model = layer.model
    notes = [note for name in compiled.joined for note in _repeats(layer, name)]
    about = {
        "project": model.project.name, "meaning": model.meaning, "timezone": model.project.timezone, "status": "draft", "notes": notes,
    }  # fmt: skip
    return Result(table, statement, passports, about, model.project.timezone)


def sql(layer: Layer, **question: object) -> str:
    """Return the SQL of a dbt question without running it; the keys are those of ``query``."""
    keys = (
        "metrics", "group_by", "where", "order_by", "limit", "start_time", "end_time",
    )  # fmt: skip
    return _compiled(
        layer, *(question.get(key) for key in keys), min_max_only=bool(question.get("min_max_only", False)),
        deduplicate=bool(question.get("deduplicate", True)),
    ).statement.text  # fmt: skip


def losses(layer: Layer) -> tuple[Loss, ...]:
    """Return what of the manifest the layer says otherwise or not at all; ``query`` answers all of it as dbt does."""
    return _reader(layer).lost


def _compiled(
    layer: Layer, metrics: object, group_by: object, where: object, order_by: object, limit: object, start_time: object,
    end_time: object, *, min_max_only: bool, deduplicate: bool,
) -> Compiled:  # fmt: skip
    reader = _reader(layer)
    asked = (metrics, group_by, where, order_by, limit, start_time, end_time, min_max_only, deduplicate)
    key = repr(asked)
    found = reader.compiled.get(key)
    if found is None:
        question = read_question(
            reader.graph, metrics=metrics, group_by=group_by, where=where, order_by=order_by, limit=limit, start_time=start_time,
            end_time=end_time, min_max_only=min_max_only, deduplicate=deduplicate,
        )  # fmt: skip
        found = reader.compiled[key] = compile_question(reader.graph, question, layer.engine.capabilities)
        if len(reader.compiled) > REMEMBERED:
            reader.compiled.popitem(last=False)
    return found


def _repeats(layer: Layer, name: str) -> tuple[str, ...]:
    """Return a note where a model that rows are joined to has a key more than once: dbt multiplies the rows, and so is it answered."""
    reader = _reader(layer)
    if name not in reader.repeats:
        source = layer.model.sources.get(name)
        found = repeated([source], layer.engine) if source is not None and source.describes else ()
        reader.repeats[name] = tuple(f"{each.message}: {each.why}, as in dbt" for each in found)
    return reader.repeats[name]


def _reader(layer: Layer) -> _Reader:
    found = _READERS.get(layer)
    if found is None:
        raise QueryError((Finding(
            "bad-question", "question", "this layer was not read from a semantic manifest",
            help="load it with `metricflow.load_layer(FILE, warehouse=…)`",
        ),))  # fmt: skip
    return found


def _passport(layer: Layer, name: str) -> dict[str, object]:
    """Return the passport of a metric: of its definition in the layer where it has one, else what the manifest says."""
    metric = layer.model.metrics.get(name)
    read_as = {"read_as": "dbt's arithmetic (MetricFlow)"}
    if metric is not None:
        return {**passport(layer.model, metric), **read_as}
    written = _reader(layer).graph.manifest.metrics[name]
    return {
        "role": "metric", "metric": name, "title": written.label or name, "definition": written.description, "purpose": None,
        "owner": None, "unit": None, "better": None, "digits": None, "meaning": "", "status": "draft", **read_as,
    }  # fmt: skip
