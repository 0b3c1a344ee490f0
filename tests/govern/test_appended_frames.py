"""Lines added at the end of a frame leave a signature standing, and are said aloud; anything else that touches a frame voids it."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from decisionlayer import Layer
from decisionlayer.resolve.trust.standing import Standings

MONEY = Path(__file__).parents[1] / "worlds" / "money"
RATES = "frames/rates.csv"
TERMS = "frames/terms.csv"
LATE = "2999-12-31"
MORE = """
frames:
  - {frame: school, owner: treasury, calendar: {file: frames/terms.csv, grains: {term: term, year: school_year}}}
decisions: []
views:
  - {view: by_term, audience: executive, owner: board, definition: Group sales by term., metrics: [sales_eur], by: [school.term]}
"""


def terms(first: dt.date, last: dt.date, term: str, year: str) -> str:
    return "".join(f"{first + dt.timedelta(days=n)},{term},{year}\n" for n in range((last - first).days + 1))


FIRST = "day,term,school_year\n" + terms(dt.date(2025, 12, 1), dt.date(2026, 3, 31), "winter", "25/26") + terms(dt.date(2026, 4, 1), dt.date(2026, 6, 30), "spring", "25/26")
NEXT = terms(dt.date(2026, 7, 1), dt.date(2026, 12, 31), "autumn", "26/27")


@pytest.fixture
def money(tmp_path: Path) -> Path:
    root = tmp_path / "money"
    shutil.copytree(MONEY, root)
    (root / "definitions" / "more.yml").write_text(MORE.replace("decisions: []\n", ""))
    (root / TERMS).write_text(FIRST)
    return root


def loaded(root: Path) -> Layer:
    return Layer.load(root, today=dt.date(2026, 8, 1))


def sign(root: Path, *names: str) -> None:
    loaded(root).sign(*names, by="desk", until=LATE, dated="2026-05-01")


def standing(root: Path, subject: str) -> tuple[list[str], str]:
    found = Standings.of(loaded(root).model).thing(subject)
    return [each.code for each in found.findings], found.mark


def put(root: Path, file: str, old: str, new: str) -> None:
    text = (root / file).read_text()
    assert old in text
    (root / file).write_text(text.replace(old, new, 1))


def add(root: Path, file: str, text: str) -> None:
    (root / file).write_text((root / file).read_text() + text)


ALL = ("sales_eur", "frame group_eur")


def test_next_month_s_rates_leave_a_signature_standing_and_are_said(money: Path) -> None:
    sign(money, *ALL)
    assert standing(money, "metric sales_eur") == ([], f"OFFICIAL: signed by desk, until {LATE}.")
    add(money, RATES, "USD,2026-05-01,0.98,1.01\nGBP,2026-05-01,1.14,1.15\n")
    said = "since then `group_eur` has 2 more lines, from 2026-05-01"
    assert standing(money, "metric sales_eur") == ([], f"OFFICIAL: signed by desk, until {LATE}; {said}.")
    (signature,) = Standings.of(loaded(money).model).thing("metric sales_eur").signatures["metric sales_eur"]
    assert signature.holds and signature.added == said.removeprefix("since then ")


def test_where_in_the_file_they_stand_does_not_count(money: Path) -> None:
    sign(money, *ALL)
    put(money, RATES, "GBP,2026-01-01", "USD,2026-06-01,0.97,1.00\nUSD,2026-05-01,0.98,1.01\nGBP,2026-01-01")
    assert standing(money, "metric sales_eur")[0] == []


def test_signing_again_takes_the_note_away(money: Path) -> None:
    sign(money, *ALL)
    add(money, RATES, "USD,2026-05-01,0.98,1.01\n")
    loaded(money).sign(*ALL, by="desk", until=LATE, dated="2026-06-01")
    assert standing(money, "metric sales_eur") == ([], f"OFFICIAL: signed by desk, until {LATE}.")


Edit = Callable[[Path], None]


@pytest.mark.parametrize("edit", [
    lambda root: put(root, RATES, "USD,2026-03-01,0.97", "USD,2026-03-01,0.98"),
    lambda root: put(root, RATES, "USD,2026-04-01,0.99,", "USD,2026-04-01,0.99,1.02"),  # a rate that was not known yet is another one
    lambda root: put(root, RATES, "USD,2026-01-01,0.90,0.91\n", ""),
    lambda root: put(root, RATES, "USD,2026-04-01,0.99,\n", ""),
    lambda root: add(root, RATES, "GBP,2026-02-01,1.14,1.15\n"),  # it lies before the newest that was signed
    lambda root: put(root, "definitions/project.yml", "to: EUR, rates: {average: mean, closing: close}", "to: EUR, rates: {average: close, closing: mean}"),
    lambda root: put(root, "metrics/group.yml", "turnover: {from: sales_local,", "turnover: {from: sales_local, where: amount > 0,"),
], ids=["changed", "filled", "removed", "newest removed", "added before", "declared otherwise", "defined otherwise"])  # fmt: skip
@pytest.mark.parametrize("appended", [False, True])
def test_anything_else_voids_it_also_beside_what_was_added(money: Path, edit: Edit, appended: bool) -> None:
    sign(money, *ALL)
    if appended:
        add(money, RATES, "USD,2026-05-01,0.98,1.01\n")
    edit(money)
    codes, mark = standing(money, "metric sales_eur")
    assert "changed-since-signed" in codes and mark.startswith("DRAFT")


def test_an_open_span_that_is_closed_for_the_next_is_another_line(money: Path) -> None:
    sign(money, "us_by_contract", "frame contract")
    put(money, "frames/contract.csv", "USD,2026-03-31,,1.1", "USD,2026-03-31,2026-07-01,1.1\nUSD,2026-07-01,,1.3")
    assert set(standing(money, "metric us_by_contract")[0]) == {"changed-since-signed"}


def test_the_next_terms_of_a_calendar_leave_it_standing(money: Path) -> None:
    sign(money, *ALL, "frame school")
    assert standing(money, "view by_term")[0] == []
    add(money, TERMS, NEXT)
    codes, mark = standing(money, "view by_term")
    assert codes == [] and mark.endswith("; since then `school` goes on to 2026-12-31.")


@pytest.mark.parametrize("more", [
    terms(dt.date(2026, 7, 1), dt.date(2026, 7, 31), "spring", "25/26"),  # the term that was there is longer now
    terms(dt.date(2026, 7, 1), dt.date(2026, 8, 31), "summer", "25/26"),  # and so is the year
])  # fmt: skip
def test_a_period_that_goes_on_is_another_period(money: Path, more: str) -> None:
    sign(money, *ALL, "frame school")
    add(money, TERMS, more)
    assert standing(money, "view by_term")[0] == ["changed-since-signed"]


def test_only_the_frames_that_a_thing_stands_on_are_in_its_record(money: Path) -> None:
    sign(money, "sales_eur")
    sign(money, "frame bank", "frame school")
    texts = sorted(path.read_text() for path in (money / "definitions" / "records" / "sign").glob("*.yml"))
    assert [("group_eur" in text, "bank: 2026-04-01" in text, "school: 2026-06-30" in text) for text in texts] in (
        [(True, False, False), (False, True, True)], [(False, True, True), (True, False, False)],
    )  # fmt: skip


def test_no_number_that_was_published_moves(money: Path) -> None:
    def asked() -> list[tuple[object, ...]]:
        connection = duckdb.connect()
        connection.execute((MONEY / "tables.sql").read_text()).fetchall()
        with Layer.load(money, connection) as layer:
            return layer.query(metrics=["sales_eur"], by=["month"], start="2026-01", end="2026-03").rows()

    before = asked()
    add(money, RATES, "USD,2026-05-01,0.98,1.01\nGBP,2026-05-01,1.14,1.15\n")
    assert asked() == before and before


def test_a_difference_says_that_no_signature_is_void(money: Path, tmp_path: Path) -> None:
    sign(money, *ALL)
    shutil.copytree(money, tmp_path / "after")
    add(tmp_path / "after", RATES, "USD,2026-05-01,0.98,1.01\n")
    assert [each.reaches.signatures for each in loaded(tmp_path / "after").diff(money).changes if each.reaches.signatures] == []
    put(tmp_path / "after", RATES, "USD,2026-03-01,0.97", "USD,2026-03-01,0.98")
    assert any(each.reaches.signatures for each in loaded(tmp_path / "after").diff(money).changes)
