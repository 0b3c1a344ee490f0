"""``check`` lists every finding for people, for pipelines and for code hosts; its exit code says whether one is an error."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from tests.cli.conftest import CommandLine

KEYS = ["id", "code", "rule", "severity", "subject", "file", "line", "column", "message", "why", "damage", "help"]


def break_two_things(shop: Path) -> None:
    path = shop / "metrics" / "orders.yml"
    path.write_text(path.read_text().replace("owner: bizops, why", "why").replace("measure: sum(amount)", "measure: sum(amonut)"))


def test_a_project_without_findings_is_silent_on_stdout(cli: CommandLine, shop: Path) -> None:
    said = cli("check")
    assert (said.code, said.out, said.err) == (0, "", "4 metrics, 2 sources, 0 decisions, 1 view: no findings\n")


def test_all_findings_come_in_one_run_with_their_places(cli: CommandLine, shop: Path) -> None:
    break_two_things(shop)
    said = cli("check")
    assert said.code == 1
    assert "error[unknown-name] DL001: `orders` has no column `amonut`\n  --> metrics/orders.yml:4:" in said.out
    assert "error[unowned-translation] DL203: " in said.out
    assert said.err.endswith("errors\n")


def test_json_is_the_object_that_the_manual_promises(cli: CommandLine, shop: Path) -> None:
    break_two_things(shop)
    said = cli("check", "--format", "json")
    read = json.loads(said.out)
    assert (said.code, said.err) == (1, "")
    assert list(read) == ["findings", "counts"] and list(read["counts"]) == ["error", "warning", "info"]
    assert all(list(finding) == KEYS for finding in read["findings"])
    assert read["counts"]["error"] == sum(finding["severity"] == "error" for finding in read["findings"])
    assert ("unowned-translation", "DL203", "metrics/orders.yml") in {(f["code"], f["rule"], f["file"]) for f in read["findings"]}


def test_ids_of_findings_do_not_hang_on_lines(cli: CommandLine, shop: Path) -> None:
    break_two_things(shop)
    before = {f["id"]: f["line"] for f in json.loads(cli("check", "--format", "json").out)["findings"]}
    path = shop / "metrics" / "orders.yml"
    path.write_text("# a line above\n" + path.read_text())
    after = {f["id"]: f["line"] for f in json.loads(cli("check", "--format", "json").out)["findings"]}
    assert before.keys() == after.keys()
    assert before != after


def test_sarif_names_rules_and_places(cli: CommandLine, shop: Path) -> None:
    break_two_things(shop)
    read = json.loads(cli("check", "--format", "sarif").out)
    assert read["version"] == "2.1.0"
    (run,) = read["runs"]
    assert {"DL001", "DL203"} <= {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    found = next(result for result in run["results"] if result["ruleId"] == "DL203")
    assert found["level"] == "error" and "has no owner" in found["message"]["text"]
    assert found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "metrics/orders.yml"


def test_the_data_is_looked_at_when_asked(cli: CommandLine, shop: Path) -> None:
    said = cli("check", "--data", "--format", "json")
    assert said.code == 0  # an order without a branch is a warning: it stays in sight as Unassigned
    assert [f["code"] for f in json.loads(said.out)["findings"]] == ["rows-without-home"]
    with duckdb.connect(str(shop / "shop.duckdb")) as warehouse:
        warehouse.execute("insert into branches values ('n', 'North again')")
    said = cli("check", "--data", "--format", "json")
    assert said.code == 1
    assert "key-not-unique" in {f["code"] for f in json.loads(said.out)["findings"]}


def test_a_warning_alone_is_fine(cli: CommandLine, shop: Path) -> None:
    path = shop / "metrics" / "orders.yml"
    path.write_text(path.read_text().replace(", respond: Pack.", ""))
    said = cli("check")
    assert said.code == 0 and said.out.startswith("warning[unused-metric] DL501")


@pytest.mark.parametrize("words", [["query", "orders_in"], ["sql", "orders_in"], ["explain", "orders_in"]])
def test_a_broken_thing_silences_only_what_stands_on_it(cli: CommandLine, shop: Path, words: list[str]) -> None:
    break_two_things(shop)
    assert cli(*words).code == 0
    assert cli("query", "kept_promise").code == 1
