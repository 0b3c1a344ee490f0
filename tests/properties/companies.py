"""Random companies: one to three sources, entities up to three links away, and rows with all the dirt that data has.

Keys are NULL, orphaned, half known or in several parts; tables are empty; numbers are whole, decimal and floating (quarters, so
that sums are exact); times are dates, wall clocks of three zones and points in time, around the nights in which clocks change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise, product
from typing import Any

from hypothesis import strategies as st

from tests.properties.calendars import Frame, frames
from tests.properties.choosing import Choice
from tests.properties.sentences import formula, gathers, looking, measure, pace, row_filter
from tests.worlds.made import SAID

ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Australia/Adelaide", "America/Havana")
#: Names of entities and their roles, and of sources; some are those of steps, tables and columns of the SQL that comes of it.
ENTITIES = (("store", "city", "land"), ("sales", "cells", "finished"), ("costs_cells", "stacked", "visits"))
FACTS = ("sales", "costs", "visits")
#: Names of metrics beside the plain ones: physical columns, aliases, keywords.
TAKEN = ("y", "z", "w", "id", "label", "select", "count", "cells", "sum")

#: One of them is more than two bytes hold: an engine may pack what it takes for small.
NUMBERS = (1, None, 0, 2, 3, -1, -4, 10, 70000)
DECIMALS = (Decimal("0.10"), None, Decimal("0.00"), Decimal("0.20"), Decimal("-0.30"), Decimal("12.35"), Decimal("5000.00"))
LONG_DECIMALS = (Decimal("0.0049"), None, Decimal("0.1251"), Decimal("-7.0001"))
FLOATS = (0.25, None, 0.0, 0.5, -1.75, 8.0, 4096.5)
TAGS = ("p", None, "q", "", "p%", "P")
TRUTHS = (True, None, False)
DAYS = (None, *(dt.date.fromisoformat(day) for day in (
    "2024-01-01", "2024-02-29", "2024-03-09", "2024-03-10", "2024-03-31", "2024-04-01", "2024-11-03", "2024-12-30", "2025-01-01",
)))  # fmt: skip
WALLS = (None, *(dt.datetime.fromisoformat(wall) for wall in (
    "2024-01-01T00:00:00", "2024-02-29T23:59:59", "2024-03-10T01:59:59", "2024-03-10T04:59:59", "2024-03-10T07:00:00",
    "2024-04-06T16:45:00", "2024-11-03T03:59:59", "2024-11-03T05:30:00", "2024-11-03T06:30:00", "2024-12-31T23:30:00",
    "2025-01-01T05:00:00", "2024-03-10T02:30:00", "2024-11-03T01:30:00",
)))  # fmt: skip
POINTS = tuple(wall and wall.replace(tzinfo=dt.UTC) for wall in WALLS)

#: What is measured of stocks.
ONE_AGGREGATE = ("sum(x)", "count(*)", "sum(y)", "count(distinct tag)", "max(x)", "count(x)", "avg(x)")
STOCKS = (*ONE_AGGREGATE, "sum(x) / count(*)", "sum(x) - sum(y)", "median(x)", "count(*) filter (where ok) / count(*)")

#: Where versions of an entity begin and end.
VERSIONS: Mapping[str, Sequence[object]] = {"date": DAYS[1:], "timestamp": WALLS[1:-2], "timestamptz": POINTS[1:-2]}

#: The clocks that a source may have: column, type of the column, values.
CLOCKS = {"day": ("date", DAYS), "wall": ("timestamp", WALLS), "point": ("timestamptz", POINTS)}
#: The parts of a time that dimensions are made of.
PARTS = {"day": ("day_of_week", "week", "quarter"), "wall": ("hour", "minute", "day_of_year")}
SPELT = {"varchar": "text", "double": "float", "timestamptz": "instant"}


@dataclass(frozen=True)
class Sheet:
    """A table: its columns with their SQL types, and its rows."""

    columns: Mapping[str, str]
    rows: list[tuple[Any, ...]]

    def dictionaries(self) -> list[dict[str, object]]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def declared(self) -> dict[str, str]:
        return {name: SPELT.get(kind, kind) for name, kind in self.columns.items()}


@dataclass(frozen=True)
class Company:
    """Declarations and tables, as ``worlds.made`` takes them."""

    declared: dict[str, Any]
    sheets: dict[str, Sheet]
    #: The files of its frames.
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Entity:
    """A thing with its key columns and the keys that it has."""

    name: str
    parts: Mapping[str, str]
    keys: list[tuple[object, ...]]
    has_history: bool = False

    def references(self) -> list[tuple[object, ...]]:
        """Return its keys, and keys that are unknown in part or whole, or that it does not have."""
        wild = {"varchar": (None, "z"), "integer": (None, 9)}
        return self.keys * 2 + list(product(*(wild[kind] for kind in self.parts.values())))


@st.composite
def companies(draw: st.DrawFn, *, looking: bool = False, shaped: bool = False) -> Company:
    """Draw a company. One that is ``looking`` has metrics over other times and without splits too, and a clock on every fact; one
    that is ``shaped`` has stocks and conversions besides.
    """
    return _Founder(Choice(draw), looking=looking or shaped, shaped=shaped).company()


class _Founder:
    """Makes one company, entities first, then sources, then metrics."""

    def __init__(self, choice: Choice, *, looking: bool, shaped: bool) -> None:
        self.choice = choice
        self.shaped = shaped
        self.looking = looking
        self.entities: dict[str, Entity] = {}
        self.sources: list[dict[str, Any]] = []
        self.sheets: dict[str, Sheet] = {}
        self.metrics: list[dict[str, Any]] = []
        self.frames: list[Frame] = frames(choice)
        #: Periods of calendars, of which formulas may speak.
        self.units = [unit for frame in self.frames for unit in frame.units]

    def company(self) -> Company:
        choice = self.choice
        for name in reversed(choice.among(ENTITIES)[: choice.of(1, 2, 3)]):
            self.entity(name)
        for name in FACTS[: choice.of(1, 2, 3, 2)]:
            roles = self.fact(name)
            for number in range(choice.of(1, 2, 3)):
                self.measured(self.free(f"{name}_{number}"), self.sources[-1], roles)
        for number in range(choice.of(0, 1, 2, 3)):
            text = formula(choice, [metric["metric"] for metric in self.metrics])
            self.say(f"formula_{number}", formula=text, missing=choice.of(None, None, None, "zero", "null"))
        acting = [metric["metric"] for metric in self.metrics]
        for number in range(choice.of(2, 3, 1) if self.looking else 0):
            text = looking(choice, acting, self.units)
            first = choice.of("first", "avg", None) if gathers(text) else None
            self.say(f"looking_{number}", formula=text, missing=choice.of(*[None] * 5, "zero", "null"), over_time=first)
        if self.shaped:
            before = len(self.metrics)
            self.stocks()
            # Stocks among themselves only: what adds up along time may not be divided by what stands for one instant.
            shaped = [metric["metric"] for metric in self.metrics[before:]]
            self.conversions()
            for number in range(choice.of(1, 2, 0) if shaped else 0):
                self.say(f"shaped_{number}", formula=looking(choice, shaped, self.units))
        if self.looking and choice.of(False, False, True):
            self.say("paced", formula=pace(choice, acting), unit="1/week")
        for number in range(choice.of(0, 1, 2)):
            self.translated(f"choice_{number}", acting)
        if choice.of(False, True):
            self.converted(choice.among([source for source in self.sources if "describes" not in source]))
        declared = {
            "project": {
                "name": "company",
                "timezone": choice.among(ZONES),
                "week_start": choice.of("monday", "sunday", "wednesday"),
            },
            "parties": [{"party": "desk"}, {"party": "board"}],
            "assumptions": [{"assumption": "rate", "value": 3, "unit": "1", "owner": "desk", "why": "It was so."}],
            "sources": self.sources,
            "metrics": self.metrics,
            **({"frames": [frame.declared for frame in self.frames]} if self.frames else {}),
        }
        return Company(declared, self.sheets, {name: text for frame in self.frames for name, text in frame.files.items()})

    # -- rows ------------------------------------------------------------------------------------------------------

    def entity(self, name: str) -> None:
        choice = self.choice
        parts = choice.of({"code": "varchar"}, {"number": "integer"}, {"code": "varchar", "number": "integer"})
        values = {"varchar": ("a", "b", "c"), "integer": (1, 2, 3)}
        keys = choice.several(list(product(*(values[kind] for kind in parts.values()))), 2, 3, 1, 0)
        above = choice.of(None, *self.entities)
        roles = {above: self.entities[above]} if above else {}
        linked = {f"{role}_{part}": kind for role, entity in roles.items() for part, kind in entity.parts.items()}
        kind = choice.of(None, None, "date", "timestamp", "timestamptz")
        spans: list[tuple[object, ...]] = [()]
        rows = []
        for key in keys:
            if kind is not None:
                spans = self.versions(VERSIONS[kind])
            rows += [(*key, *self.references(roles), choice.among(TAGS), choice.among(NUMBERS), *span) for span in spans]
        held = {} if kind is None else {"since": kind, "before": kind}
        sheet = Sheet({**parts, **linked, "label": "varchar", "size": "integer", **held}, rows)
        history = {"valid": {"from": "since", "to": "before"}, "history": choice.of("as_was", "as_was", "as_is")} if held else {}
        self.source(f"all_{name}", f"t_{name}", sheet, roles, list(parts), describes=name, **history, dimensions={
            "name": "label", "kind": "case when size > 1 then 'big' else 'small' end", "shown": "coalesce(label, '?')", "size": "size",
        })  # fmt: skip
        above_has = any(entity.has_history for entity in roles.values())
        self.entities[name] = Entity(name, parts, keys, has_history=kind is not None or above_has)

    def versions(self, cuts: Sequence[object]) -> list[tuple[object, ...]]:
        """Return one to three stretches that follow each other, some with a gap between them, the last one often open."""
        choice = self.choice
        edges = sorted({choice.among(cuts) for _ in range(choice.of(2, 3, 4))})  # type: ignore[type-var]
        spans = [*pairwise(edges), (edges[-1], None)]
        return [span for span in spans if choice.of(True, True, True, False)]

    def fact(self, name: str) -> dict[str, Entity]:
        choice = self.choice
        known = sorted(self.entities)
        chosen = [choice.among(known) for _ in range(choice.of(1, 2, 0))]
        twice = len(chosen) == 2 and chosen[0] == chosen[1]
        roles = {
            role: self.entities[entity]
            for role, entity in zip(("here", "there") if twice else chosen, chosen, strict=False)
        }
        timed = self.looking or any(entity.has_history for entity in roles.values())
        clocks = choice.of(("day",) if timed else (), ("day",), ("wall",), ("wall", "day"), ("day", "wall"), ("point",), ("point", "day"))
        linked = {f"{role}_{part}": kind for role, entity in roles.items() for part, kind in entity.parts.items()}
        own = {
            "x": "integer",
            "y": "decimal(18,2)",
            "z": "double",
            "tag": "varchar",
            "ok": "boolean",
            "w": "integer",
            "v": "decimal(18,4)",
        }
        rows = [
            (
                number, *self.references(roles), choice.among(NUMBERS), choice.among(DECIMALS), choice.among(FLOATS), choice.among(TAGS),
                choice.among(TRUTHS), choice.among(NUMBERS), choice.among(LONG_DECIMALS),
                *(choice.among(CLOCKS[clock][1]) for clock in clocks),
            )
            for number in range(choice.of(6, 8, 7, 9, 5, 3, 1, 0))
        ]  # fmt: skip
        sheet = Sheet({"id": "integer", **linked, **own, **{clock: CLOCKS[clock][0] for clock in clocks}}, rows)
        dated = {
            f"{part}_of_{clock}": f"{part}({clock})" for clock in clocks if clock != "point" for part in PARTS[clock]
        }
        self.source(name, name, sheet, roles, ["id"], time={clock: self.clock(clock) for clock in clocks}, dimensions={
            "tag": "tag", "level": "case when x > 1 then 'high' else 'low' end", "is_ok": "ok", "x": "x", **dated,
            "said": "upper(trim(tag)) || '-' || substring(tag, 1, 1)", "step": "floor(y * 2)", "dear": "case when y > 12 then 'dear' end",
        })  # fmt: skip
        return roles

    def references(self, roles: Mapping[str, Entity]) -> tuple[object, ...]:
        return tuple(part for entity in roles.values() for part in self.choice.among(entity.references()))

    def clock(self, name: str) -> dict[str, str]:
        if name == "day":
            return {"grain": "day"}
        zone = self.choice.of(None, "UTC", "Asia/Kolkata", "America/New_York") if name == "wall" else None
        return {"grain": "second"} if zone is None else {"grain": "second", "zone": zone}

    def source(
        self, name: str, table: str, sheet: Sheet, roles: Mapping[str, Entity], key: list[str], **more: object
    ) -> None:
        links = {
            role: {"entity": one.name, "columns": [f"{role}_{part}" for part in one.parts]}
            for role, one in roles.items()
        }
        self.sheets[table] = sheet
        self.sources.append({
            "source": name, "one_row_is": "one row", "table": table, "key": key, "links": links, "columns": sheet.declared(),
            "owner": "desk", **more,
        })  # fmt: skip

    # -- metrics ---------------------------------------------------------------------------------------------------

    def free(self, plain: str) -> str:
        """Return the plain name, or one that something else bears in the SQL."""
        used = {metric["metric"] for metric in self.metrics} | set(self.entities)
        return self.choice.among([plain] * 20 + [name for name in TAKEN if name not in used])

    def say(self, name: str, **keys: object) -> None:
        self.metrics.append(
            {"metric": name, "title": name, **SAID, **{key: value for key, value in keys.items() if value is not None}}
        )

    def measured(self, name: str, source: dict[str, Any], roles: Mapping[str, Entity]) -> None:
        choice, walked = self.choice, sorted(roles)
        measured = measure(choice, walked)
        self.say(
            name, source=source["source"], measure=measured, nulls="skip" if measured == "sum(x * 2 - y)" else None, clock=choice.of(None, *source["time"]),
            population=choice.of(None, None, None, row_filter(choice, walked)),
            where=choice.of(None, None, None, row_filter(choice, walked)),
            missing=choice.of(None, None, None, "zero", "null"), decimals=choice.of(None, None, None, 1),
        )  # fmt: skip

    def stocks(self) -> None:
        """Add stocks: what is measured at each instant of a clock, and taken along time in one way or another."""
        choice = self.choice
        facts = [source for source in self.sources if "describes" not in source]
        for number in range(choice.of(1, 2)):
            source = choice.among(facts)
            how = choice.of("last", "avg", "first", "min", "max", "each")
            along = {"last_of_each": choice.of("tag", ["tag", "is_ok"])} if how == "each" else {"over_time": how}
            self.say(
                f"stock_{number}", source=source["source"], clock=choice.of(*source["time"]), **along,
                measure=choice.among(ONE_AGGREGATE if how in ("min", "max") else STOCKS),
                population=choice.of(None, None, row_filter(choice)), where=choice.of(None, None, row_filter(choice)),
            )  # fmt: skip

    def conversions(self) -> None:
        """Add a share of rows that are followed by rows of the same entity, where two facts share one."""
        choice = self.choice
        facts = [source for source in self.sources if "describes" not in source]
        pairs = [
            (one, other, link["entity"])
            for one in facts
            for other in facts
            if one is not other
            for role, link in one["links"].items()
            if role in other["links"] and role == link["entity"]
        ]
        if not pairs:
            return
        one, other, entity = choice.among(pairs)
        said: dict[str, Any] = {
            "from": one["source"], "to": choice.of(other["source"], {"source": other["source"], "where": row_filter(choice)}),
            "entity": entity, "within": choice.of("7 days", "1 day", "1 month", "30 days"), "give": choice.of("share", "converted", "open", "closed"),
            **choice.of({}, {"same": ["tag"]}),
        }  # fmt: skip
        self.say("followed", conversion=said, where=choice.of(None, row_filter(choice)))

    def translated(self, name: str, acting: list[str]) -> None:
        """Add a metric for choosing over one to three terms, each of which may narrow, or replace the population."""
        choice = self.choice
        above = [metric["metric"] for metric in self.metrics if metric["purpose"] == "choice"]
        terms: dict[str, object] = {}
        for number in range(choice.of(1, 2, 3)):
            said = {
                "from": choice.among([*acting, *above]), "population": choice.of(None, None, "all", row_filter(choice)),
                "where": choice.of(None, None, row_filter(choice)),
            }  # fmt: skip
            terms[f"term_{number}"] = {key: value for key, value in said.items() if value is not None}
        translation = {"owner": "board", "why": "It is so.", "loses": "Something.", "terms": terms}
        text = formula(choice, sorted(terms), all_of_them=True)
        self.say(name, purpose="choice", formula=text, translation=translation, missing=choice.of(None, None, "zero"))

    def converted(self, source: dict[str, Any]) -> None:
        """Add minutes of one source for acting, and the same in hours for choosing, alone and against a pure number."""
        choice = self.choice
        source["columns"]["w"] = {"type": "integer", "unit": "minute"}
        self.say(
            "minutes",
            source=source["source"],
            measure="sum(w)",
            unit="minute",
            where=choice.of(None, row_filter(choice)),
        )
        said = {"owner": "board", "why": "It is so.", "loses": "Something."}
        term = {"from": "minutes", "to": "hour", **choice.of({}, {"where": row_filter(choice)})}
        self.say("hours", purpose="choice", unit="hour", translation={**said, **term})
        self.say(
            "hours_twice",
            purpose="choice",
            unit="hour",
            formula="h - hours * -1",
            translation={**said, "terms": {"h": term}},
        )
