"""Tables fit the terminal, break no number, and never print something as nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pytest

from decisionlayer.cli.tables import result_table
from decisionlayer.run.cells import group_text, number_texts


@dataclass
class Column:
    name: str
    role: str
    metric: str | None = None


@dataclass
class Statement:
    columns: Sequence[Column]
    is_leveled: bool = False


@dataclass
class Answer:
    """As much of a result as a table needs: names of groups and metrics, rows, units."""

    groups: Sequence[str]
    metrics: Mapping[str, str]
    answer: Sequence[tuple[object, ...]]
    statement: Statement = field(init=False)
    passports: Mapping[str, Mapping[str, object]] = field(init=False)

    def __post_init__(self) -> None:
        self.statement = Statement([*(Column(g, "group") for g in self.groups), *(Column(m, "metric", m) for m in self.metrics)])
        self.passports = {name: {"unit": unit, "digits": None} for name, unit in self.metrics.items()}

    def arrow(self) -> pa.Table:
        names = [column.name for column in self.statement.columns]
        return pa.table({name: [row[i] for row in self.answer] for i, name in enumerate(names)})


WIDE = Answer(
    ["quarter", "carrier__name"],
    {"late_cost_per_seat": "USD/seat", "cancelled_departures": "flight"},
    [(dt.date(2013, 1, 1), "ExpressJet Airlines Inc.", 10.5, 1234567), (dt.date(2013, 4, 1), None, None, 3)],
)


def table(answer: Answer, width: int, **options: int) -> str:
    return result_table(answer, width=width, **options)  # type: ignore[arg-type]


def test_a_wide_terminal_shows_every_name_in_full() -> None:
    assert table(WIDE, 100) == (
        "quarter  carrier.name              late_cost_per_seat  cancelled_departures\n"
        "                                             USD/seat                flight\n"
        "───────  ────────────────────────  ──────────────────  ────────────────────\n"
        "2013-Q1  ExpressJet Airlines Inc.               10.50             1,234,567\n"
        "2013-Q2  Unassigned                                 –                     3"
    )


def test_a_narrower_one_folds_heads_before_it_folds_texts() -> None:
    assert table(WIDE, 60) == (
        "quarter  carrier.name              late_cost_  cancelled_\n"
        "                                     per_seat  departures\n"
        "                                     USD/seat      flight\n"
        "───────  ────────────────────────  ──────────  ──────────\n"
        "2013-Q1  ExpressJet Airlines Inc.       10.50   1,234,567\n"
        "2013-Q2  Unassigned                         –           3"
    )


def test_one_too_narrow_for_columns_shows_row_by_row() -> None:
    assert table(WIDE, 34) == (
        "quarter               2013-Q1\n"
        "carrier.name\n"
        "  ExpressJet Airlines Inc.\n"
        "late_cost_per_seat\n"
        "  10.50 USD/seat\n"
        "cancelled_departures\n"
        "  1,234,567 flight\n"
        "\n"
        "quarter               2013-Q2\n"
        "carrier.name          Unassigned\n"
        "late_cost_per_seat    –\n"
        "cancelled_departures  3 flight"
    )


@pytest.mark.parametrize("width", range(20, 110, 3))
def test_no_line_is_wider_than_the_terminal_and_no_number_is_broken(width: int) -> None:
    text = table(WIDE, width)
    assert max(len(line) for line in text.splitlines()) <= max(width, 20)
    assert "1,234,567" in text and "10.50" in text


def test_wide_characters_take_the_room_they_take() -> None:
    text = table(Answer(["city"], {"n": ""}, [("東京", 1), ("Bonn", 2)]), 40)
    assert text.splitlines()[2:] == ["東京  1", "Bonn  2"]


def test_more_rows_than_one_reads_are_counted() -> None:
    text = table(Answer(["k"], {"n": ""}, [(f"k{i}", i) for i in range(1500)]), 40, most=200)
    assert text.splitlines()[-1] == "… 1,300 more rows; --format csv prints them all"
    assert len(text.splitlines()) == 2 + 200 + 1


def test_a_column_has_one_number_of_digits_and_what_is_not_zero_is_not_printed_as_zero() -> None:
    assert number_texts([7.456, 0.001, -0.001, 0.0]) == ["7.46", "<0.01", ">-0.01", "0.00"]
    assert number_texts([0.785, 1.0, 0.0], percent=True) == ["78.5", "100.0", "0.0"]
    assert number_texts([1.23456], digits=3) == ["1.235"]
    assert number_texts([50_300_000.0, 12.0]) == ["50,300,000", "12"]


def test_texts_steer_no_terminal_and_break_no_row() -> None:
    assert group_text("a\x1b[31mb") == "a\ufffd[31mb"
    assert group_text("two\nlines") == "two lines"


def test_times_say_their_zone() -> None:
    zone = dt.timezone(dt.timedelta(hours=-4))
    assert group_text(dt.datetime(2013, 11, 3, 1, tzinfo=zone)) == "2013-11-03 01:00-0400"
    assert group_text(dt.datetime(2013, 11, 3, 1, 30, 5)) == "2013-11-03 01:30:05"
