"""The kit's verbs at the doors of this layer: the one place that knows how it is asked, checked and written to."""

from __future__ import annotations

import atexit
import datetime as dt
import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from decisionlayer import DecisionLayerError
from decisionlayer.findings import Finding
from decisionlayer.layer import Layer
from decisionlayer.resolve.quantities.printed import prints_tie
from tests.scenarios.kit import Item, Scenario, connect, lay_out, scenarios
from tests.worlds import Rows, rows_of

_ROOM = tempfile.TemporaryDirectory(prefix="scenarios-")
atexit.register(_ROOM.cleanup)
#: The databases of the layers that stay open, by the layer that is kept.
_CONNECTIONS: dict[int, duckdb.DuckDBPyConnection] = {}


def opened(scenario: Scenario, item: Item, *more: Item) -> Layer:
    """Return the layer of a scenario as an item wants to see it: its variant, after its records, then changed by ``more``."""
    records = tuple(item.get("records", ()))
    today = item.get("today") or item.get("in", {}).get("today") or scenario.expected.get("today")
    return _opened(scenario.name, item.get("variant"), records, today, json.dumps(more))


@cache
def _opened(name: str, variant: str | None, records: tuple[str, ...], today: str | None, more: str) -> Layer:
    scenario = next(one for one in scenarios() if one.name == name)
    folder = Path(tempfile.mkdtemp(dir=_ROOM.name)) / "kit"
    for record in records:
        said = dict(scenario.expected["records"][record])
        lay_out(scenario, folder, scenario.operations(said.pop("variant", variant)))
        with Layer.load(folder / "project", warehouse=connect(folder), today=_day(said.get("dated"))) as layer:
            write(layer, said)
    lay_out(scenario, folder, [*scenario.operations(variant), *json.loads(more)])
    connection = connect(folder)
    layer = Layer.load(folder / "project", warehouse=connection, today=_day(today))
    _CONNECTIONS[id(layer)] = connection
    return layer


def tables_of(layer: Layer) -> Rows:
    """Return the rows of every source of an opened scenario, for who asks no database."""
    return rows_of(layer.model, _CONNECTIONS[id(layer)])


def write(layer: Layer, said: Item) -> None:
    """Write one record, as ``sign`` or as ``record``."""
    kinds = dict(said)
    if "sign" in kinds:
        names = kinds.pop("sign")
        layer.sign(*names, **kinds)
    else:
        layer.record(kinds)


def asked(scenario: Scenario, layer: Layer, ask: Item) -> Any:
    """Return the answer to a question of the kit."""
    today = scenario.expected.get("today")
    return layer.query(**({"today": today} if today else {}) | dict(ask))


def found(scenario: Scenario, layer: Layer, where: Item | None) -> list[Finding]:
    """Return what is found where the kit looks: in a check, a question, a brief, the estate, or when a record is written."""
    where = where or {"verb": "check_data"}
    try:
        match where["verb"]:
            case "check" | "check_data":
                return layer.check(data=where["verb"] == "check_data")
            case "query":
                return _of_answer(asked(scenario, layer, where["ask"]))
            case "brief":
                return list(brief(scenario, layer, where).findings)
            case "audit":
                return list(layer.audit().findings)
            case "record":
                write(layer, scenario.expected["records"][where["record"]])
                return []
    except DecisionLayerError as refused:
        return list(refused.findings)
    raise ValueError(f"the kit has no verb {where['verb']}")


def _of_answer(result: Any) -> list[Finding]:
    return list(getattr(result, "findings", ()))


def brief(scenario: Scenario, layer: Layer, item: Item) -> Any:
    """Return the brief of a decision on the day of the item, or else of the scenario."""
    today = item.get("today", scenario.expected.get("today"))
    days = {"today": _day(today), "known_on": _day(item.get("known_on"))}
    return layer.brief(item["decision"], **{key: value for key, value in days.items() if value is not None})


def brief_as_json(scenario: Scenario, layer: Layer, item: Item) -> str:
    """Return the brief as the text that ``brief --format json`` prints."""
    text: str = brief(scenario, layer, item).as_json()
    return text


def naive(scenario: Scenario, layer: Layer, item: Item) -> Any:
    """Return the walk from the governed figure to the naive one."""
    from decisionlayer.decide import naive_walk

    (metric,) = item["ask"]["metrics"]
    return naive_walk(layer, metric, **{key: value for key, value in item["ask"].items() if key != "metrics"})


def ledger(scenario: Scenario, layer: Layer, item: Item) -> Item:
    """Return the ledger of a number."""
    result = asked(scenario, layer, item["ask"])
    told: Item = result.passport(item["metric"])["ledger"]
    return told


def walked(scenario: Scenario, layer: Layer, item: Item) -> Any:
    """Return the walk between two numbers, or of a stock from its opening to its closing."""
    if "kind" in item:
        return layer.walk(item["metric"], against="opening", **item["ask"])
    shared = {key: item[key] for key in ("where", "structure") if key in item}
    return layer.walk(item["metric"], against=item["from"], **shared, **item["to"])


def prints_consistently(item: Item) -> bool:
    """Say whether printed parts and a printed total are consistent."""
    return prints_tie(item["parts"], item["total"], item["decimals"])


def _day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)
