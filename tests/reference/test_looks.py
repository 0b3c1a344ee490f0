"""What metric functions, comparisons and filling read, worked out by hand over twelve sales of two shops."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from decisionlayer.resolve.language import parse_formula
from decisionlayer.resolve.language.tree import names
from decisionlayer.resolve.model import Formula, Measure, Model, Term
from tests.reference.answer import answer_of
from tests.reference.same import same_rows
from tests.reference.spans import Span, Wall
from tests.reference.walks import Unanswerable
from tests.worlds.made import made, metric, shop

#: A: 10 on Jan 31, 20 on Feb 10, 40 on Feb 29, 80 on Mar 31, 160 on May 1.  B: 1 on Jan 31, 2 on Mar 30, 4 without a day.
SALES = [("A", "2024-01-31", 10), ("A", "2024-02-10", 20), ("A", "2024-02-29", 40), ("A", "2024-03-31", 80), ("A", "2024-05-01", 160),
         ("B", "2024-01-31", 1), ("B", "2024-03-30", 2), ("B", None, 4)]  # fmt: skip


@cache
def model() -> Model:
    sales, orders = metric("sales", measure="sum(amount)"), metric("orders", measure="count(*)")
    zero = metric("zero", measure="sum(amount)", missing="zero")
    layer = made(Path(mkdtemp()), shop(sales, orders, zero))
    assert [found.render() for found in layer.check() if found.is_error] == []
    return layer.model


def ask(text: str, beside: Sequence[str] = (), **keys: Any) -> list[tuple[Any, ...]]:
    """Return what the formula ``text`` is worth; the engine is not asked."""
    parsed = parse_formula(text)
    assert parsed.expr is not None, parsed.problems
    metrics = model().metrics
    terms = {name.text: Term(name.text) for name in names(parsed.expr) if name.text in metrics}
    asked = replace(metrics["sales"], name="x", body=Formula(parsed.expr, terms))
    rows = [
        {"id": number, "day": day and dt.date.fromisoformat(day), "shop": place, "amount": amount}
        for number, (place, day, amount) in enumerate(SALES)
    ]
    assert isinstance(metrics["sales"].body, Measure)
    return answer_of(replace(model(), metrics={**metrics, "x": asked}), {"sales": rows}, metrics=[*beside, "x"], **keys)[1]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


JAN, FEB, MAR, APR, MAY = (dt.date(2024, month, 1) for month in (1, 2, 3, 4, 5))


@pytest.mark.parametrize(("text", "values"), [
    ("sales", [11, 60, 82, 160, 4]),
    ("prior(sales, '1 month')", [None, 11, 60, None, None]),  # April is absent, not missing
    ("prior(orders, '1 month')", [None, 2, 2, 0, None]),  # and so its count is nought
    ("prior(zero, '1 month')", [0, 11, 60, 0, 0]),
    ("prior(sales, '2 months')", [None, None, 11, 82, None]),
    ("sales - prior(sales, '1 month')", [None, 49, 22, 160, None]),
    ("prior(prior(sales, '1 month'), '1 month')", [None, None, 11, 82, None]),
    ("to_date(sales, year)", [11, 71, 153, 313, None]),
    ("to_date(sales, quarter)", [11, 71, 153, 160, None]),
    ("all_time(sales)", [11, 71, 153, 313, None]),
    ("trailing(sales, '2 months')", [11, 71, 142, 160, None]),
    ("trailing(sales, '31 days')", [11, 71, 82, 160, None]),  # February has 29 days: from Jan 30
    ("period_start(sales, quarter)", [11, 11, 11, None, None]),
    ("period_start(orders, quarter)", [2, 2, 2, 0, None]),
    ("prior(to_date(sales, quarter), '1 quarter')", [None, None, None, 71, None]),  # May goes to February
    ("to_date(sales / orders, year)", [5.5, 17.75, 153 / 6, 313 / 7, None]),
    ("total(sales)", [11, 60, 82, 160, 4]),
    ("sales / total(sales, all)", [11 / 317, 60 / 317, 82 / 317, 160 / 317, 4 / 317]),
    ("per(sales, day)", [11 / 31, 60 / 29, 82 / 31, 160 / 31, None]),
    ("prior(per(sales, day), '1 month')", [None, 11 / 31, 60 / 29, None, None]),
])  # fmt: skip
def test_by_month_a_formula_is_worth(text: str, values: list[float | None]) -> None:
    found = [(row[0], row[2]) for row in ask(text, beside=["sales"], by=["month"])]
    assert same_rows(found, list(zip((JAN, FEB, MAR, MAY, None), values, strict=True)))


def test_a_shop_without_sales_stands_beside_what_it_sold_before() -> None:
    assert ask("prior(sales, '1 month')", by=["month", "shop"]) == ask("prior(sales, '1 month')", by=["month", "shop"], start="2023") == [
        (FEB, "A", 10), (FEB, "B", 1), (MAR, "A", 60),
    ]  # fmt: skip
    assert ask("to_date(sales, year)", by=["month", "shop"]) == [
        (JAN, "A", 10), (JAN, "B", 1), (FEB, "A", 70), (FEB, "B", 1), (MAR, "A", 150), (MAR, "B", 3), (MAY, "A", 310), (MAY, "B", 3),
    ]  # fmt: skip
    assert ask("sales / total(sales)", by=["month", "shop"])[:3] == [(JAN, "A", 10 / 11), (JAN, "B", 1 / 11), (FEB, "A", 1.0)]


def test_a_range_cuts_the_output_and_the_cell_and_nothing_that_accumulates() -> None:
    assert ask("to_date(sales, year)", by=["month"], start="2024-03") == [(MAR, 153), (MAY, 313)]
    assert ask("to_date(sales, year)", by=["month"], end="2024-03-30") == [(JAN, 11), (FEB, 71), (MAR, 73)]
    # March is cut to its first ten days, so February is too; the 20 of February 10 are in, the 40 of the 29th are not
    assert ask("prior(sales, '1 month')", by=["month"], end="2024-03-10", start="2024-01") == [(FEB, 11)]
    assert ask("prior(sales, '1 month')", end="2024-03-10", start="2024-03") == [(20,)]
    assert ask("prior(sales, '1 month')", end="2024-03", start="2024-03") == [(60,)]


def test_days_at_the_end_of_a_month_read_the_last_day() -> None:
    found = dict(ask("prior(sales, '1 month')", by=["day"]))
    assert (found[day("2024-03-31")], found[day("2024-03-30")], found.get(day("2024-02-29"))) == (40, 40, None)


def test_comparisons_stand_beside_the_metric() -> None:
    assert ask("sales", by=["month"], compare=["previous"])[:4] == [
        (JAN, 11, None, None, None), (FEB, 60, 11, 49, 49 / 11), (MAR, 82, 60, 22, 22 / 60), (MAY, 160, None, 160, None),
    ]  # fmt: skip


def test_a_spine_has_every_period_and_every_group() -> None:
    assert [row[0] for row in ask("orders", by=["month"], fill="spine")] == [JAN, FEB, MAR, APR, MAY, None]
    found = ask("orders", by=["month", "shop"], fill="spine", start="2024-03", end="2024-04")
    assert found == [(MAR, "A", 1), (MAR, "B", 1), (APR, "A", 0), (APR, "B", 0)]


def test_a_week_has_no_month_before_it_and_a_total_no_period() -> None:
    with pytest.raises(Unanswerable):
        ask("prior(sales, '1 month')", by=["week"])
    for text in ("prior(sales, '1 month')", "to_date(sales, month)"):
        with pytest.raises(Unanswerable):
            ask(text)


def test_an_hour_is_moved_by_points_in_time_and_by_days_of_the_wall() -> None:
    wall = Wall(model().project)
    hour = wall.span_of(dt.datetime(2024, 3, 10, 7, tzinfo=dt.UTC), "hour")
    assert wall.prior(hour, 1, "hour") == Span(hour.begins - 3600 * 10**6, hour.begins, "hour")
    assert wall.prior(hour, 1, "day") == Span(hour.begins - 24 * 3600 * 10**6, hour.ends - 24 * 3600 * 10**6, "hour")


@pytest.mark.parametrize(("begins", "ends", "unit", "grain", "reads"), [
    ("2024-03-01", "2024-04-01", "month", "month", ("2024-02-01", "2024-03-01")),
    ("2024-02-01", "2024-03-01", "month", "month", ("2024-01-01", "2024-02-01")),
    ("2024-03-01", "2024-03-16", "month", "month", ("2024-02-01", "2024-02-16")),
    ("2024-02-10", "2024-03-01", "month", "month", ("2024-01-10", "2024-02-01")),
    ("2024-03-30", "2024-03-31", "month", "day", ("2024-02-29", "2024-03-01")),
    ("2024-03-31", "2024-04-01", "month", "day", ("2024-02-29", "2024-03-01")),
    ("2024-02-29", "2024-03-01", "month", "day", ("2024-01-29", "2024-01-30")),
    ("2024-02-29", "2024-03-01", "year", "day", ("2023-02-28", "2023-03-01")),
    ("2024-01-01", "2025-01-01", "year", "year", ("2023-01-01", "2024-01-01")),
    ("2024-03-01", "2024-04-01", "day", "month", ("2024-02-29", "2024-03-31")),
])  # fmt: skip
def test_a_stretch_goes_back_to(begins: str, ends: str, unit: str, grain: str, reads: tuple[str, str]) -> None:
    wall = Wall(model().project)
    moved = wall.prior(Span(wall.point(day(begins)), wall.point(day(ends)), grain), 1, unit)
    assert (wall.shown(moved.begins).date(), wall.shown(moved.ends).date()) == tuple(map(day, reads))
