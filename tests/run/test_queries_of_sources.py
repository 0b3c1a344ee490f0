"""A source's own query: its files begin at the project's folder, and what it lacks is said in the warehouse's words."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from decisionlayer import DeclarationError, Layer

PROJECT = """
project: {{name: league}}
parties: [{{party: desk, kind: team, name: Desk}}]
sources:
  - source: teams
    one_row_is: one team in one season
    sql: select *, make_date(year, 1, 1) as season from '{file}'
    key: [team, season]
    time: {{season: year}}
    owner: desk
metrics:
  - {{metric: wins, purpose: action, definition: Games won., unit: 1, owner: desk, source: teams, measure: sum(won), respond: P.}}
"""


def project(folder: Path, file: str) -> Path:
    (folder / "shop" / "definitions").mkdir(parents=True)
    (folder / "shop" / "definitions" / "project.yml").write_text(PROJECT.format(file=file), encoding="utf-8")
    rows = "(values ('a', 2001, 3), ('b', 2001, 4), ('a', 2002, 5)) as t(team, year, won)"
    duckdb.connect().execute(f"copy (select * from {rows}) to '{folder}/teams.parquet'").fetchall()
    return folder / "shop"


def test_files_in_a_query_begin_at_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = project(tmp_path, "../teams.parquet")
    (tmp_path / "elsewhere" / "deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "elsewhere" / "deep")
    with Layer.load(shop) as layer:
        assert [row[1] for row in layer.query(metrics=["wins"], by=["year"]).rows()] == [7, 5]
        assert layer.check(data=True) == []


def test_what_a_query_lacks_is_said(tmp_path: Path) -> None:
    with Layer.load(project(tmp_path, "../team.parquet")) as layer, pytest.raises(DeclarationError) as refused:
        layer.query(metrics=["wins"])
    (finding,) = refused.value.findings
    assert finding.code == "missing-table"
    assert finding.message == (
        "the query of source `teams` reads what DuckDB in memory does not have: "
        'IO Error: No files found that match the pattern "../team.parquet"'
    )
    assert finding.help == "correct the name in `sql:`, or load what is missing"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("drop table teams", 'Parser Error: syntax error at or near "table"'),
        ("select * from a; drop table a", 'Parser Error: syntax error at or near ";"'),
        ("select winz from (select 1 as wins)", 'Binder Error: Referenced column "winz" not found in FROM clause!'),
        ("select 1 as wins where $x", "Invalid Input Error: Values were not provided for the following parameters: x"),
    ],
)
def test_a_query_that_is_none_is_a_mistake_in_its_source(tmp_path: Path, query: str, said: str) -> None:
    shop = project(tmp_path, "../teams.parquet")
    declared = (shop / "definitions" / "project.yml").read_text(encoding="utf-8")
    before = "select *, make_date(year, 1, 1) as season from '../teams.parquet'"
    (shop / "definitions" / "project.yml").write_text(declared.replace(before, query), encoding="utf-8")
    with Layer.load(shop) as layer, pytest.raises(DeclarationError) as refused:
        layer.query(metrics=["wins"])
    (finding,) = refused.value.findings
    assert (finding.code, finding.place and finding.place.line) == ("wrong-argument", 5)
    assert finding.message == f"DuckDB in memory cannot read the query of source `teams`: {said}"
