"""A metric is never read finer than somebody answers for: not by a split, a filter, a range, another spelling or another metric's side."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from decisionlayer import DecisionLayerError
from decisionlayer.layer import Layer
from tests.worlds.made import choice, made, metric, shop

TABLES = """
create table flights (id integer, day date, origin varchar, dest varchar, seats integer);
create table airports (code varchar, name varchar, city varchar);
create table readings (id integer, day date, airport varchar, rain integer);
insert into flights values (1, '2024-01-01', 'A', 'B', 1), (2, '2024-01-31', 'A', 'C', 2), (3, '2024-02-10', 'B', 'A', 4);
insert into airports values ('A', 'Abel', 'X'), ('B', 'Bell', 'X'), ('C', 'Cole', 'Y');
insert into readings values (1, '2024-01-05', 'A', 8), (2, '2024-02-05', 'C', 16);
"""
SWITCH = {"owner": "board", "why": "The board looks at airports.", "loses": "The day and where it went."}


@cache
def layer() -> Layer:
    def source(name: str, key: str, columns: dict[str, str], **more: object) -> dict[str, Any]:
        return {
            "source": name,
            "one_row_is": "a row",
            "table": name,
            "key": [key],
            "columns": columns,
            "owner": "desk",
            **more,
        }

    sources = [
        source(
            "flights", "id", {"id": "integer", "day": "date", "origin": "text", "dest": "text", "seats": "integer"}, time={"day": "day"},
            links={"origin": {"entity": "airport", "column": "origin"}, "destination": {"entity": "airport", "column": "dest"}},
            dimensions={"size": "case when seats > 1 then 'large' else 'small' end"},
        ),
        source("airports", "code", {"code": "text", "name": "text", "city": "text"}, describes="airport", dimensions={"name": "name", "city": "city"}),
        source(
            "readings", "id", {"id": "integer", "day": "date", "airport": "text", "rain": "integer"}, time={"day": "day"},
            links={"airport": "airport"},
        ),
    ]  # fmt: skip
    metrics = [
        metric("seats", measure="sum(seats)", source="flights"),
        metric("rain", measure="sum(rain)", source="readings"),
        metric("rain_of_the_firm", measure="sum(rain)", source="readings", grain={"time": "month", "by": []}),
        choice(
            "offer",
            grain={"time": "month", "by": ["origin"]},
            formula="s",
            translation={**SWITCH, "terms": {"s": "seats"}},
        ),
        choice("by_city", grain={"time": "month", "by": ["origin.city"]}, translation={**SWITCH, "from": "seats"}),
        choice("weekly", grain={"time": "week", "by": []}, translation={**SWITCH, "from": "seats"}),
        choice("share", formula="offer / by_city"),
    ]
    return made(Path(mkdtemp()), shop(*metrics, sources=sources), TABLES)


def test_the_world_is_in_order() -> None:
    assert [found.render() for found in layer().check() if found.is_error] == []


@pytest.mark.parametrize(("question", "rows"), [
    ({"metrics": ["offer"], "by": ["origin"]}, [("A", 3), ("B", 4)]),
    ({"metrics": ["offer"], "by": ["origin.name"]}, [("Abel", 3), ("Bell", 4)]),
    ({"metrics": ["offer"], "by": ["origin.city"]}, [("X", 7)]),
    ({"metrics": ["offer"], "where": "origin.name = 'Abel'"}, [(3,)]),
    ({"metrics": ["offer", "rain"], "by": ["origin"]}, [("A", 3, 8), ("B", 4, None), ("C", None, 16)]),
    ({"metrics": ["by_city"], "by": ["origin.city"]}, [("X", 7)]),
    ({"metrics": ["offer"], "start": "2024-01", "end": "2024-01"}, [(3,)]),
    ({"metrics": ["offer"], "start": "2024-01-01", "end": "2024-01-31"}, [(3,)]),
    ({"metrics": ["offer"], "by": ["quarter"]}, [(dt.date(2024, 1, 1), 7)]),
    ({"metrics": ["share"], "by": ["origin.city"]}, [("X", 1.0)]),
    ({"metrics": ["offer"], "where": "month = '2024-01-01'"}, [(3,)]),
    ({"metrics": ["rain_of_the_firm"]}, [(24,)]),
])  # fmt: skip
def test_what_is_coarse_enough_is_answered(question: dict[str, Any], rows: object) -> None:
    assert layer().query(**question).rows() == rows


@pytest.mark.parametrize("question", [
    {"metrics": ["offer"], "by": ["destination"]},
    {"metrics": ["offer"], "by": ["destination.name"]},
    {"metrics": ["offer"], "by": ["size"]},
    {"metrics": ["offer"], "where": "destination.name = 'Bell'"},
    {"metrics": ["offer"], "where": "origin = 'A' or size = 'small'"},
    {"metrics": ["offer"], "where": "size is null"},
    {"metrics": ["offer"], "by": ["day"]},
    {"metrics": ["offer"], "by": ["week"]},
    {"metrics": ["offer"], "where": "day = '2024-01-01'"},
    {"metrics": ["offer"], "where": "week >= '2024-01-01'"},
    {"metrics": ["offer"], "start": "2024-01-15"},
    {"metrics": ["offer"], "end": "2024-01-15"},
    {"metrics": ["offer"], "start": "2024-W03", "end": "2024-W03"},
    {"metrics": ["by_city"], "by": ["origin"]},
    {"metrics": ["by_city"], "by": ["origin.name"]},
    {"metrics": ["by_city"], "where": "origin = 'A'"},
    {"metrics": ["weekly"], "by": ["month"]},
    {"metrics": ["weekly"], "by": ["year"]},
    {"metrics": ["weekly"], "start": "2024-02"},
    {"metrics": ["share"], "by": ["origin"]},
    {"metrics": ["share"], "by": ["day"]},
    {"metrics": ["rain_of_the_firm"], "by": ["airport"]},
    {"metrics": ["rain_of_the_firm"], "where": "airport.name = 'Abel'"},
    {"metrics": ["seats", "rain_of_the_firm"], "by": ["origin"]},
    {"metrics": ["seats", "offer"], "by": ["origin", "size"]},
    {"metrics": ["seats", "offer"], "by": ["size"]},
    {"metrics": ["offer"], "by": ["origin.name"], "paths": {"origin.name": {"offer": "destination.name"}}},
    {"metrics": ["offer"], "by": ["origin.name"], "paths": {"origin.name": {"flights": "destination"}}},
])  # fmt: skip
def test_what_is_finer_is_refused(question: dict[str, Any]) -> None:
    with pytest.raises(DecisionLayerError) as refused:
        layer().query(**question)
    assert set(refused.value.codes) <= {"finer-than-grain", "unreachable-dimension"}, refused.value


def test_the_refusal_names_what_answers_and_what_was_lost() -> None:
    with pytest.raises(DecisionLayerError) as refused:
        layer().query(metrics=["offer"], by=["destination"])
    said = str(refused.value)
    assert "seats" in said and "where it went" in said
