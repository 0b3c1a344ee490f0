"""`per` divides by how long the period is that is read, so what it gives may be compared where totals may not (DL403).

A 4-4-5 year: the second period of 2026 has four weeks and costs 401.8, the third has five and costs 581.2. That is 44.6 % more in all and
15.7 % more a week: 100.45, 116.24. A quarter of 14 weeks with 1,470 stands before one of 13 with 1,417: 3.61 % less in all, 3.81 % more a
week: 105, 109.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from decisionlayer import QueryError
from decisionlayer.layer import Layer
from tests.worlds.made import made, metric, shop

FRAMES = [
    {"frame": "books", "owner": "desk", "calendar": {"weeks": "4-4-5", "year_ends": "last sunday of december", "year_named": "end"}},
    {"frame": "retail", "owner": "desk",
     "calendar": {"weeks": "4-5-4", "year_ends": "saturday nearest january 31", "year_named": "start"}},
]  # fmt: skip
TABLES = """
create table sales (id integer, day date, shop varchar, amount decimal(18, 1));
insert into sales values (1, '2026-01-05', 'A', 369.0), (2, '2026-02-01', 'A', 401.8), (3, '2026-03-02', 'A', 581.2),
    (4, '2023-11-11', 'B', 1470), (5, '2024-12-24', 'B', 1417);
"""
SOURCE: dict[str, Any] = {
    "source": "sales", "one_row_is": "one sale", "table": "sales", "key": ["id"], "time": {"day": "day"}, "owner": "desk",
    "columns": {"id": "integer", "day": "date", "shop": "text", "amount": {"type": "decimal(18,1)", "unit": "EUR"}},
    "dimensions": {"shop": "shop"},
}  # fmt: skip


@pytest.fixture
def layer(tmp_path: Path) -> Layer:
    metrics = [
        metric("cost", measure="sum(amount)", unit="EUR"),
        metric("weekly", formula="per(cost, week)", unit="EUR/week"),
        metric("daily", formula="per(cost, day)", unit="EUR/day"),
        metric("share_of_pace", formula="per(cost, day) / total(per(cost, day))"),
        metric("before", formula="prior(per(cost, week), '1 month')", unit="EUR/week"),
        metric("wrong", formula="per(prior(cost, '1 books.period'), week)", unit="EUR/week"),
        metric("so_far", formula="to_date(per(cost, week), year)", unit="EUR/week"),
        metric("ever", formula="all_time(per(cost, week))", unit="EUR/week"),
        metric("this_week", formula="to_date(per(cost, day), week)", unit="EUR/day"),
    ]
    return made(tmp_path, shop(*metrics, sources=[SOURCE], frames=FRAMES), TABLES)


def test_the_change_of_a_week_where_the_change_of_the_whole_is_refused(layer: Layer) -> None:
    asked: dict[str, Any] = {"by": ["books.period"], "start": "2026-01-26", "end": "2026-03-29", "compare": ["previous"]}
    with pytest.raises(QueryError) as refused:
        layer.query(metrics=["cost"], **asked)
    assert refused.value.codes == ("unequal-periods",)
    february, march = layer.query(metrics=["weekly"], **asked).rows()
    assert february[1:] == pytest.approx((100.45, 92.25, 8.2, 8.2 / 92.25))
    assert march[1:] == pytest.approx((116.24, 100.45, 15.79, 15.79 / 100.45))


def test_fourteen_weeks_before_thirteen(layer: Layer) -> None:
    asked: dict[str, Any] = {"by": ["retail.quarter"], "start": "2024-11-03", "end": "2025-02-01", "compare": ["year_ago"]}
    with pytest.raises(QueryError):
        layer.query(metrics=["cost"], **asked)
    assert [row[1:] for row in layer.query(metrics=["weekly"], **asked).rows()] == [pytest.approx((109, 105, 4, 4 / 105))]


def test_the_past_of_another_length_is_not_divided_by_this_one(layer: Layer) -> None:
    """401.8 of four weeks over the five of March would be 80.36, a fifth too little."""
    with pytest.raises(QueryError) as refused:
        layer.query(metrics=["wrong"], by=["books.period"], start="2026-02-23", end="2026-03-29")
    assert refused.value.codes == ("unequal-periods",)


def test_a_cut_period_a_running_one_and_the_range_are_as_long_as_they_are(layer: Layer) -> None:
    """401.8 over the ten days of February that are asked, over the four that have passed, over four weeks, over the month's 28 days."""
    assert layer.query(metrics=["daily"], by=["month"], start="2026-01-30", end="2026-02-10").rows() == [
        (dt.date(2026, 2, 1), pytest.approx(40.18))
    ]
    assert layer.query(metrics=["daily"], by=["month"], start="2026-02", end="2026-02", today="2026-02-04").rows() == [
        (dt.date(2026, 2, 1), pytest.approx(401.8 / 4))
    ]
    assert layer.query(metrics=["weekly"], start="2026-01-26", end="2026-02-22").rows() == [(pytest.approx(100.45),)]
    assert layer.query(metrics=["before"], by=["month"], start="2026-03", end="2026-03").rows()[0][1] == pytest.approx(401.8 / 4)
    assert layer.query(metrics=["share_of_pace"], by=["month", "shop"], start="2026").rows()[0][2] == 1


@pytest.mark.parametrize(("name", "asked", "code"), [
    ("weekly", {}, "needs-period"), ("ever", {"by": ["month"]}, "needs-period"), ("this_week", {"by": ["month"]}, "not-built"),
])  # fmt: skip
def test_what_has_no_length_is_refused(layer: Layer, name: str, asked: dict[str, Any], code: str) -> None:
    with pytest.raises(QueryError) as refused:
        layer.query(metrics=[name], **asked)
    assert refused.value.codes == (code,)


def test_what_gathers_is_divided_by_all_that_it_gathers(layer: Layer) -> None:
    """770.8 in the first 59 days of 2026, not over the 28 of February: 192.70; 1352 in 90 days, not over 31."""
    rows = layer.query(metrics=["so_far"], by=["month"], start="2026-02", end="2026-03").rows()
    assert [row[1] for row in rows] == pytest.approx([770.8 * 7 / 59, 1352 * 7 / 90])
    assert layer.query(metrics=["so_far"], start="2026-03-01", end="2026-03-15").rows() == [(pytest.approx(1352 * 7 / 74),)]
    assert layer.query(metrics=["this_week"], by=["day"], start="2026-02-01", end="2026-02-01").rows()[0][1] == pytest.approx(401.8 / 7)


@pytest.mark.parametrize("unit", ["month", "retail.quarter"])
def test_no_length_of_so_many_days_is_refused_at_load(tmp_path: Path, unit: str) -> None:
    cost = metric("cost", measure="sum(amount)", unit="EUR")
    layer = made(tmp_path, shop(cost, metric("paced", formula=f"per(cost, {unit})"), sources=[SOURCE], frames=FRAMES), TABLES)
    assert "wrong-argument" in [finding.code for finding in layer.check() if finding.is_error]


def test_the_last_period_of_a_calendar_file_is_as_long_as_its_days(tmp_path: Path) -> None:
    days = [dt.date(2026, 1, 5) + dt.timedelta(days=count) for count in range(63)]  # four weeks, then five, and no more
    lines = "\n".join(f"{day},{'first' if number < 28 else 'second'},all" for number, day in enumerate(days))
    (tmp_path / "frames").mkdir()
    (tmp_path / "frames" / "terms.csv").write_text(f"day,term,school_year\n{lines}\n")
    school = {"frame": "school", "owner": "desk", "calendar": {"file": "frames/terms.csv", "grains": {"term": "term", "year": "school_year"}}}
    metrics = [metric("cost", measure="sum(amount)", unit="EUR"), metric("weekly", formula="per(cost, week)", unit="EUR/week")]
    layer = made(tmp_path, shop(*metrics, sources=[SOURCE], frames=[school]), TABLES)
    asked: dict[str, Any] = {"by": ["school.term"], "start": "2026-01-05", "end": "2026-03-08"}
    first, second = layer.query(metrics=["weekly"], **asked).rows()
    assert first == (dt.date(2026, 1, 5), pytest.approx((369.0 + 401.8) / 4))
    assert second == (dt.date(2026, 2, 2), pytest.approx(581.2 / 5)), "once it had no length, for no period begins after it"
    assert layer.query(metrics=["weekly"], **asked, compare=["previous"]).rows()[1][2] == pytest.approx(192.7)


def test_a_term_a_year_before_is_as_long_as_the_term_in_its_place(tmp_path: Path) -> None:
    """The second term of 2024 begins 60 days after the first, on which 2023 was in its third: that of its place has 20 days, 2 a day."""
    lengths = {"2023": (10, 20, 40), "2024": (60, 20, 30)}
    day, listed = dt.date(2023, 1, 2), []
    for school, terms in lengths.items():
        for number, length in enumerate(terms):
            listed += [f"{day + dt.timedelta(at)},{school}-{number},{school}\n" for at in range(length)]
            day += dt.timedelta(length)
    (tmp_path / "terms.csv").write_text("day,term,school\n" + "".join(listed))
    frame = {"frame": "terms", "owner": "desk", "calendar": {"file": "terms.csv", "grains": {"term": "term", "year": "school"}}}
    tables = TABLES + "delete from sales; insert into sales values (1, '2023-01-12', 'A', 40), (2, '2023-05-12', 'A', 100);"
    metrics = metric("cost", measure="sum(amount)", unit="EUR"), metric("daily", formula="per(cost, day)", unit="EUR/day")
    layer = made(tmp_path, shop(*metrics, sources=[SOURCE], frames=[frame]), tables)
    rows = layer.query(metrics=["daily"], by=["terms.term"], compare=["year_ago"], start="2023-05-12", end="2023-05-31").rows()
    assert [row[1:3] for row in rows] == [(5, 2)]  # NULL for 2 while days went to days
