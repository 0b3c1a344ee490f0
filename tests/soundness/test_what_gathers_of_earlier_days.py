"""What gathers of an earlier time ends with the day, or the hour, that an earlier one has for the asked one, however often it is moved."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from decisionlayer.errors import QueryError
from decisionlayer.layer import Layer
from tests.reference.answer import answer_of
from tests.reference.same import same_rows
from tests.worlds import rows_of
from tests.worlds.made import made, metric, shop

#: Powers of two, so that a sum says of which days it is; 2023 has 28 days in February.
SOLD = {"2023-01-28": 1, "2023-02-27": 2, "2023-02-28": 4, "2023-03-01": 8, "2023-03-28": 16, "2023-03-29": 32, "2023-03-30": 64, "2023-05-31": 128}
FORMULAS = {
    "so_far": "to_date(prior(sold, '1 month'), year)", "seven_days": "trailing(prior(sold, '1 month'), '7 days')",
    "ever": "all_time(prior(sold, '1 month'))", "twice": "trailing(prior(prior(sold, '1 month'), '1 month'), '7 days')",
    "a_day_on": "prior(to_date(prior(sold, '1 month'), month), '1 day')", "year_ago": "trailing(prior(sold, '1 year'), '2 days')",
    "first_ever": "all_time(period_start(sold, month))", "ever_first": "period_start(all_time(sold), month)",
    "hours_before": "prior(prior(sold, '1 month'), '36 hours')", "week_year": "period_start(prior(sold, '1 year'), week)", "week_before": "period_start(prior(sold, '1 month'), week)", "all_of_year": "all_time(prior(trailing(sold, '1 year'), '2 months'))",
}  # fmt: skip


def layer(folder: Path, sold: dict[str, int] | None = None, **project: str) -> Layer:
    rows = ", ".join(f"({number}, '{when}', 'A', {amount})" for number, (when, amount) in enumerate((sold or SOLD).items()))
    is_clock = any(":" in when for when in sold or SOLD)
    kind = "timestamp" if is_clock else "date"
    declared = shop(
        metric("sold", measure="sum(amount)"), *(metric(name, formula=formula) for name, formula in FORMULAS.items()),
        metric("mean", formula="trailing(sold, '90 days')", over_time="avg"),
    )  # fmt: skip
    declared["project"] |= project
    if is_clock:
        declared["sources"][0]["columns"]["day"] = "timestamp"
        declared["sources"][0]["time"] = {"day": {"grain": "second", "zone": "UTC"}}
    connection = duckdb.connect()
    connection.execute(f"create table sales (id integer, day {kind}, shop varchar, amount integer); insert into sales values {rows}").fetchall()
    return made(folder, declared, connection)


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        # the month before 28, 29 and 30 March ends with 28 February, the last of its days; it ended with 27 February: without the 4
        ("so_far", {28: 1 + 2 + 4, 29: 1 + 2 + 4, 30: 1 + 2 + 4}, {28: 3, 29: 3, 30: 3}),
        ("ever", {28: 7, 29: 7, 30: 7}, {28: 3, 29: 3, 30: 3}),
        ("seven_days", {28: 2 + 4, 29: 2 + 4, 30: 2 + 4}, {28: 2, 29: 2, 30: 2}),
        # 28 January, and nothing else of the seven days before it; of one day, 22 January, it was nothing
        ("twice", {28: 1, 29: 1, 30: 1}, {28: None, 29: None, 30: None}),
    ],
)
def test_a_day_reads_up_to_its_day_of_an_earlier_month(tmp_path: Path, name: str, right: dict[int, int], wrong: dict[int, int | None]) -> None:
    rows = layer(tmp_path).query(metrics=[name], by=["day"], start="2023-03-28", end="2023-03-30").rows()
    assert rows == [(dt.date(2023, 3, day), value) for day, value in right.items()]
    assert not any(dict(rows).get(dt.date(2023, 3, day)) == value for day, value in wrong.items())


def test_a_month_that_still_runs_reads_up_to_the_day_of_its_last_row(tmp_path: Path) -> None:
    """Rows end on 30 March: the week a month before ends with 28 February, and was one that ended with the 27th, 2."""
    sold = {when: amount for when, amount in SOLD.items() if when < "2023-04"}
    assert layer(tmp_path, sold).query(metrics=["seven_days", "twice"], by=["quarter"]).rows() == [(dt.date(2023, 1, 1), 6, 1)]


def test_the_last_hour_of_a_day_reads_up_to_that_hour_of_an_earlier_month(tmp_path: Path) -> None:
    """At 23 o'clock of 30 March the month before reaches the end of 28 February; it ended as that day began, with less than at 22."""
    sold = {"2023-02-27 10:00": 1, "2023-02-28 10:00": 2, "2023-02-28 23:30": 4, "2023-03-30 22:15": 8, "2023-03-30 23:15": 16, "2023-04-01 00:00": 32}
    rows = layer(tmp_path, sold).query(metrics=["so_far", "ever"], by=["hour"], start="2023-03-30T22:00", end="2023-03-30").rows()
    assert [row[1:] for row in rows] == [(3, 3), (7, 7)]


def test_a_day_that_is_moved_by_hours_ends_with_a_time_of_day(tmp_path: Path) -> None:
    """31 March less 36 hours ends at noon of the 30th, for which February has noon of the 28th: nothing in between. It read a day from there on: 4."""
    sold = {"2023-02-28 18:00": 4, "2023-03-20 11:00": 1, "2023-04-21 13:00": 2, "2023-03-31 10:00": 8}
    rows = layer(tmp_path, sold).query(metrics=["sold", "hours_before"], by=["day"], start="2023-03-31").rows()
    assert rows == [(dt.date(2023, 3, 31), 8, None), (dt.date(2023, 4, 21), 2, 1)]


def test_a_month_that_is_moved_by_a_day_reads_up_to_a_day(tmp_path: Path) -> None:
    """April a day earlier ends with 29 April, whose like day of March is the 29th: 8 + 16 + 32. It ended with the 28th."""
    rows = layer(tmp_path).query(metrics=["a_day_on"], by=["month"], fill="spine", start="2023-04", end="2023-04").rows()
    assert rows == [(dt.date(2023, 4, 1), 8 + 16 + 32)]


def test_a_month_from_its_first_week_on_is_moved_as_the_days_that_it_has(tmp_path: Path) -> None:
    """From Monday, 27 February, a month is up to the 26th of March; a month before that is 27 January to 26 February: 1."""
    rows = layer(tmp_path, week_start="monday").query(metrics=["week_before"], by=["month"], start="2023-03", end="2023-03").rows()
    assert rows == [(dt.date(2023, 3, 1), 1)]
    sold = {"2023-02-28": 4, "2024-03-05": 8}
    rows = layer(tmp_path / "leap", sold, week_start="monday").query(metrics=["week_year"], by=["month"], start="2024-02", end="2024-02", fill="spine").rows()
    assert rows == [(dt.date(2024, 2, 1), 4)]  # 29 January to 28 February 2024, and of the year before; it ended with 27 February


def test_a_range_that_cuts_a_year_reads_as_far_back_as_its_last_day_does(tmp_path: Path) -> None:
    """Two months before 1 February 2024 ends a year that began on 2 December 2022; rows were looked for from November 2023 on."""
    sold = {"2023-02-28": 4, "2024-01-30": 8, "2024-04-30": 16}
    rows = layer(tmp_path, sold).query(metrics=["all_of_year"], by=["year"], start="2024-01-01", end="2024-02-01").rows()
    assert rows == [(dt.date(2024, 1, 1), 4)]


def test_all_time_has_no_first_piece(tmp_path: Path) -> None:
    shop = layer(tmp_path)
    for asked in ({"by": ["month"]}, {"start": "2023-03-01", "end": "2023-03-31"}):
        with pytest.raises(QueryError, match="`all_time` around `period_start` has no first piece of `sold`") as refused:
            shop.query(metrics=["first_ever"], **asked)
        assert "let `period_start` stand around `all_time`" in str(refused.value)
    assert shop.query(metrics=["ever_first"], by=["day"], start="2023-03-30", end="2023-03-30").rows() == [(dt.date(2023, 3, 30), 15)]


def test_after_the_last_row_no_mean_is_known(tmp_path: Path) -> None:
    """June has no day of the data, so nobody knows what changed: missing, and not minus everything."""
    rows = layer(tmp_path).query(metrics=["mean"], by=["month"], start="2023-06", end="2023-06", fill="spine", compare=["previous"]).rows()
    assert [row[:1] + row[3:] for row in rows] == [(dt.date(2023, 6, 1), None, None)] and rows[0][1] is None and rows[0][2] is not None


@pytest.mark.parametrize("by", [["day"], ["month"], ["quarter"], ["year", "shop"], ["week"]])
@pytest.mark.parametrize("asked", [{}, {"fill": "spine"}, {"start": "2023-02-27", "end": "2023-03-30"}, {"today": "2023-03-30", "compare": ["year_ago"]}])
def test_the_second_opinion_agrees(tmp_path: Path, asked: dict[str, object], by: list[str]) -> None:
    shop = layer(tmp_path)
    rows = rows_of(shop.model, shop.desk.engine._connection())  # type: ignore[attr-defined]
    for name in ("so_far", "seven_days", "ever", "twice", "a_day_on", "year_ago", "ever_first", "all_of_year", "mean"):
        question = {"metrics": [name], "by": by, **asked}
        try:
            found = shop.query(**question).rows()
        except QueryError:
            continue
        assert same_rows(found, answer_of(shop.model, rows, **question)[1]), name


RETAIL = {"frame": "retail", "owner": "desk", "calendar": {"weeks": "4-4-5", "year_ends": "saturday nearest january 31", "year_named": "start"}}


def retail(folder: Path, sold: dict[str, int], *metrics: dict[str, object]) -> Layer:
    rows = ", ".join(f"({number}, date '{when}', 'A', {amount})" for number, (when, amount) in enumerate(sold.items()))
    return made(folder, shop(metric("sold", measure="sum(amount)"), metric("times", measure="count(*)"), *metrics, frames=[RETAIL]), f"""
        create table sales as select * from (values {rows}) v(id, day, shop, amount);
    """)  # fmt: skip


def test_a_week_whose_beginning_the_range_cuts_off_is_set_beside_as_many_days(tmp_path: Path) -> None:
    """29 February to 2 March 2024 end the fourth week of 2024; a year before 23 to 25 February do. It was seven days from the 23rd on: 4 + 8."""
    layer = retail(tmp_path, {"2023-02-22": 2, "2023-02-24": 4, "2023-02-28": 8, "2024-02-27": 16, "2024-03-01": 32})
    rows = layer.query(metrics=["sold"], by=["retail.week"], start="2024-02-29", end="2024-03-02", compare=["year_ago"]).rows()
    assert rows == [(dt.date(2024, 2, 25), 32, 4, 28, 7.0)]


def test_whole_weeks_beside_a_cut_one_go_to_the_week_of_their_number(tmp_path: Path) -> None:
    """Week 52 of 2024 goes to week 52 of 2023, 21 to 27 January, though the range cuts another; it took the 53rd too, 8 more."""
    layer = retail(tmp_path, {"2024-01-24": 4, "2024-01-31": 8, "2025-01-28": 16})
    rows = layer.query(metrics=["sold"], by=["retail.week"], start="2024-03-01", compare=["year_ago"]).rows()
    assert rows == [(dt.date(2025, 1, 26), 16, 4, 12, 3.0)]


def test_a_53rd_week_that_still_runs_has_no_year_before(tmp_path: Path) -> None:
    """The week of 28 January 2024 is the 53rd of its year, and the year before had 52; what gathered took the end of that year for it: 8."""
    layer = retail(tmp_path, {"2023-01-28": 8, "2023-12-31": 16, "2024-01-31": 1}, metric("ever", formula="all_time(sold)"))
    rows = layer.query(metrics=["ever"], by=["retail.week"], today="2024-01-31", start="2024-01-28", end="2024-02-03", compare=["year_ago"]).rows()
    assert rows == [(dt.date(2024, 1, 28), 25, None, None, None)]


def test_a_missing_past_of_a_count_stays_missing(tmp_path: Path) -> None:
    """`missing: null` says what a past without rows is, not what one is before the first row. It made 1 more of 2023, and of nothing 1."""
    metrics = (metric("ever", formula="all_time(times)", missing="null"), metric("before", formula="prior(times, '1 year')", missing="null"))
    layer = retail(tmp_path, {"2023-05-01": 1, "2024-05-02": 1, "2026-05-03": 1}, *metrics, metric("grown", formula="times - before"))
    rows = layer.query(metrics=["ever", "grown"], by=["year"], compare=["year_ago"]).rows()
    assert [row[1:5] for row in rows] == [(1, None, None, None), (2, 0, 1, 1), (3, 1, 2, 1)]


def test_a_mean_stock_beside_the_first_piece_that_is_the_same_range(tmp_path: Path) -> None:
    """Both count the days of January to March, under two names; the plan had lost one of them and broke."""
    stock = metric("stock", measure="sum(amount)", over_time="avg")
    layer = retail(tmp_path, {"2024-01-05": 1, "2024-02-20": 2, "2024-04-01": 9}, stock, metric("piece", formula="period_start(stock, quarter)"))
    assert layer.query(metrics=["piece", "stock"], start="2024-01-01", end="2024-03-31").rows() == [(1.5, 1.5)]
    assert layer.query(metrics=["stock", "piece"], start="2024-02-01", end="2024-04-30").rows() == [(5.5, 1.5)]


def test_the_first_day_of_all_time_needs_a_period(tmp_path: Path) -> None:
    """Without one nothing says which day that is; a month before 20 January it was the 20 days up to 20 December."""
    opened = metric("opened", formula="trailing(sold, '20 days')", over_time="first")
    layer = retail(tmp_path, {"2023-10-05": 1, "2023-12-20": 16}, opened, metric("ever", formula="prior(all_time(opened), '1 month')"))
    with pytest.raises(QueryError, match="`over_time: first` of `sold` needs a split by a period"):
        layer.query(metrics=["ever"], start="2023-12-08", end="2024-01-20")
    assert layer.query(metrics=["ever"], by=["month"], start="2023-12-08").rows() == [(dt.date(2023, 12, 1), 1)]


def test_the_first_day_of_what_a_cut_month_gathers_is_looked_for_far_enough_back(tmp_path: Path) -> None:
    """Two months up to December begin with 1 November, whose 20 days reach 13 October; the range begins with 8 December."""
    opened = metric("opened", formula="trailing(sold, '20 days')", over_time="first")
    layer = retail(tmp_path, {"2023-10-05": 1, "2023-10-20": 2, "2023-12-20": 16}, opened, metric("two", formula="trailing(opened, '2 months')"))
    assert layer.query(metrics=["two"], by=["month"], start="2023-12-08").rows() == [(dt.date(2023, 12, 1), 2)]


def own(folder: Path, formula: str, frames: tuple[dict[str, object], ...] = (), **more: str) -> Layer:
    rows = ", ".join(f"({number}, '{when}', 'A', {amount})" for number, (when, amount) in enumerate(SOLD.items()))
    declared = shop(metric("sold", measure="sum(amount)"), metric("read", formula=formula, **more), frames=list(frames))
    return made(folder, declared, f"create table sales (id integer, day date, shop varchar, amount integer); insert into sales values {rows};")


def test_a_first_piece_of_the_first_day_is_as_long_as_what_is_asked(tmp_path: Path) -> None:
    """The week of 1 January begins on 26 December 2022; a year from there on ends with the data, 31 May, and 63 days before it have 192."""
    layer = own(tmp_path, "to_date(period_start(trailing(sold, '63 days'), week), year)", over_time="first")
    # 30 March to 31 May: 64 and 128; up to the end of that year it was nothing
    assert layer.query(metrics=["read"], by=["year"]).rows() == [(dt.date(2023, 1, 1), 64 + 128)]


def test_the_first_day_of_a_period_beyond_the_data_is_what_that_day_says(tmp_path: Path) -> None:
    """The data end with 31 May, a Wednesday: the week up to 1 June has its 128, that up to 1 July is not known. The second opinion said 128."""
    layer = own(tmp_path, "all_time(to_date(sold, week))", over_time="first")
    for by in ("day", "month"):
        asked: dict[str, object] = {"metrics": ["read"], "by": [by], "start": "2023-06-01", "end": "2023-07-01", "fill": "spine"}
        rows = [row for row in layer.query(**asked).rows() if row[0].day == 1]
        assert rows == [(dt.date(2023, 6, 1), 128), (dt.date(2023, 7, 1), None)]
        tables = {"sales": [{"id": at, "day": dt.date.fromisoformat(when), "shop": "A", "amount": SOLD[when]} for at, when in enumerate(SOLD)]}
        assert [row for row in answer_of(layer.model, tables, **asked)[1] if row[0].day == 1] == rows  # type: ignore[attr-defined]


@pytest.mark.parametrize(("over_time", "measure"), [({}, "sum(amount)"), ({"over_time": "max"}, "sum(amount)"), ({"over_time": "last"}, "count(*) * 8")])
def test_what_gathers_within_a_longer_time_ends_with_the_data_wherever_the_range_begins(
    tmp_path: Path, over_time: dict[str, str], measure: str
) -> None:
    """The data end with 10 March. The three months up to March, April and May hold that day, so the last day of each is 8; those up to June do not.

    From 31 March on no row before that day was looked at: nothing, and of a count 0, where the same March without a range said 8.
    """
    rows = "(0, '2024-01-05', 'A', 1), (1, '2024-02-29', 'A', 2), (2, '2024-03-08', 'A', 4), (3, '2024-03-10', 'A', 8)"
    declared = shop(metric("sold", measure=measure, **over_time), metric("read", formula="trailing(trailing(sold, '1 day'), '1 quarter')"))
    declared["sources"][0] |= {"snapshot": True} if over_time else {}
    connection = duckdb.connect()
    connection.execute(f"create table sales (id integer, day date, shop varchar, amount integer); insert into sales values {rows}").fetchall()
    layer = made(tmp_path, declared, connection)
    for start in ("2024-03-01", "2024-03-31"):
        asked: dict[str, object] = {"metrics": ["read"], "by": ["month"], "start": start, "end": "2024-06-30", "fill": "spine"}
        found = layer.query(**asked).rows()
        assert found == [(dt.date(2024, month, 1), says) for month, says in ((3, 8), (4, 8), (5, 8), (6, None))]
        assert same_rows(answer_of(layer.model, rows_of(layer.model, connection), **asked)[1], found)  # type: ignore[arg-type]


def test_what_gathers_anew_does_not_ask_where_another_began(tmp_path: Path) -> None:
    """31 May is outside of the terms, so nobody knows where two of them began; the year begins anew, and its day is 3 May, a period before."""
    first, terms = dt.date(2023, 1, 1), ["day,term\n"]
    terms += [f"{first + dt.timedelta(at)},{'abcd'[at // 30]}\n" for at in range(120)]
    (tmp_path / "terms.csv").write_text("".join(terms))
    frames = (
        {"frame": "terms", "owner": "desk", "calendar": {"file": "terms.csv", "grains": {"term": "term"}}},
        {"frame": "retail", "owner": "desk", "calendar": {"weeks": "4-4-5", "year_ends": "saturday nearest january 31", "year_named": "start"}},
    )
    layer = own(tmp_path, "trailing(prior(to_date(sold, year), '1 retail.period'), '2 terms.term')", frames)
    rows = dict(layer.query(metrics=["read"], by=["day"]).rows())
    assert rows[dt.date(2023, 5, 31)] == 127  # all but that day's 128; it was missing
