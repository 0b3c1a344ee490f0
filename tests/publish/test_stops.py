"""Statements that stop themselves: publishing tells the rule, nothing is lost, and an analyst is told it too."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from decisionlayer import DeclarationError, Layer
from tests.publish.conftest import PROJECT

MONEY = Path(__file__).parents[1] / "worlds" / "money"
VIEWS = """
views:
  - {view: group, owner: board, definition: Group sales., metrics: [sales_eur], by: [month]}
  - {view: local, audience: frontline, owner: desk, definition: Sales in the customer's money., metrics: [sales_local], by: [region]}
"""
NET = """
metrics:
  - {metric: net, title: Net, definition: What is left., purpose: action, owner: desk, unit: EUR, better: higher, source: orders,
     grain: {time: day}, measure: sum(amount - cost), respond: Call the shop.}
views:
  - {view: net_day, audience: frontline, owner: desk, definition: What is left of a day., metrics: [net], by: [month]}
"""


def money(folder: Path) -> tuple[Path, Path]:
    """Copy the world of two currencies, without the sale that has no rate, into a project and a warehouse file."""
    project = folder / "money"
    shutil.copytree(MONEY, project)
    (project / "definitions" / "views.yml").write_text(VIEWS)
    warehouse = folder / "money.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute((MONEY / "tables.sql").read_text() + "delete from sales where id = 10").fetchall()
    return project, warehouse


def change(warehouse: Path, sql: str) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(sql).fetchall()


def read(warehouse: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as analyst:
        found: list[tuple[object, ...]] = analyst.execute(sql).fetchall()
        return found


def test_a_rate_that_is_missing_refuses_the_publication_by_its_own_name(tmp_path: Path) -> None:
    project, warehouse = money(tmp_path)
    with Layer.load(project, warehouse=f"duckdb:///{warehouse}") as layer:
        layer.publish()
        before = read(warehouse, "select published_at from executive.dl_publications")
        change(warehouse, "insert into sales values (10, '2026-04-02', 'UK', 'GBP', 70, 0, 7)")
        with pytest.raises(DeclarationError) as refused:
            layer.publish()
        [finding] = refused.value.findings
        assert (finding.code, finding.subject) == ("missing-rate", "frame group_eur")
        assert finding.message == "view `group` cannot be proven: `group_eur` has no average rate of GBP for 2026-04"
        assert finding.damage == "without a rate: 70.00 GBP of 2026-04"
        assert finding.place is not None and finding.place.file.endswith("project.yml")
        assert [each.code for each in layer.check(data=True) if each.is_error] == ["missing-rate"]
    assert read(warehouse, "select published_at from executive.dl_publications") == before, "the old publication stands"
    with pytest.raises(duckdb.InvalidInputException, match=r"missing-rate: `group_eur` has no average rate for GBP on 2026-04-01"):
        read(warehouse, "from executive.\"group\"")


def test_two_units_in_one_cell_refuse_the_publication_though_its_parts_add_up(tmp_path: Path) -> None:
    project, warehouse = money(tmp_path)
    with Layer.load(project, warehouse=f"duckdb:///{warehouse}") as layer:
        layer.publish()
        change(warehouse, "insert into sales values (11, '2026-03-02', 'US', 'EUR', 7, 0, 1)")
        with pytest.raises(DeclarationError) as refused:
            layer.publish()
        [finding] = refused.value.findings
    assert (finding.code, finding.rule.id, finding.subject) == ("mixed-units", "DL105", "view local")
    assert finding.message == "view `local` cannot be read: `sales_local` would add up EUR and USD in one cell"
    with pytest.raises(duckdb.InvalidInputException, match=r"DL105 mixed-units: `sales_local` adds up EUR and USD"):
        read(warehouse, "from frontline.local")


def test_a_torn_row_refuses_the_publication_and_a_file_aside(project: Path, warehouse: Path, tmp_path: Path) -> None:
    (project / "definitions" / "all.yml").write_text(PROJECT.replace("metrics:\n", NET.partition("views:")[0].lstrip(), 1).replace(
        "views:\n", "views:" + NET.partition("views:")[2], 1
    ))
    aside = tmp_path / "board.duckdb"
    with Layer.load(project, warehouse=f"duckdb:///{warehouse}") as layer:
        layer.publish(to=str(aside))
        layer.close()
        change(warehouse, "insert into orders values (9, date '2025-03-03', 'S1', 40, null)")
        with pytest.raises(DeclarationError) as refused:
            layer.publish(to=str(aside))
        [finding] = refused.value.findings
        assert (finding.code, finding.rule.id, finding.subject) == ("empty-part", "DL111", "metric net")
        assert finding.damage == "325 without such rows, 365 with each part added up by itself"
        assert [each.code for each in layer.check(data=True) if each.is_error] == ["empty-part"], "one trouble is told once"
    assert read(aside, "select sum(net) from frontline.net_day") == [(325,)]


def test_a_day_in_the_far_future_is_no_reason_to_fill_until_then(project: Path, warehouse: Path) -> None:
    text = PROJECT.replace("by: [day, shop]}", "by: [day, shop], fill: spine}")
    (project / "definitions" / "all.yml").write_text(text)
    change(warehouse, "insert into orders values (9, date '9999-12-31', 'S1', 40, 1)")
    with Layer.load(project, warehouse=f"duckdb:///{warehouse}") as layer:
        findings = [each for each in layer.check(data=True) if each.is_error]
    assert [(each.code, each.subject) for each in findings] == [("bad-question", "view shop_day")]
    assert findings[0].message == "view `shop_day` cannot be read: more than 100,000 periods would be made, by `fill` or for a mean over days"


@pytest.mark.parametrize(("sql", "code", "subject"), [
    ("drop table shops", "missing-table", "source shops"), ("alter table orders drop column cost", "missing-column", "source orders"),
    ("insert into orders values (9, date '2025-03-03', 'S1', 40, null)", "empty-part", "metric net"),
])  # fmt: skip
def test_what_changes_between_the_checks_and_the_publication_is_told_by_its_own_rule(
    project: Path, connection: duckdb.DuckDBPyConnection, sql: str, code: str, subject: str
) -> None:
    text = PROJECT.replace("metrics:\n", NET.partition("views:")[0].lstrip(), 1)
    views = "views:" + NET.partition("views:")[2].replace("by: [month]", "by: [month], as: table")
    (project / "definitions" / "all.yml").write_text(text.replace("views:\n", views, 1))
    layer = Layer.load(project, connection)
    layer.publish()
    before = connection.execute("select published_at, object from executive.dl_publications").fetchall()

    def meanwhile(said: str) -> None:
        if said.startswith("publishing"):
            connection.execute(sql).fetchall()

    with pytest.raises(DeclarationError) as refused:
        layer.publish(say=meanwhile)
    [finding] = [each for each in refused.value.findings if each.code == code]
    assert finding.subject == subject and finding.place is not None
    assert connection.execute("select published_at, object from executive.dl_publications").fetchall() == before
