"""Hours, quarters of an hour and several hours in the nights in which New York's clocks change, worked out by hand.

The world ``clocks`` has powers of two, so that every sum says which rows are in it. In spring 02:00 is followed by 03:00; in autumn
the hour from 01:00 comes twice.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from tests.reference.answer import answer_of
from tests.reference.same import same_rows
from tests.worlds import shared_world
from tests.worlds.made import made, metric, shop


def utc(day: str, time: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{day}T{time}:00+00:00")


def asked(**ask: object) -> list[tuple[object, ...]]:
    layer, _ = shared_world("clocks")
    rows = layer.query(metrics=["pings"], **ask).rows()
    # Python holds no time that comes twice equal to the same one in another zone, so both are shown in UTC.
    return [tuple(each.astimezone(dt.UTC) if isinstance(each, dt.datetime) else each for each in row) for row in rows]


def test_quarters_of_an_hour_that_come_twice_are_two() -> None:
    rows = asked(by=["15 minutes"], start="2024-11-03", end="2024-11-03")
    # 01:30 in summer time is 05:30 UTC, 01:30 in winter time 06:30; under one name they would be 768
    assert rows == [
        (utc("2024-11-03", "04:00"), 128), (utc("2024-11-03", "05:30"), 256), (utc("2024-11-03", "06:30"), 512),
        (utc("2024-11-04", "04:45"), 1024),
    ]  # fmt: skip


def test_no_quarter_of_an_hour_begins_in_the_hour_that_is_left_out() -> None:
    rows = asked(by=["15 minutes"], start="2024-03-10", end="2024-03-10")
    assert [period for period, _ in rows] == [
        utc("2024-03-10", "05:00"), utc("2024-03-10", "06:45"), utc("2024-03-10", "07:00"), utc("2024-03-11", "03:45"),
    ]  # fmt: skip


def test_six_hours_from_midnight_are_one_period_though_they_last_seven() -> None:
    rows = asked(by=["6 hours"], start="2024-11-03", end="2024-11-03")
    # 128 + 256 + 512; counted back from each instant, the second 01:30 would make a period of its own: 384 and 512
    assert rows == [(utc("2024-11-03", "04:00"), 896), (utc("2024-11-03", "23:00"), 1024)]


def test_six_hours_from_midnight_are_one_period_though_they_last_five() -> None:
    assert asked(by=["6 hours"], start="2024-03-10", end="2024-03-10")[0] == (utc("2024-03-10", "05:00"), 14)  # 2 + 4 + 8


def test_the_hour_before_the_hour_that_comes_again_is_its_first_run() -> None:
    rows = asked(by=["hour"], start="2024-11-03", end="2024-11-03", compare=["previous"])
    # by the clock on the wall both runs would be compared with midnight: 128
    assert [row[1:3] for row in rows] == [(128, 64), (256, 128), (512, 256), (1024, None)]


def test_in_spring_the_hour_before_three_is_one() -> None:
    rows = asked(by=["hour"], start="2024-03-10", end="2024-03-10", compare=["previous"])
    assert [row[1:3] for row in rows] == [(2, 1), (4, 2), (8, 4), (16, None)]


def test_a_day_is_compared_with_a_day_whatever_its_hours() -> None:
    rows = asked(by=["day"], start="2024-03-10", end="2024-03-11", compare=["previous"])
    # 24 hours before the end of the 10th lies an hour of the 9th; before that of the 11th one hour of the 10th is lost
    assert [row[1:3] for row in rows] == [(30, 1), (32, 30)]
    rows = asked(by=["day"], start="2024-11-03", end="2024-11-04", compare=["previous"])
    assert [row[1:3] for row in rows] == [(1920, 64), (2048, 1920)]


def test_six_hours_are_compared_by_the_clock_on_the_wall() -> None:
    rows = asked(by=["6 hours"], start="2024-11-03", end="2024-11-04", compare=["previous"])
    # midnight to six on the 3rd is held against the evening of the 2nd; the evening of the 3rd against its afternoon, which had nothing
    assert [row[1:3] for row in rows] == [(896, 64), (1024, None), (2048, 1024)]


def test_a_day_without_a_midnight_is_a_day(tmp_path: Path) -> None:
    """In Havana 10 March 2024 begins at 01:00: the day before it is the 9th, and two days are two. The second opinion counted 47 hours."""
    declared = shop(metric("sold", measure="sum(amount)"), metric("a_day", unit="1/day", formula="per(sold, day)"))
    declared["project"]["timezone"] = "America/Havana"
    sold = {9: 10, 10: 20, 11: 40}
    values = ", ".join(f"({day}, '2024-03-{day:02}', 'A', {amount})" for day, amount in sold.items())
    layer = made(tmp_path, declared, f"create table sales (id integer, day date, shop varchar, amount integer); insert into sales values {values};")
    rows = [{"id": day, "day": dt.date(2024, 3, day), "shop": "A", "amount": amount} for day, amount in sold.items()]
    one, two = {"start": "2024-03-10", "end": "2024-03-10"}, {"start": "2024-03-10", "end": "2024-03-11"}
    beside = {"metrics": ["sold"], "by": ["day"], "compare": ["previous"], **one}
    mean: dict[str, object] = {"metrics": ["a_day"], **two}
    for asked, row in ((beside, (dt.date(2024, 3, 10), 20, 10, 10, 1.0)), (mean, (30.0,))):
        assert layer.query(**asked).rows() == [row]
        assert same_rows(answer_of(layer.model, {"sales": rows}, **asked)[1], [row])
    # The first moment of a day is no time within it, so that days answer from there on; it was refused, and instants lost an hour.
    assert layer.query(metrics=["a_day"], start="2024-03-10T05:00:00Z", end="2024-03-11").rows() == [(30.0,)]
