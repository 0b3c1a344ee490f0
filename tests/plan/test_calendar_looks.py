"""Metric functions over calendars, cell by cell against days that are added up one by one."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from decisionlayer import DecisionLayerError
from decisionlayer.layer import Layer
from decisionlayer.resolve.frames.calendars import Calendar
from tests.plan.test_calendars import FRAMES, terms
from tests.worlds.made import made, metric, shop

ONE = dt.timedelta(days=1)
#: Over 2006, which had 53 retail weeks.
UNITS = ("retail.week", "retail.period", "retail.quarter", "retail.year", "school.term", "school.year", "iso.year", "fiscal.quarter", "fiscal.year")


def sales() -> list[tuple[dt.date, int]]:
    chance = random.Random(11)
    days = [dt.date(2005, 3, 1) + more * ONE for more in range(1100)]
    return [(day, chance.randint(1, 9)) for day in days if chance.random() < 0.9]


ROWS = sales()
SOLD = dict(ROWS)


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Layer:
    folder: Path = tmp_path_factory.mktemp("looks")
    (folder / "frames").mkdir()
    (folder / "frames/terms.csv").write_text(terms())
    frames = [{"frame": name, "owner": "desk", "calendar": FRAMES[name]} for name in ("retail", "school", "iso", "fiscal")]
    metrics = [metric("n", measure="sum(amount)")]
    for unit in UNITS:
        name = unit.replace(".", "_")
        metrics.append(metric(f"prior_{name}", formula=f"prior(n, '1 {unit}')"))
        metrics.append(metric(f"third_{name}", formula=f"prior(n, '3 {unit}s')"))
        metrics.append(metric(f"trailing_{name}", formula=f"trailing(n, '2 {unit}s')"))
        metrics.append(metric(f"to_date_{name}", formula=f"to_date(n, {unit})"))
    values = ", ".join(f"({number}, date '{day}', 'A', {amount})" for number, (day, amount) in enumerate(ROWS))
    tables = f"create table sales as select * from (values {values}, (-1, null, 'A', 1000)) v(id, day, shop, amount)"
    return made(folder, shop(*metrics, frames=frames), tables)


def total(begins: dt.date | None, ends: dt.date | None) -> int | None:
    """Add up days; nothing where the stretch has no row."""
    if begins is None or ends is None:
        return None
    found = [SOLD[day] for day in (begins + more * ONE for more in range(max((ends - begins).days, 0))) if day in SOLD]
    return sum(found) if found else None


def later(calendar: Calendar, grain: str, by: str, day: dt.date, count: int, *, clamped: bool = False) -> dt.date | None:
    """Return the day with the same place in the period ``count`` later, counted in asked periods."""
    number = calendar.number(grain, day)
    if number is None:
        return calendar.first_day(grain, len(calendar.rule.starts[grain]) + count)
    own, begins, after = (calendar.first_day(grain, number + more) for more in (0, count, count + 1))
    if own is None or begins is None or after is None:
        return None
    found: dt.date | None = begins + (day - own)
    if by != "day":
        place = calendar.number(by, day) - calendar.number(by, own)  # type: ignore[operator]
        found = calendar.first_day(by, calendar.number(by, begins) + place)  # type: ignore[operator]
    return found if found is not None and found < after else after if clamped else None


@pytest.fixture
def compared_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let periods of other lengths be compared, so that one can see which days are read."""
    monkeypatch.setattr("decisionlayer.plan.bind.timing.unequal", lambda *_: None)


@pytest.mark.usefixtures("compared_all_the_same")
@pytest.mark.parametrize("unit", UNITS)
def test_every_cell_reads_the_days_that_its_function_says(layer: Layer, unit: str) -> None:
    frame, _, grain = unit.partition(".")
    calendar = layer.model.project.calendars[frame]
    finer = calendar.grains[: calendar.grains.index(grain) + 1]
    for by in (*finer, *(("day",) if frame != "fiscal" else ())):
        after: Callable[[dt.date], dt.date | None] = lambda day, by=by: day + ONE if by == "day" else calendar.after(by, day)  # noqa: E731
        names = [f"{function}_{unit.replace('.', '_')}" for function in ("prior", "third", "trailing", "to_date")]
        rows = layer.query(metrics=names, by=["day" if by == "day" else f"{frame}.{by}"]).rows()
        assert len(rows) > 2
        for begins, *found in rows:
            if begins is None:
                continue
            ends = after(begins)
            assert ends is not None
            prior, third = (later(calendar, grain, by, begins, -count) for count in (1, 3))
            wanted = [
                total(prior, None if prior is None else after(prior)),
                total(third, None if third is None else after(third)),
                total(later(calendar, grain, by, ends, -2, clamped=True), ends),
                total(calendar.start(grain, ends - ONE), ends),
            ]
            assert found == wanted, (unit, by, begins)


def test_the_53rd_week_has_no_week_a_year_ago(layer: Layer) -> None:
    rows = layer.query(metrics=["n"], by=["retail.week.position", "retail.week"], compare=["year_ago"], start="2007-01-21", end="2007-02-10").rows()
    assert [(place, week, past) for place, week, _, past, *_ in rows] == [
        (1, dt.date(2007, 2, 4), total(dt.date(2006, 1, 29), dt.date(2006, 2, 5))),
        (52, dt.date(2007, 1, 21), total(dt.date(2006, 1, 22), dt.date(2006, 1, 29))),
        (53, dt.date(2007, 1, 28), None),
    ]


def test_a_month_does_not_follow_from_retail_weeks(layer: Layer) -> None:
    with pytest.raises(DecisionLayerError) as refused:
        layer.query(metrics=["prior_retail_week"], by=["month"])
    assert refused.value.codes == ("needs-period",)


@pytest.mark.parametrize(
    ("by", "start", "end", "codes"),
    [
        ("retail.quarter", "2006-10-29", "2007-02-03", ("unequal-periods",)),  # 14 weeks against 13
        ("retail.quarter", "2006-07-30", "2006-10-28", ()),
        ("retail.period", "2006-02-26", "2006-04-01", ("unequal-periods",)),  # 5 weeks against 4
        ("retail.period", None, None, ("unequal-periods",)),
        ("retail.week", None, None, ()),
        ("fiscal.quarter", None, None, ()),  # months count as equal
        ("school.term", None, None, ("unequal-periods",)),
    ],
)
def test_periods_of_other_lengths_are_not_compared(layer: Layer, by: str, start: str | None, end: str | None, codes: tuple[str, ...]) -> None:
    found: tuple[str, ...] = ()
    try:
        layer.query(metrics=["n"], by=[by], start=start, end=end, compare=["previous"])
    except DecisionLayerError as refused:
        found = refused.codes
    assert found == codes


@pytest.mark.usefixtures("compared_all_the_same")
def test_statements_stay_short(layer: Layer) -> None:
    for unit in UNITS:
        names = [f"{function}_{unit.replace('.', '_')}" for function in ("prior", "third", "trailing", "to_date")]
        assert max(len(layer.sql(metrics=[name], by=[unit])) for name in names) < 60_000
