"""A day outside of a calendar that stands in a file lies in no period, so nothing adds up in one from there."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from decisionlayer.layer import Layer
from tests.worlds.made import made, metric, shop

TERMS = "day,term\n" + "".join(f"2024-02-{day:02},t{1 if day < 15 else 2}\n" for day in range(1, 29))
#: One day longer at its end.
ODD = TERMS + "2024-02-29,t2\n"
SALES = """
create table sales (id integer, day date, shop varchar, amount integer);
insert into sales values (1, '2024-01-05', 'A', 1), (2, '2024-02-03', 'A', 2), (3, '2024-02-20', 'A', 4), (4, '2024-03-07', 'A', 8);
"""
FIRST, SECOND = dt.date(2024, 2, 1), dt.date(2024, 2, 15)
#: Both terms have 14 days, and there is no other day.
FORMULAS = {
    "so_far": "to_date(sold, terms.term)", "of_one": "trailing(sold, '1 terms.term')", "before": "prior(sold, '1 terms.term')",
    "at_first": "period_start(sold, terms.term)", "how_many": "prior(times, '1 terms.term')", "since": "trailing(times, '2 terms.term')",
    "ninety": "trailing(sold, '90 days')", "odd": "prior(times, '1 uneven.term')", "of_term": "to_date(sold, uneven.term)",
    "ever": "all_time(sold)", "times_ever": "all_time(times)",
    "ever_with_two": "trailing(ever, '2 terms.term')", "with_two": "trailing(sold, '2 terms.term')",
}  # fmt: skip


@pytest.fixture
def layer(tmp_path: Path) -> Layer:
    (tmp_path / "terms.csv").write_text(TERMS, encoding="utf-8")
    (tmp_path / "uneven.csv").write_text(ODD, encoding="utf-8")
    frames = [
        {"frame": name, "owner": "desk", "calendar": {"file": f"{name}.csv", "grains": {"term": "term"}}} for name in ("terms", "uneven")
    ]
    metrics = (metric(name, formula=formula) for name, formula in FORMULAS.items())
    measures = (metric("sold", measure="sum(amount)"), metric("times", measure="count(*)"))
    return made(tmp_path, shop(*measures, *metrics, frames=frames), SALES)


def test_what_is_before_a_calendar_is_not_added_to_what_is_after_it(layer: Layer) -> None:
    """March lies in no term: nothing. What lay in none was one term, so January stood in March: 9."""
    found = layer.query(metrics=["sold", "of_term"], by=["month"]).rows()
    assert found == [(dt.date(2024, 1, 1), 1, None), (dt.date(2024, 2, 1), 6, 4), (dt.date(2024, 3, 1), 8, None)]
    days = layer.query(metrics=["of_term"], by=["day"]).rows()
    assert days == [(dt.date(2024, 2, 3), 2), (dt.date(2024, 2, 20), 4)]


@pytest.mark.parametrize(
    ("name", "start", "end", "right", "wrong"),
    [
        # a range that ends with the file: where its last term began was taken for unknown, and so for the beginning of everything
        ("of_one", None, "2024-02-28", 4, 7),
        ("before", "2024-02-15", "2024-02-28", 2, 14),
        ("since", None, "2024-02-28", 2, 3),
        # a range that ends beyond the file reads nothing, of which nobody knows the worth: no count of 0, and not everything
        ("of_one", None, "2024-03-31", None, 15),
        ("since", None, "2024-03-31", None, 4),
        ("before", "2024-02-15", "2024-03-31", None, 14),
        ("how_many", "2024-03-01", "2024-03-31", None, 4),
        ("at_first", "2024-01-01", "2024-01-31", None, 1),
        # the 15th day of a term has no counterpart in one of 14
        ("odd", "2024-02-29", "2024-02-29", None, 0),
    ],
)
def test_a_range_that_leaves_the_calendar_is_no_open_one(
    layer: Layer, name: str, start: str | None, end: str, right: int | None, wrong: int
) -> None:
    found = layer.query(metrics=[name], start=start, end=end).rows()
    assert found == [(right,)] and right != wrong
    beside = layer.query(metrics=["times", name], by=["shop"], start=start, end=end).rows()
    assert [row[2] for row in beside] == [right] * len(beside)


@pytest.mark.parametrize("more", [{}, {"fill": "spine"}])
def test_days_in_no_period_keep_their_cell_whatever_is_asked_beside_them(layer: Layer, more: dict[str, str]) -> None:
    """From 10 February on: 4 in the second term, and 8 in no term. With a metric of the past, or `fill`, the 8 were gone."""
    first = [(FIRST, None)] if more else []
    assert layer.query(metrics=["sold"], by=["terms.term"], start="2024-02-10", **more).rows() == [*first, (SECOND, 4), (None, 8)]
    found = layer.query(metrics=["sold", "before"], by=["terms.term"], start="2024-02-15", **more).rows()
    assert found == [(SECOND, 4, 2), (None, 8, None)]
    # January lies in no term either, and outside of the range: 9 would be both
    assert layer.query(metrics=["so_far", "sold"], by=["terms.term"], start="2024-02-15", **more).rows() == [(SECOND, 4, 4), (None, None, 8)]
    assert layer.query(metrics=["sold"], by=["terms.term"], end="2024-02-28", **more).rows() == [(FIRST, 2), (SECOND, 4), (None, 1)]


def test_what_gathers_reads_before_a_range_that_begins_before_the_calendar(layer: Layer) -> None:
    """The 90 days up to 14 February hold January's sale of 1, which the range leaves out of its own cells; without it they hold 2."""
    found = layer.query(metrics=["ninety"], by=["terms.term"], start="2024-01-20", end="2024-02-28").rows()
    assert found == [(FIRST, 3), (SECOND, 7)]


def test_what_was_before_the_calendar_counts_in_what_is_gathered(layer: Layer) -> None:
    """January's sale of 1 lies in no term, and is part of all that was ever sold: 3 and 7. By term it was lost: 2 and 6."""
    assert layer.query(metrics=["ever"], by=["terms.term"]).rows() == [(FIRST, 3), (SECOND, 7)]
    assert layer.query(metrics=["ever"], by=["terms.term", "shop"]).rows() == [(FIRST, "A", 3), (SECOND, "A", 7)]


def test_data_that_begin_before_the_calendar_are_known_in_it(layer: Layer) -> None:
    """The first row lies in no term, so whether a term touches the data was unknown, and every count of another cell NULL."""
    assert layer.query(metrics=["times_ever"], by=["terms.term"]).rows() == [(FIRST, 2), (SECOND, 3)]
    found = layer.query(metrics=["times", "how_many"], by=["terms.term"], start="2024-02-15", end="2024-02-28").rows()
    assert found == [(SECOND, 1, 1)]
    assert layer.query(metrics=["times"], by=["terms.term"], compare=["previous"], end="2024-02-28", start="2024-02-15").rows()[0][:4] == (
        SECOND, 1, 1, 0,
    )  # fmt: skip


def test_who_reads_only_an_end_does_not_ask_for_a_beginning(layer: Layer) -> None:
    """Two terms that end with the first began before the calendar, so their sum is unknown; all that was sold up to that end is known."""
    assert layer.query(metrics=["with_two", "ever_with_two"], by=["terms.term"]).rows() == [(FIRST, None, 3), (SECOND, 6, 7)]


def test_the_last_hour_of_the_data_is_the_last_though_terms_before_it_are_unknown(tmp_path: Path) -> None:
    """By month the last hour is that of the last row, 16 at noon. Within terms that began before the calendar it was midnight's: nothing."""
    (tmp_path / "terms.csv").write_text(TERMS, encoding="utf-8")
    frame = {"frame": "terms", "owner": "desk", "calendar": {"file": "terms.csv", "grains": {"term": "term"}}}
    declared = shop(
        metric("sold", measure="sum(amount)"), metric("last_hour", formula="trailing(trailing(sold, '1 hour'), '9 terms.term')"), frames=[frame],
    )  # fmt: skip
    declared["sources"][0] |= {"time": {"wall": {"grain": "second"}}, "columns": {"id": "integer", "wall": "timestamp", "shop": "text", "amount": "integer"}}
    layer = made(tmp_path, declared, """
        create table sales (id integer, wall timestamp, shop varchar, amount integer);
        insert into sales values (1, '2024-02-03 09:00', 'A', 2), (2, '2024-02-20 12:10', 'A', 16);
    """)
    assert layer.query(metrics=["last_hour"], by=["month"]).rows() == [(FIRST, 16)]
