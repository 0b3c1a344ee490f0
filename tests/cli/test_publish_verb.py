"""``publish`` says what now stands where; a refusal publishes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from tests.cli.conftest import CommandLine


def schemas(file: Path) -> set[str]:
    with duckdb.connect(str(file), read_only=True) as warehouse:
        return {str(name) for (name,) in warehouse.execute("select distinct table_schema from information_schema.tables").fetchall()}


def test_it_publishes_into_the_warehouse_and_says_what_stands(cli: CommandLine, shop: Path) -> None:
    said = cli("publish")
    assert said.code == 0
    assert said.out.startswith("published 1 view and 6 catalog tables to ")
    assert "executive.branch_month" in said.out and "draft: nothing of it is signed" in said.out
    with duckdb.connect("shop.duckdb", read_only=True) as warehouse:
        rows = warehouse.execute("select * from executive.branch_month").fetchall()
    assert [(str(month), name, share) for month, name, share in rows] == [
        ("2024-01-01", "North", 0.5), ("2024-02-01", "South, by the sea", 0.0), ("2024-02-01", None, 0.5),
    ]  # fmt: skip


def test_the_receipt_is_json_for_pipelines(cli: CommandLine, shop: Path) -> None:
    said = cli("publish", "--to", "board.duckdb", "--format", "json")
    receipt = json.loads(said.out)
    assert said.code == 0 and receipt["status"] == "draft"
    assert [(one["schema"], one["name"], one["stored_as"]) for one in receipt["published"]] == [("executive", "branch_month", "table")]
    assert schemas(shop / "board.duckdb") == {"executive"}
    assert schemas(shop / "shop.duckdb") == {"main"}


def test_a_refusal_publishes_nothing(cli: CommandLine, shop: Path) -> None:
    path = shop / "definitions" / "project.yml"
    path.write_text(path.read_text().replace("metrics: [kept_promise]", "metrics: [in_time_share]"))
    said = cli("publish")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("error[purpose-mismatch] DL201: ")
    assert schemas(shop / "shop.duckdb") == {"main"}


def test_a_warehouse_in_memory_would_forget_it(cli: CommandLine, shop: Path) -> None:
    path = shop / "definitions" / "project.yml"
    path.write_text(path.read_text().replace(', warehouse: "duckdb:///shop.duckdb"', ""))
    said = cli("publish")
    assert (said.code, said.out) == (2, "")
    assert said.err == "error: there is no warehouse to publish to\n  help: say --warehouse URL, or --to FILE for a file of its own\n"
