"""Random reporting lines that name the unit above, in a file and in the warehouse, beside the same line with its levels written out by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.choosing import Choice
from tests.properties.companies import Company, Sheet
from tests.properties.opening import opened, show
from tests.properties.pace import QUESTIONS, TALLY, examples
from tests.reference.same import same_rows
from tests.worlds.made import metric

UNITS = ("ann", "bob", "cem", "dan", "eve", "fay", "gus")
LEVELS = ("one", "two", "three", "four")
DAYS = [dt.date(2024, 1, 1) + dt.timedelta(far) for far in (0, 14, 31, 45, 60, 90, 366)]
#: Before and after every line.
EVER = (dt.date(2000, 1, 1), dt.date(2100, 1, 1))
#: A unit, who stands above it, from and until when.
Line: TypeAlias = tuple[str, str | None, dt.date | None, dt.date | None]


@st.composite
def companies(draw: st.DrawFn) -> Company:
    """Draw people with hours, and one reporting line of theirs told three times: ``file``, ``walked`` by the warehouse, and ``flat``."""
    choice = Choice(draw)
    lines = _lines(choice)
    levels = list(LEVELS[: choice.of(3, 2, 1, 4)])
    said: dict[str, Any] = {"one_row_is": "one row", "owner": "desk"}
    kept = {"person": "text", "boss": "text", "valid_from": "date", "valid_to": "date"}
    frame = {"owner": "desk"}
    declared = {
        "project": {"name": "parents", "timezone": "UTC"},
        "parties": [{"party": "desk"}],
        "sources": [
            {"source": "staff", "describes": "person", "table": "staff", "key": ["person"], "columns": {"person": "text"}, **said},
            {
                "source": "hours", "table": "hours", "key": ["id"], "time": {"day": "day"}, "links": {"person": "person"},
                "columns": {"id": "integer", "person": "text", "day": "date", "amount": "integer"}, **said,
            },
            {
                "source": "kept", "table": "kept", "key": ["person", "valid_from"], "columns": kept, "valid": {"from": "valid_from", "to": "valid_to"},
                "links": {"person": "person", "boss": {"entity": "person", "column": "boss"}}, **said,
            },
        ],
        "frames": [
            {"frame": "filed", "hierarchy": {"of": "person", "file": "filed.csv", "parent": "boss", "levels": levels}, **frame},
            {"frame": "walked", "hierarchy": {"of": "person", "source": "kept", "parent": "boss", "levels": levels}, **frame},
            {"frame": "flat", "hierarchy": {"of": "person", "file": "flat.csv", "levels": levels}, **frame},
        ],
        "metrics": [
            metric("worked", source="hours", measure="sum(amount)"), metric("people", source="hours", measure="count(distinct person)"),
            metric("before", formula="prior(worked, '1 month')"), metric("so_far", formula="to_date(worked, year)"),
        ],
    }  # fmt: skip
    hours = [
        (number, choice.of(*UNITS, None, "zed"), choice.of(*DAYS, None), choice.of(1, None, 2, 4, 8, -3)) for number in range(choice.of(8, 12, 3, 0))
    ]
    # A row of a table that never began does not hold; an empty cell of a file is open.
    in_table: list[tuple[Any, ...]] = [(unit, boss, since or EVER[0], until) for unit, boss, since, until in lines]
    sheets = {
        "staff": Sheet({"person": "varchar"}, [(unit,) for unit in UNITS]),
        "hours": Sheet({"id": "integer", "person": "varchar", "day": "date", "amount": "integer"}, list(hours)),
        "kept": Sheet({"person": "varchar", "boss": "varchar", "valid_from": "date", "valid_to": "date"}, in_table),
    }
    return Company(declared, sheets, {
        "filed.csv": _csv(("person", "boss", "valid_from", "valid_to"), lines),
        "flat.csv": _csv(("person", *levels, "valid_from", "valid_to"), written_out(lines, len(levels))),
    })  # fmt: skip


def _lines(choice: Choice) -> list[Line]:
    """Return a line in which nobody stands below who comes later in the alphabet, some move, and some stand in none for a while."""
    found: list[Line] = []
    for place, unit in enumerate(UNITS):
        edges = sorted(choice.several(DAYS[1:], 0, 0, 1, 2))
        for since, until in zip((choice.of(None, None, DAYS[1]), *edges), (*edges, choice.of(None, None, dt.date(2025, 6, 1))), strict=True):
            is_one = since is None or until is None or since < until
            if is_one and choice.of(True, True, True, True, False):
                found.append((unit, choice.of(*UNITS[:place][-2:], *UNITS[:place], None), since, until))
    return found


def written_out(lines: Sequence[Line], levels: int) -> list[tuple[object, ...]]:
    """Return the same line with a unit for each level: the steps from the top, the last one repeated, stretch by stretch."""
    edges = sorted({*EVER, *(day for line in lines for day in line[2:] if day is not None)})
    found: list[tuple[object, ...]] = []
    for since, until in pairwise(edges):
        above = {unit: boss for unit, boss, first, after in lines if (first or EVER[0]) <= since < (after or EVER[1])}
        for unit in above:
            steps = [unit]
            while steps[0] in above and (boss := above[steps[0]]) is not None:
                steps.insert(0, boss)
            if steps[0] in above:
                found.append((unit, *(steps[min(level, len(steps) - 1)] for level in range(levels)), since, until))
    return found


def _csv(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    return "".join(",".join("" if value is None else str(value) for value in row) + "\n" for row in (columns, *rows))


@st.composite
def questions(draw: st.DrawFn, levels: Sequence[str]) -> dict[str, Any]:
    """Draw a question whose paths begin with ``LINE``."""
    choice = Choice(draw)
    period = choice.several(["month", "quarter", "year", "day"], 1, 1, 0)
    metrics = choice.several(["worked", "people"] if not period or period == ["day"] else ["worked", "people", "before", "so_far"], 1, 2)
    question: dict[str, Any] = {"metrics": metrics, "by": [*period, *(f"LINE.{level}" for level in choice.several(levels, 1, 2))]}
    settled: list[dict[str, Any]] = [{"structure": {"at": str(choice.among(DAYS))}}, {"structure": "as_is"}, {"structure": "as_was"}]
    question |= choice.of(*settled, *([] if {"before", "so_far"} & {*metrics} else [{}, {}]))
    question |= {"today": choice.of("2025-07-01", "2024-02-14")}
    if choice.of(0, 0, 1):
        question["where"] = choice.of("LINE.one = 'ann'", "not (LINE.one = 'bob')", "LINE.one is null")
    if choice.of(0, 0, 1) and {*metrics} <= {"worked", "people"}:  # the others need a period at each level
        question["totals"] = True
    return question


@examples(60)
@given(company=companies(), data=st.data())
def test_who_stands_above_whom_says_the_levels(warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject) -> None:
    with opened(warehouse, company) as (layer, _):
        for _ in range(QUESTIONS):
            drawn = data.draw(questions(tuple(layer.model.hierarchies["flat"].levels)))
            show(company, drawn)
            answers = {line: _rows(layer.query(**_over(drawn, line)).rows()) for line in ("flat", "filed", "walked")}
            TALLY["compared"] += 1
            for line in ("filed", "walked"):
                assert same_rows(answers[line], answers["flat"]), f"\n{line} {answers[line]}\nflat {answers['flat']}"


def _over(question: Mapping[str, Any], line: str) -> dict[str, Any]:
    def of_line(value: Any) -> Any:
        return value.replace("LINE", line) if isinstance(value, str) else [of_line(each) for each in value] if isinstance(value, list) else value

    return {key: of_line(value) for key, value in question.items()}


def _rows(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return rows without the names of lines, which the column ``level`` of totals bears."""
    bare = [tuple(value.replace("flat.", "").replace("filed.", "").replace("walked.", "") if isinstance(value, str) else value for value in row) for row in rows]
    return sorted(bare, key=repr)
