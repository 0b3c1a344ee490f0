"""Random companies: two to four sources, entities up to three links away, and rows with all the dirt that data has.

Keys are NULL, orphaned, half known or in several parts; tables are empty; numbers are whole, decimal and floating (quarters, so
that sums are exact); times are dates, wall clocks of three zones and points in time, around the nights in which clocks change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.properties.sentences import formulas, measures, row_filters
from tests.worlds.made import SAID

ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Australia/Adelaide")
ENTITIES = ("store", "city", "land")
FACTS = ("sales", "costs", "visits", "trips")

NUMBERS = st.sampled_from((None, 0, 1, 2, 3, -1, -4, 10))
DECIMALS = st.sampled_from(
    (None, Decimal("0.00"), Decimal("0.10"), Decimal("0.20"), Decimal("-0.30"), Decimal("12.35"))
)
FLOATS = st.sampled_from((None, 0.0, 0.25, 0.5, -1.75, 8.0))
TAGS = st.sampled_from((None, "p", "q", "", "p%", "P"))
DAYS = st.sampled_from((None, *(dt.date.fromisoformat(day) for day in (
    "2024-01-01", "2024-02-29", "2024-03-09", "2024-03-10", "2024-03-31", "2024-04-01", "2024-11-03", "2024-12-30",
    "2025-01-01",
))))  # fmt: skip
WALLS = st.sampled_from((None, *(dt.datetime.fromisoformat(wall) for wall in (
    "2024-01-01T00:00:00", "2024-02-29T23:59:59", "2024-03-10T01:59:59", "2024-03-10T04:59:59", "2024-03-10T07:00:00",
    "2024-04-06T16:45:00",
    "2024-11-03T03:59:59", "2024-11-03T05:30:00", "2024-11-03T06:30:00", "2024-12-31T23:30:00", "2025-01-01T05:00:00",
))))  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """A table: its columns with their SQL types, and its rows."""

    columns: Mapping[str, str]
    rows: list[tuple[object, ...]]

    def dictionaries(self) -> list[dict[str, object]]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Company:
    """Declarations and tables, as ``worlds.made`` takes them."""

    declared: dict[str, Any]
    sheets: dict[str, Sheet]


@dataclass
class _Entity:
    name: str
    parts: tuple[tuple[str, str], ...]  # key columns with their SQL types
    keys: list[tuple[object, ...]] = field(default_factory=list)


@st.composite
def companies(draw: st.DrawFn) -> Company:
    """Draw a company."""
    zone = draw(st.sampled_from(ZONES))
    project = {
        "name": "company",
        "timezone": zone,
        "week_start": draw(st.sampled_from(("monday", "sunday", "wednesday"))),
    }
    sources: list[dict[str, Any]] = []
    sheets: dict[str, Sheet] = {}
    entities: dict[str, _Entity] = {}
    for name in reversed(ENTITIES[: draw(st.integers(1, 3))]):
        _add_entity(draw, name, entities, sources, sheets)
    metrics: list[dict[str, Any]] = []
    for name in FACTS[: draw(st.integers(1, 3))]:
        roles = _add_fact(draw, name, entities, sources, sheets)
        for number in range(draw(st.integers(1, 3))):
            metrics.append(_measured(draw, f"{name}_{number}", name, roles, sources[-1]))
    measured = [metric["metric"] for metric in metrics]
    for number in range(draw(st.integers(0, 3))):
        known = [metric["metric"] for metric in metrics]
        missing = draw(st.sampled_from((None, None, None, "zero", "null")))
        metrics.append(_said(f"formula_{number}", formula=draw(formulas(known)), missing=missing))
    acting = [metric["metric"] for metric in metrics]
    for number in range(draw(st.integers(0, 2))):
        metrics.append(_translated(draw, f"choice_{number}", acting, measured))
    declared = {
        "project": project, "parties": [{"party": "desk"}, {"party": "board"}], "sources": sources, "metrics": metrics,
        "assumptions": [{"assumption": "rate", "value": 3, "unit": "1", "owner": "desk", "why": "It was so."}],
    }  # fmt: skip
    return Company(declared, sheets)


def _said(name: str, **keys: object) -> dict[str, Any]:
    return {"metric": name, "title": name, **SAID, **{key: value for key, value in keys.items() if value is not None}}


def _add_entity(
    draw: st.DrawFn, name: str, entities: dict[str, _Entity], sources: list[dict[str, Any]], sheets: dict[str, Sheet]
) -> None:
    kind = draw(st.sampled_from(("text", "integer", "both")))
    parts = {
        "text": (("code", "varchar"),),
        "integer": (("number", "integer"),),
        "both": (("code", "varchar"), ("number", "integer")),
    }[kind]
    entity = _Entity(name, parts)
    entity.keys = draw(st.lists(_key(parts), min_size=draw(st.sampled_from((2, 3, 1, 0))), max_size=3, unique=True))
    above = draw(st.sampled_from((None, *entities))) if entities else None
    links, columns, types = _links((above and {above: entities[above]}) or {})
    rows = [(*key, *(part for link in links.values() for part in draw(_reference(entities[link["entity"]]))),
             draw(TAGS), draw(NUMBERS)) for key in entity.keys]  # fmt: skip
    physical = {**dict(parts), **columns, "label": "varchar", "size": "integer"}
    sheets[name] = Sheet(physical, rows)
    sources.append({
        "source": f"all_{name}", "one_row_is": f"one {name}",
        "describes": name, "table": name, "key": [part for part, _ in parts],
        "links": links, "columns": {**_declared(dict(parts)), **types, "label": "text", "size": "integer"}, "owner": "desk",
        "dimensions": {"name": "label", "kind": "case when size > 1 then 'big' else 'small' end",
        "shown": "coalesce(label, '?')", "size": "size"},
    })  # fmt: skip
    entities[name] = entity


def _key(parts: tuple[tuple[str, str], ...]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.tuples(
        *(st.sampled_from(("a", "b", "c")) if kind == "varchar" else st.integers(1, 3) for _, kind in parts)
    )


def _reference(entity: _Entity) -> st.SearchStrategy[tuple[object, ...]]:
    """Draw a key of the entity, a key that it does not have, or one that is unknown in part or whole."""
    wild = st.tuples(
        *(
            st.sampled_from((None, "a", "z")) if kind == "varchar" else st.sampled_from((None, 1, 9))
            for _, kind in entity.parts
        )
    )
    return st.one_of(st.sampled_from(entity.keys), wild) if entity.keys else wild


def _links(roles: Mapping[str, _Entity]) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    links, columns = {}, {}
    for role, entity in roles.items():
        named = {f"{role}_{part}": kind for part, kind in entity.parts}
        links[role] = {"entity": entity.name, "columns": list(named)}
        columns |= named
    return links, columns, _declared(columns)


def _declared(columns: Mapping[str, str]) -> dict[str, str]:
    return {name: {"varchar": "text"}.get(kind, kind) for name, kind in columns.items()}


def _add_fact(
    draw: st.DrawFn, name: str, entities: dict[str, _Entity], sources: list[dict[str, Any]], sheets: dict[str, Sheet]
) -> dict[str, _Entity]:
    chosen = draw(st.lists(st.sampled_from(sorted(entities)), min_size=draw(st.sampled_from((1, 2, 0))), max_size=2))
    roles = {entity: entities[entity] for entity in chosen}
    if len(chosen) == 2 and chosen[0] == chosen[1]:
        roles = {"here": entities[chosen[0]], "there": entities[chosen[0]]}
    links, columns, types = _links(roles)
    clocks = draw(
        st.sampled_from(((), ("day",), ("wall",), ("wall", "day"), ("day", "wall"), ("point",), ("point", "day")))
    )
    kinds = {"day": "date", "wall": "timestamp", "point": "timestamptz"}
    time = {clock: _clock(draw, clock) for clock in clocks}
    physical = {"id": "integer", **columns, "x": "integer", "y": "decimal(18,2)", "z": "double", "tag": "varchar",
    "ok": "boolean",
                **{clock: kinds[clock] for clock in clocks}}  # fmt: skip
    rows = []
    for number in range(draw(st.sampled_from((5, 6, 4, 7, 3, 2, 1, 0)))):
        keys = tuple(part for role in roles.values() for part in draw(_reference(role)))
        times = tuple(draw(_moment(clock)) for clock in clocks)
        rows.append(
            (
                number,
                *keys,
                draw(NUMBERS),
                draw(DECIMALS),
                draw(FLOATS),
                draw(TAGS),
                draw(st.sampled_from((None, True, False))),
                *times,
            )
        )
    sheets[name] = Sheet(physical, rows)
    declared_types = {"id": "integer", **types, "x": "integer", "y": "decimal(18,2)", "z": "float", "tag": "text",
    "ok": "boolean",
                      **{clock: {"day": "date", "wall": "timestamp",
                      "point": "instant"}[clock] for clock in clocks}}  # fmt: skip
    sources.append({
        "source": name, "one_row_is": "one row",
        "table": name, "key": ["id"], "time": time, "links": links, "columns": declared_types,
        "owner": "desk", "dimensions": {"tag": "tag", "level": "case when x > 1 then 'high' else 'low' end",
        "is_ok": "ok", "x": "x"},
    })  # fmt: skip
    return roles


def _clock(draw: st.DrawFn, clock: str) -> dict[str, str]:
    if clock == "day":
        return {"grain": "day"}
    zone = draw(st.sampled_from((None, "UTC", "Asia/Kolkata"))) if clock == "wall" else None
    return {"grain": "second"} if zone is None else {"grain": "second", "zone": zone}


def _moment(clock: str) -> st.SearchStrategy[object]:
    if clock == "day":
        return DAYS
    return WALLS if clock == "wall" else WALLS.map(lambda wall: wall and wall.replace(tzinfo=dt.UTC))


def _measured(
    draw: st.DrawFn, name: str, source: str, roles: Mapping[str, _Entity], declared: dict[str, Any]
) -> dict[str, Any]:
    walked = sorted(roles)
    measure = draw(measures(walked))
    clock = draw(st.sampled_from((None, *declared["time"]))) if declared["time"] else None
    return _said(
        name, source=source, measure=measure, clock=clock,
        population=draw(st.none() | row_filters(walked)), where=draw(st.none() | row_filters(walked)),
        missing=draw(st.sampled_from((None, None, None, "zero", "null"))),
    )  # fmt: skip


def _translated(draw: st.DrawFn, name: str, acting: list[str], measured: list[str]) -> dict[str, Any]:
    """Draw a metric for choosing over one to three terms, each of which may narrow, or replace the population."""
    terms: dict[str, object] = {}
    for number in range(draw(st.integers(1, 3))):
        term: dict[str, object] = {"from": draw(st.sampled_from(acting))}
        population = draw(st.none() | st.just("all") | row_filters([]))
        where = draw(st.none() | row_filters([]))
        terms[f"term_{number}"] = {
            **term,
            **({"population": population} if population else {}),
            **({"where": where} if where else {}),
        }
    translation = {"owner": "board", "why": "It is so.", "loses": "Something.", "terms": terms}
    return _said(
        name, purpose="choice", formula=draw(formulas(sorted(terms), all_of_them=True)), translation=translation
    )
