"""``init`` writes a project to begin with, whole, and never over anything; ``schema`` describes its files."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.cli.conftest import CommandLine


def files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_the_starter_project_passes_check_and_answers_at_once(
    cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = cli("init", "bakery")
    assert (made.code, made.out) == (0, "Next: decisionlayer check --project bakery\n")
    monkeypatch.chdir("bakery")
    assert "no findings" in cli("check").err
    assert cli("check", "--data").code == 0
    asked = cli("query", "served_soon", "welcome_kept", "--by", "month", "--format", "csv")
    assert asked.code == 0 and asked.out.startswith("month,served_soon,welcome_kept\n")


def test_init_here_names_the_project_after_the_folder(cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "24 Hours-Bakery!"
    here.mkdir()
    monkeypatch.chdir(here)
    assert cli("init").out == "Next: decisionlayer check\n"
    assert cli("check").code == 0


def test_init_never_writes_over_anything(cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "definitions").mkdir()
    (tmp_path / "definitions" / "project.yml").write_text("mine\n")
    before = files(tmp_path)
    said = cli("init")
    assert (said.code, said.out) == (2, "")
    assert said.err == "error: definitions/project.yml is there already\n  help: nothing was written; name another folder\n"
    assert files(tmp_path) == before


def test_init_into_a_file_is_refused(cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes").write_text("x")
    assert cli("init", "notes").err == "error: notes is a file; a project is a folder\n"


def test_init_from_data_proposes_what_can_be_counted_and_asks_for_the_rest(
    cli: CommandLine, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = cli("init", "mine", "--from", "shop/shop.duckdb")
    assert made.code == 0 and made.out == "Next: decisionlayer check --project mine\n"
    proposed = yaml.safe_load((tmp_path / "mine" / "definitions" / "sources.yml").read_text())
    keys = {source["source"]: source.get("key") for source in proposed["sources"]}
    assert keys == {"branches": ["branch"], "orders": ["no"]}
    said = cli("check", "--project", "mine", "--format", "json")
    asked = {finding["code"] for finding in json.loads(said.out)["findings"]}
    assert said.code == 1 and {"no-owner", "no-definition", "no-purpose", "no-unit"} <= asked
    monkeypatch.chdir("mine")
    draft = cli("query", "orders_rows", "--format", "csv")
    assert draft.out == "orders_rows\n5\n"
    assert draft.err.startswith("note: `orders_rows` cannot be published: ")


@pytest.mark.parametrize("target", ["nothing.duckdb", "nothing*.csv", "empty"])
def test_init_from_what_is_not_there_writes_nothing(
    cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    said = cli("init", "mine", "--from", target)
    assert said.code == 3 and "error[warehouse-failed]: " in said.err and said.out == ""
    assert not (tmp_path / "mine").exists()


def test_a_disk_that_fills_up_leaves_no_half_of_a_project(
    cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write, written = Path.write_text, []

    def fill_up(path: Path, text: str, **options: str) -> int:
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        written.append(path)
        return write(path, text, **options)

    monkeypatch.setattr(Path, "write_text", fill_up)
    said = cli("init", "bakery")
    assert (said.code, said.err.splitlines()[-1]) == (2, "error: bakery cannot be written: no space left on device")
    assert not (tmp_path / "bakery").exists()


def test_the_schema_describes_what_init_writes(cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    schema = json.loads(cli("schema").out)
    Draft202012Validator.check_schema(schema)
    cli("init", "bakery")
    for path in (tmp_path / "bakery").rglob("*.yml"):
        for document in yaml.load_all(path.read_text(), yaml.BaseLoader):
            assert {"project", "parties", "sources", "metrics", "decisions", "views", "glossary", "for_all"} & set(document)


def test_nothing_is_written_into_a_project_that_is_there(
    cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "ours.yml").write_text("metrics: []\n")
    said = cli("init")
    assert (said.code, said.out) == (2, "")
    assert said.err == "error: . holds a project already: metrics\n  help: nothing was written; name another folder\n"
    assert files(tmp_path) == {"metrics/ours.yml": "metrics: []\n"}


@pytest.mark.parametrize("named", ["data.duckdb", "duckdb:///data.duckdb"])
def test_data_is_named_by_its_path_or_as_a_warehouse_is(cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    monkeypatch.chdir(tmp_path)
    with duckdb.connect("data.duckdb") as connection:
        connection.execute("create table orders as select * from (values (1, 2.5), (2, 3.5)) as t(id, amount)")
    assert cli("init", "--from", named).code == 0
    assert "warehouse: 'duckdb:///data.duckdb'" in (tmp_path / "definitions" / "project.yml").read_text()
