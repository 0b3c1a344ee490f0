"""Random nestings: one function along time within another, three deep and over three sources, whose rows lie where months and years end."""

from __future__ import annotations

import copy
import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from decisionlayer import DeclarationError, QueryError
from tests.properties.calendars import frames
from tests.properties.choosing import Choice
from tests.properties.opening import UNSOUND
from tests.properties.pace import QUESTIONS, TALLY, examples
from tests.properties.sentences import gathers
from tests.reference.answer import answer_of
from tests.reference.same import same_rows
from tests.reference.walks import Unanswerable
from tests.worlds import rows_of
from tests.worlds.made import made, metric, shop

DAYS = [dt.date.fromisoformat(day) for day in (
    "2023-01-28", "2023-02-04", "2023-02-28", "2023-03-31", "2023-12-31", "2024-01-27", "2024-01-30", "2024-01-31", "2024-02-03", "2024-02-04",
    "2024-02-28", "2024-02-29", "2024-03-01", "2024-03-02", "2024-03-10", "2024-03-29", "2024-03-30", "2024-03-31", "2024-04-30", "2024-05-05",
    "2025-02-01", "2025-02-28", "2025-03-31",
)]  # fmt: skip
#: With these alone the data end before many a range begins.
EARLY = DAYS[: DAYS.index(dt.date(2024, 3, 10)) + 1]
EDGES = ["2024-01-01", "2024-01-31", "2024-02-01", "2024-02-04", "2024-02-29", "2024-03-01", "2024-03-30", "2024-03-31", "2024-04-30", "2024-12-31", "2025-03-31"]
PERIODS = ["week", "month", "quarter", "year"]
LENGTHS = ["1 day", "7 days", "2 weeks", "1 month", "2 months", "1 quarter", "1 year", "13 months", "36 hours", "53 weeks"]
MEASURES = ["sold", "times", "kinds", "cost", "bills", "stock", "held", "gain", "each", "(sold - prior(cost, '1 month'))"]
REFUSED = {"not-built", "needs-period", "finer-than-grain", "unequal-periods", "bad-question", "not-comparable", *UNSOUND}  # a bad question tells both
HOURS = ["hour", "2 hours", "6 hours"]
TIMES = ["00:00:00", "04:30:00", "05:00:00", "12:59:00", "23:59:59"]


def rows(choice: Choice, *, by_clock: bool) -> str:
    """Return rows on some of the days, a power of two each, so that a sum tells which it read."""
    days = choice.several(choice.of(DAYS, DAYS, EARLY), choice.of(2, 3, 5, 8))
    values = enumerate((*days, choice.among(days)))
    times = [(number, f"{day} {choice.among(TIMES)}" if by_clock else day) for number, day in values]
    return ", ".join(f"({number}, '{when}', '{choice.of('A', 'B')}', {2**number})" for number, when in times)


def formula(choice: Choice, units: list[str], known: list[str]) -> str:
    """Return one to three functions around a measure, or around a formula that is known already."""
    text = choice.among([*MEASURES, *known])
    lengths = [*LENGTHS, *(f"{choice.of('1', '2')} {unit}" for unit in units)]
    for _ in range(choice.of(1, 2, 3)):
        look = choice.of("prior", "prior", "trailing", "to_date", "period_start", "all_time", "total")
        match look:
            case "prior" | "trailing":
                text = f"{look}({text}, '{choice.among(lengths)}')"
            case "to_date" | "period_start":
                text = f"{look}({text}, {choice.among([*PERIODS, *units])})"
            case "total":
                text = choice.of(f"total({text})", f"total({text}, all)")
            case _:
                text = f"{look}({text})"
    return f"{text} {choice.of('+', '-')} {choice.of('sold', 'cost', 'stock')}" if choice.of(False, False, True) else text


def declared(choice: Choice, *, by_clock: bool) -> tuple[dict[str, Any], dict[str, str], list[str]]:
    """Return a shop with sales, costs and shelves, its files, and the periods of its calendars."""
    calendars = frames(choice)
    units = [unit for calendar in calendars for unit in calendar.units]
    stock = {"source": "shelves", "over_time": choice.of("last", "first", "avg", "min", "max")}
    metrics = [
        metric("sold", measure="sum(amount)"), metric("times", measure="count(*)"), metric("kinds", measure="count(distinct shop)"),
        metric("cost", source="costs", measure="sum(amount)"), metric("bills", source="costs", measure="count(*)", missing="null"),
        metric("stock", measure="sum(amount)", **stock), metric("held", source="shelves", measure="count(*)", over_time="last"),
        metric("gain", formula="sold - cost"), metric("each", formula="sold / times"),
    ]  # fmt: skip
    for number in range(6):
        text = formula(choice, units, [f"m{before}" for before in range(number)])
        more = {"missing": choice.of("zero", "null")} if choice.of(False, False, False, True) else {}
        if gathers(text) and choice.of(False, True):
            more["over_time"] = choice.of("first", "avg", "last")
        metrics.append(metric(f"m{number}", formula=text, **more))
    said = shop(*metrics, frames=[dict(calendar.declared) for calendar in calendars])
    said["project"] |= {"timezone": choice.of("UTC", "America/Havana", "Europe/Berlin"), "week_start": choice.of("monday", "sunday")}
    sales = said["sources"][0]
    for name, one, more in (("costs", "one bill", {}), ("shelves", "one shelf on one day", {"snapshot": True})):
        said["sources"].append({**copy.deepcopy(sales), "source": name, "table": name, "one_row_is": one, **more})
    if by_clock:
        sales["columns"]["day"] = "timestamp"
        sales["time"] = {"day": {"grain": "second", "zone": "UTC"}}
    return said, {name: text for calendar in calendars for name, text in calendar.files.items()}, units


def question(choice: Choice, units: list[str], *, by_clock: bool) -> dict[str, Any]:
    periods = [*PERIODS, "day", "day", *units, *(HOURS if by_clock else [])]
    period = choice.among(periods)
    by = choice.of([period], [period], [period, "shop"], ["shop"], [])
    asked: dict[str, Any] = {"metrics": [f"m{choice.of(*range(6))}"], "by": by}
    if choice.of(False, False, True):
        asked["metrics"] += [choice.of("sold", "stock", "cost")]
    if period not in by or choice.of(False, True):
        start, end = sorted(choice.several(EDGES, 2))
        asked |= choice.of({"start": start, "end": end}, {"start": start}, {"end": end}, {"start": start, "end": end})
    if choice.of(False, False, False, True):
        asked["today"] = str(choice.among(DAYS))
    if choice.of(False, False, True):
        asked["compare"] = [choice.of("previous", "year_ago")]
    if period in by and period not in HOURS and choice.of(False, False, False, True):
        asked["fill"] = "spine"
    return asked


@examples(40)
@given(data=st.data())
def test_what_stands_in_another_time_of_another_time_is_what_the_reference_reads(data: st.DataObject) -> None:
    choice = Choice(data.draw)
    by_clock = choice.of(False, False, True)
    said, files, units = declared(choice, by_clock=by_clock)
    connection = duckdb.connect()
    connection.execute("set timezone = 'Pacific/Honolulu'")
    for table in ("sales", "costs", "shelves"):
        clocked = by_clock and table == "sales"
        connection.execute(f"create table {table} (id integer, day {'timestamp' if clocked else 'date'}, shop varchar, amount integer)")
        connection.execute(f"insert into {table} values {rows(choice, by_clock=clocked)}")
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        layer = made(Path(folder), said, connection)
        tables = rows_of(layer.model, connection)
        TALLY["companies"] += 1
        for _ in range(2 * QUESTIONS):
            asked = question(choice, units, by_clock=by_clock)
            told = [(each["metric"], each["formula"]) for each in said["metrics"] if each["metric"][0] == "m"]
            try:
                result = layer.query(**asked)
            except DeclarationError:  # no sound formula
                TALLY["refused"] += 1
                continue
            except QueryError as refused:
                assert set(refused.codes) <= REFUSED, (told, asked, refused)
                TALLY["refused"] += 1
                continue
            try:
                columns, expected = answer_of(layer.model, tables, **copy.deepcopy(asked))
            except Unanswerable as refused:
                raise AssertionError((told, asked, result.rows())) from refused
            assert result.columns == columns
            assert same_rows(result.rows(), expected), f"{told}\n{asked}\nengine    {result.rows()}\nreference {expected}\n{result.sql}"
            TALLY["compared"] += 1
