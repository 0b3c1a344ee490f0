"""`fill` gives every period of a range, cut as its calendar cuts it, and loses none that has rows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from decisionlayer import QueryError
from decisionlayer.layer import Layer
from tests.plan.test_calendars import FRAMES, terms
from tests.worlds.made import made, metric, shop

ONE = dt.timedelta(days=1)
UNITS = (
    "retail.week", "retail.period", "retail.quarter", "retail.half", "retail.year", "fiscal.month", "fiscal.quarter", "fiscal.half",
    "fiscal.year", "iso.week", "iso.year", "school.term", "school.year",
)  # fmt: skip
#: 53 retail weeks end on 3 February 2007; nothing is sold but on these days.
SOLD = {dt.date(2005, 3, 9): 1, dt.date(2007, 1, 31): 2, dt.date(2007, 5, 8): 4}


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Layer:
    folder: Path = tmp_path_factory.mktemp("fill")
    (folder / "frames").mkdir()
    (folder / "frames/terms.csv").write_text(terms())
    frames = [{"frame": name, "owner": "desk", "calendar": FRAMES[name]} for name in ("retail", "school", "iso", "fiscal")]
    values = ", ".join(f"({number}, date '{day}', 'A', {amount})" for number, (day, amount) in enumerate(SOLD.items()))
    tables = f"create table sales as select * from (values {values}, (-1, null, 'A', 1000)) v(id, day, shop, amount)"
    metrics = [metric("n", measure="sum(amount)"), metric("orders", measure="count(*)")]
    return made(folder, shop(*metrics, frames=frames), tables)


@pytest.mark.parametrize(("start", "end"), [("2005-02-01", "2007-03-31"), ("2006-01-01", "2006-02-05"), (None, None), (None, "2006-12")])
@pytest.mark.parametrize("unit", UNITS)
def test_every_period_is_there_once_with_what_its_days_sold(layer: Layer, unit: str, start: str | None, end: str | None) -> None:
    frame, _, grain = unit.partition(".")
    calendar = layer.model.project.calendars[frame]
    first = dt.date.fromisoformat(start) if start else min(SOLD)
    last = dt.date.fromisoformat(end if len(end) == 10 else f"{end}-31") if end else max(SOLD)
    if end and not start:  # the last period that the range reaches
        last = max(last, first)
    expected: dict[dt.date | None, int | None] = {}
    for day in (first + more * ONE for more in range((last - first).days + 1)):
        begins = calendar.start(grain, day)
        if begins is not None:
            expected[begins] = (expected.get(begins) or 0) + SOLD.get(day, 0) or None
    if start is None and end is None:
        expected[None] = 1000
    asked = {key: text for key, text in (("start", start), ("end", end)) if text is not None}
    rows = layer.query(metrics=["n"], by=[unit], fill="spine", **asked).rows()
    assert rows == [(begins, expected[begins]) for begins in sorted(each for each in expected if each)] + [
        (None, 1000) for each in expected if each is None
    ]


def test_a_year_of_53_weeks_by_hand(layer: Layer) -> None:
    """2006 ended with its 53rd week on 3 February 2007, so its last quarter has 14 weeks."""
    rows = layer.query(metrics=["orders"], by=["retail.quarter"], start="2006-10-29", end="2007-05-05", fill="spine").rows()
    # steps of 13 weeks would begin a quarter on 28 January, where the last week of the year does, and lose what was sold in it
    assert rows == [(dt.date(2006, 10, 29), 1), (dt.date(2007, 2, 4), 0)]


def test_outside_of_a_file_there_are_no_periods(layer: Layer) -> None:
    rows = layer.query(metrics=["n"], by=["school.year"], start="1990", end="2090", fill="spine").rows()
    listed = layer.model.project.calendars["school"].rule.starts["year"]  # type: ignore[union-attr]
    assert [row[0] for row in rows if row[0] is not None] == list(listed)


def test_what_time_is_not_asked_for_is_not_filled(layer: Layer) -> None:
    """`where` kept January's rows out, and an empty January would say that nothing was sold."""
    asked = {"metrics": ["orders"], "by": ["month"], "start": "2006-01", "end": "2006-03", "fill": "spine"}
    assert layer.query(where="month_of_year > 1", **asked).rows() == [(dt.date(2006, 2, 1), 0), (dt.date(2006, 3, 1), 0)]


def test_too_many_weeks_are_refused(layer: Layer) -> None:
    with pytest.raises(QueryError, match="more than 100,000 periods"):
        layer.query(metrics=["n"], by=["retail.week"], start="0001", end="2006", fill="spine")


def test_six_hours_are_cut_from_midnight_also_after_clocks_were_changed(tmp_path: Path) -> None:
    """Steps of six hours went 00, 07, 13 after the change on 10 March 2024, and lost the sale after the next midnight: 1 for 3."""
    declared = shop(metric("m", measure="sum(amount)"))
    declared["project"]["timezone"] = "America/New_York"
    declared["sources"][0]["time"] = {"day": {"grain": "hour", "zone": "UTC"}}
    declared["sources"][0]["columns"]["day"] = "timestamp"
    sold = "(1, timestamp '2024-03-10 05:00:00', 'A', 1), (2, timestamp '2024-03-11 05:00:00', 'A', 2)"
    layer = made(tmp_path, declared, f"create table sales as select * from (values {sold}) v(id, day, shop, amount)")
    rows = layer.query(metrics=["m"], by=["6 hours"], start="2024-03-10", end="2024-03-11", fill="spine").rows()
    walls = [(at.astimezone(ZoneInfo("America/New_York")).hour, amount) for at, amount in rows]
    assert walls == [(0, 1), (6, None), (12, None), (18, None), (0, 2), (6, None), (12, None), (18, None)]


def test_decades_are_filled_too(tmp_path: Path) -> None:
    """A hundred thousand times ten years is no time that a warehouse can tell, and looking so far ahead failed."""
    sold = "(1, date '1987-03-01', 'A', 1), (2, date '2024-03-11', 'A', 2)"
    tables = f"create table sales as select * from (values {sold}) v(id, day, shop, amount)"
    layer = made(tmp_path, shop(metric("m", measure="sum(amount)")), tables)
    rows = layer.query(metrics=["m"], by=["10 years"], fill="spine").rows()
    assert [(first.year, amount) for first, amount in rows] == [(1980, 1), (1990, None), (2000, None), (2010, None), (2020, 2)]
