"""Views with the rest, ends, comparisons and filled periods: what an analyst reads is what the question answers.

January: S1 150, S2 200. February: S2 80, S3 70, S9 30, no shop 20. March: S1 10.
"""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import duckdb
import pytest

from decisionlayer import DecisionLayerError, Layer
from tests.worlds import connect

WORLDS = Path(__file__).parents[1] / "worlds"
VIEW = """
views:
  - {view: shaped, audience: executive, owner: board, definition: Shaped., metrics: %s, %s}
"""
PROMISED = "\ntargets: [{target: winter, metric: revenue, start: 2025-02-01, end: 2025-02-28, value: %s, proposed_by: board, accepted_by: desk}]\n"
JANUARY, FEBRUARY, MARCH, APRIL = (dt.date(2025, month, 1) for month in (1, 2, 3, 4))


def opened(project: Path, warehouse: Path, keys: str, metrics: str = "[revenue, margin]", more: str = "") -> Layer:
    text = (project / "definitions" / "all.yml").read_text()
    (project / "definitions" / "all.yml").write_text(text.replace("views:\n", VIEW.lstrip() % (metrics, keys), 1) + more)
    return Layer.load(project, warehouse=f"duckdb:///{warehouse}")


def read(warehouse: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as analyst:
        found: list[tuple[object, ...]] = analyst.execute(sql).fetchall()
        return found


def below(warehouse: Path) -> list[tuple[object, ...]]:
    return read(warehouse, "select stands_on, way from executive.dl_lineage where object = 'shaped'")


def comments(warehouse: Path) -> dict[str, str]:
    asked = "select column_name, comment from duckdb_columns() where table_name = 'shaped'"
    return {str(name): str(comment) for name, comment in read(warehouse, asked)}


def test_the_rest_is_a_row_whose_ratio_is_of_totals(project: Path, warehouse: Path) -> None:
    with opened(project, warehouse, "by: [month, shop.region.title], order: [-revenue], limit: 1, rest: true") as layer:
        layer.publish()
        [about] = read(warehouse, "select comment from duckdb_views() where view_name = 'shaped'")
    rows = read(warehouse, "from executive.shaped")
    assert [row[:4] for row in rows] == [
        (JANUARY, "South", False, 200), (JANUARY, None, True, 150),
        (FEBRUARY, "South", False, 80), (FEBRUARY, None, True, 120), (MARCH, None, True, 10),
    ]  # fmt: skip
    # The rest of February is 120 that cost 70; the mean of its three shares would be 0.575.
    assert rows[3][4] == pytest.approx(50 / 120)
    assert "is one row, where `rest` is true" in str(about) and "does not add up" not in str(about)
    assert comments(warehouse)["rest"].startswith("True for the row that holds every group beyond the first,")


def test_which_groups_come_first_is_asked_anew_each_time(project: Path, warehouse: Path) -> None:
    with opened(project, warehouse, "by: [shop], order: [-revenue], limit: 1, rest: true", "[revenue]") as layer:
        layer.publish()
    assert read(warehouse, "from executive.shaped") == [("S2", False, 280), (None, True, 280)]
    with duckdb.connect(str(warehouse)) as writer:
        writer.execute("insert into orders values (9, date '2025-03-05', 'S3', 900, 1)").fetchall()
    assert read(warehouse, "from executive.shaped") == [("S3", False, 970), (None, True, 490)]


def test_a_month_stands_beside_the_one_before(project: Path, warehouse: Path) -> None:
    with opened(project, warehouse, "by: [month], compare: [previous]", "[revenue]") as layer:
        receipt = layer.publish()
    assert read(warehouse, "select month, revenue, revenue__previous, revenue__previous_change from executive.shaped") == [
        (JANUARY, 350, None, None),  # before the data: missing, and no change of 350
        (FEBRUARY, 200, 350, -150), (MARCH, 10, 200, -190),
    ]  # fmt: skip
    said = comments(warehouse)
    assert said["revenue__previous"].startswith("Revenue (revenue) in the period before. Unit EUR")
    assert said["revenue__previous_pct"].startswith("Revenue (revenue) less revenue__previous, as a fraction of revenue__previous; NULL where")
    assert "Unit" not in said["revenue__previous_pct"]
    assert all("DRAFT" in said[column] for column in said if column != "month")
    assert "executive.shaped: A period that is not over is set beside a whole one." in receipt.notes


def test_a_range_that_is_over_has_no_running_period(project: Path, warehouse: Path) -> None:
    with opened(project, warehouse, "by: [month], start: 2025-02, end: 2025-03, compare: [previous, year_ago]", "[revenue]") as layer:
        receipt = layer.publish()
    asked = "select month, revenue, revenue__previous, revenue__year_ago from executive.shaped"
    assert read(warehouse, asked) == [(FEBRUARY, 200, 350, None), (MARCH, 10, 200, None)]
    assert not any("not over" in note for note in receipt.notes)


def test_filled_periods_have_every_group(project: Path, warehouse: Path) -> None:
    with opened(project, warehouse, "by: [month, shop.region.title], start: 2025-02, end: 2025-04, fill: spine", "[revenue]") as layer:
        layer.publish()
    assert read(warehouse, "from executive.shaped") == [
        (FEBRUARY, "North", None), (FEBRUARY, "South", 80), (FEBRUARY, None, 120),
        (MARCH, "North", 10), (MARCH, "South", None), (MARCH, None, None),
        (APRIL, "North", None), (APRIL, "South", None), (APRIL, None, None),
    ]  # fmt: skip


def test_the_ends_of_a_dimension_are_one_row_of_no_metric(project: Path, warehouse: Path) -> None:
    with opened(project, warehouse, "by: [month, shop], extremes: true", "[]") as layer:
        layer.publish()
        standing = layer.model.views["shaped"].meaning
    assert read(warehouse, "from executive.shaped") == [(JANUARY, MARCH, "S1", "S9")]
    assert comments(warehouse)["shop__max"] == "The greatest shop that any row has; NULLs aside."
    assert ("orders", "rows") in below(warehouse)
    text = (project / "definitions" / "all.yml").read_text()
    (project / "definitions" / "all.yml").write_text(text.replace("table: orders", "table: other_orders"))
    assert Layer.load(project).model.views["shaped"].meaning != standing


def test_what_was_promised_stands_beside_what_came(project: Path, warehouse: Path) -> None:
    with opened(project, warehouse, "by: [month], compare: [target]", "[revenue]", PROMISED % 300) as layer:
        layer.publish()
        meaning = layer.model.views["shaped"].meaning
    assert read(warehouse, "select month, revenue, revenue__target, revenue__target_change from executive.shaped") == [
        (JANUARY, 350, None, None), (FEBRUARY, 200, 300, -100), (MARCH, 10, None, None),
    ]  # fmt: skip
    assert comments(warehouse)["revenue__target"].startswith("Revenue (revenue) as it was promised for just these rows and this period")
    assert ("winter", "beside") in below(warehouse)
    text = (project / "definitions" / "all.yml").read_text()
    (project / "definitions" / "all.yml").write_text(text.replace("value: 300", "value: 310"))
    assert Layer.load(project).model.views["shaped"].meaning != meaning, "another promise is another view"


@pytest.mark.parametrize(("keys", "code"), [
    ("by: [month], compare: [prevoius]", "wrong-type"), ("by: [month], fill: all", "wrong-type"),
    ("by: [month, shop], rest: true", "bad-question"), ("by: [month, shop], extremes: true", "bad-question"),
    ("by: [shop], compare: [previous]", "needs-period"), ("by: [shop], fill: spine", "needs-period"),
    ("by: [month, shop], totals: true, rest: true", "bad-question"),
    ("by: [month, shop], totals: true, rest: true, limit: 1, min_group: 2", "not-built"),
    ("by: [month], totals: true, rest: true, limit: 1", "bad-question"),
])  # fmt: skip
def test_what_a_question_refuses_a_view_refuses(project: Path, warehouse: Path, keys: str, code: str) -> None:
    with opened(project, warehouse, keys) as layer:
        found = [finding for finding in layer.check() if finding.is_error]
        assert [finding.code for finding in found] == [code]
        assert found[0].place is not None
        with pytest.raises(DecisionLayerError):
            layer.publish()
    assert read(warehouse, "select count(*) from information_schema.schemata where schema_name = 'executive'") == [(0,)]


def test_a_cell_that_becomes_small_is_hidden_beside_others_too(project: Path, warehouse: Path) -> None:
    with opened(project, warehouse, "by: [year], compare: [previous], min_group: 2", "[revenue]") as layer:
        layer.publish()
    with duckdb.connect(str(warehouse)) as writer:
        writer.execute("delete from orders where id > 1; insert into orders values (9, date '2026-01-01', 'S1', 7, 1)").fetchall()
        writer.execute("insert into orders values (10, date '2026-01-01', 'S1', 8, 1)").fetchall()
    # One order of 100 is left of 2025; a change of -85 would tell it.
    assert read(warehouse, "select revenue, revenue__previous, revenue__previous_change from executive.shaped") == [
        (None, None, None), (15, None, None),
    ]  # fmt: skip


def test_a_small_cell_that_stands_beside_others_alone_refuses_too(project: Path, warehouse: Path) -> None:
    with opened(project, warehouse, "by: [month], start: 2025-02, end: 2025-02, compare: [previous], min_group: 4", "[revenue]") as layer:
        found = [finding.message for finding in layer.check(data=True) if finding.code == "small-group"]
    # February has four orders, and January, which stands beside it, three.
    assert found == ["1 of 1 cells of view `shaped` is over fewer than 4 rows; the smallest, month 2025-02-01, over 3"]


def test_what_is_left_out_like_for_like_is_said_when_it_is_published(tmp_path: Path) -> None:
    """Of 226 in 2026, 3 are of no shop that has rows in both years: 1.3% is left out of the comparison."""
    project = tmp_path / "reorg"
    shutil.copytree(WORLDS / "reorg", project)
    (project / "definitions" / "views.yml").write_text(
        "views: [{view: alike, audience: frontline, owner: desk, definition: Alike., metrics: [revenue], by: [year, org.division], "
        "start: '2026', end: '2026', compare: [previous], basis: like_for_like}]\n"
    )
    receipt = Layer.load(project, warehouse=connect("reorg")).publish()
    assert "frontline.alike: like for like leaves out 1.3% of revenue and 0.0% of revenue before" in receipt.notes
    assert any(note.startswith("frontline.alike: Today is ") for note in receipt.notes), "what is so today stays as of the publication"
