"""Bad input of each kind gets one clear message and exit code 1, and nothing is published."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from tests.cli.conftest import CommandLine

CHOICE = "purpose: choice, owner: board, better: higher, grain: {time: month, by: [branch]}"
ACTION = "purpose: action, owner: desk, better: higher, respond: Look."
OWNED = "owner: bizops, why: It says why., loses: The day."

#: What is added to ``metrics/new.yml``, and the code of the one error that it gets.
ADDED = [
    ("an action metric in a choice metric without translation", "purpose-mismatch",
     f"{{metric: n, title: N, definition: D., unit: EUR/order, {CHOICE}, formula: revenue / orders_in}}"),
    ("a choice metric on raw rows that nobody owns the switch of", "purpose-mismatch",
     f"{{metric: n, title: N, definition: D., unit: order, {CHOICE}, source: orders, measure: count(*)}}"),
    ("a translation without owner", "unowned-translation",
     f"{{metric: n, title: N, definition: D., unit: EUR, {CHOICE}, translation: {{why: It says why., loses: The day., from: revenue}}}}"),
    ("an aggregate around a metric", "average-of-averages",
     f"{{metric: n, title: N, definition: D., unit: percent, {CHOICE}, formula: avg(share), "
     f"translation: {{{OWNED}, terms: {{share: in_time_share}}}}}}"),
    ("euros and minutes added", "mixed-units",
     f"{{metric: n, title: N, definition: D., unit: EUR, {CHOICE}, formula: money + late, "
     f"translation: {{{OWNED}, terms: {{money: revenue, late: late_minutes}}}}}}"),
    ("hours and minutes added", "mixed-units",
     f"{{metric: n, title: N, definition: D., unit: hour, {CHOICE}, formula: a + b, "
     f"translation: {{{OWNED}, terms: {{a: {{from: late_minutes, to: hour}}, b: late_minutes}}}}}}"),
    ("an unknown dimension with a typo", "unknown-name",
     f"{{metric: n, title: N, definition: D., unit: order, {ACTION}, source: orders, measure: count(*), where: branch.nmae = 'North'}}"),
    ("a duplicate name", "duplicate-name",
     f"{{metric: revenue, title: N, definition: D., unit: EUR, {ACTION}, source: orders, measure: sum(amount)}}"),
    ("a missing column", "unknown-name",
     f"{{metric: n, title: N, definition: D., unit: EUR, {ACTION}, source: orders, measure: sum(amonut)}}"),
    ("a string where a list belongs", "wrong-type",
     "{metric: n, title: N, definition: D., unit: order, purpose: action, owner: desk, better: none, respond: Look., source: orders, "
     "measure: count(*), grain: {by: branch}}"),
]  # fmt: skip


def findings(cli: CommandLine, *words: str) -> tuple[int, list[str]]:
    said = cli("check", "--format", "json", *words)
    return said.code, [f["code"] for f in json.loads(said.out)["findings"] if f["severity"] == "error"]


def published(shop: Path) -> bool:
    with duckdb.connect(str(shop / "shop.duckdb"), read_only=True) as warehouse:
        return bool(warehouse.execute("select 1 from information_schema.schemata where schema_name = 'executive'").fetchall())


@pytest.fixture
def late(shop: Path) -> Path:
    """The shop with minutes of lateness, and a column that holds averages."""
    with (shop / "metrics" / "orders.yml").open("a") as file:
        file.write(
            "---\n"
            "metrics:\n"
            "  - {metric: late_minutes, title: Late minutes, definition: Minutes., purpose: action, owner: desk, unit: minute,\n"
            "     better: lower, source: orders, measure: sum(late_min), grain: {time: day, by: [branch]}, respond: Run.}\n"
        )
    return shop


@pytest.mark.parametrize(("what", "code", "metric"), ADDED, ids=lambda value: value if value else "")
def test_a_metric_that_could_be_wrong_is_one_finding(cli: CommandLine, late: Path, what: str, code: str, metric: str) -> None:
    assert findings(cli) == (0, [])
    (late / "metrics" / "new.yml").write_text(f"metrics:\n  - {metric}\n")
    assert findings(cli) == (1, [code]), what
    assert cli("publish").code == 1
    assert not published(late)


def test_an_average_over_averages_is_refused(cli: CommandLine, shop: Path) -> None:
    path = shop / "definitions" / "project.yml"
    before = "late_min: {type: integer, unit: minute}"
    path.write_text(path.read_text().replace(before, before.replace("}", ", is: average}")))
    (shop / "metrics" / "new.yml").write_text(
        f"metrics:\n  - {{metric: n, title: N, definition: D., unit: minute, {ACTION}, source: orders, measure: avg(late_min)}}\n"
    )
    assert findings(cli) == (1, ["average-of-averages"])


def test_a_cycle_of_metrics_is_one_finding(cli: CommandLine, shop: Path) -> None:
    (shop / "metrics" / "new.yml").write_text(
        "metrics:\n"
        f"  - {{metric: a, title: A, definition: D., unit: percent, {CHOICE}, formula: b}}\n"
        f"  - {{metric: b, title: B, definition: D., unit: percent, {CHOICE}, formula: a}}\n"
    )
    assert findings(cli) == (1, ["cycle"])
    assert cli("publish").code == 1 and not published(shop)


def test_a_tab_is_one_finding(cli: CommandLine, shop: Path) -> None:
    (shop / "metrics" / "new.yml").write_text("metrics:\n\t- {metric: n}\n")
    assert findings(cli) == (1, ["unreadable"])
    assert cli("publish").code == 1 and not published(shop)


def test_a_split_that_fans_out_is_refused(cli: CommandLine, shop: Path) -> None:
    path = shop / "definitions" / "project.yml"
    path.write_text(
        path.read_text().replace(
            "views:\n",
            "  - source: rents\n    one_row_is: the rent of one branch in one month\n    table: rents\n    key: [branch, month_begun]\n"
            "    time: {month_begun: month}\n    links: {branch: branch}\n    owner: desk\n"
            "    columns: {branch: text, month_begun: date, rent: {type: \"decimal(38,2)\", unit: EUR}}\nviews:\n",
        )
    )
    with duckdb.connect(str(shop / "shop.duckdb")) as warehouse:
        warehouse.execute("create table rents (branch varchar, month_begun date, rent decimal(38,2))")
    (shop / "metrics" / "new.yml").write_text(
        f"metrics:\n  - {{metric: rent_paid, title: Rent, definition: D., unit: EUR, {ACTION}, source: rents, measure: sum(rent)}}\n"
    )
    assert findings(cli) == (0, [])
    said = cli("query", "rent_paid", "--by", "price")
    assert said.code == 1 and said.err.startswith("error[fan-out] DL108: `rent_paid` cannot be split by `price`")


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("drop table branches", "missing-table"),
        ("alter table orders drop column late_min", "missing-column"),
        ("insert into branches values ('n', 'North again')", "key-not-unique"),
    ],
)
def test_what_the_warehouse_lacks_is_found_before_anything_is_published(
    cli: CommandLine, shop: Path, statement: str, code: str
) -> None:
    with duckdb.connect(str(shop / "shop.duckdb")) as warehouse:
        warehouse.execute(statement)
    found, codes = findings(cli, "--data")
    assert found == 1 and code in codes
    said = cli("publish")
    assert said.code == 1 and f"error[{code}]" in said.err
    assert not published(shop)
