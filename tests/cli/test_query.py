"""``query`` prints what was asked, for people and for machines, to stdout alone."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import CommandLine

pytestmark = pytest.mark.usefixtures("shop")


def test_a_table_has_units_and_says_what_is_missing_in_words(cli: CommandLine) -> None:
    said = cli("query", "orders_in", "revenue", "in_time_share", "--by", "branch.name")
    assert said.out == (
        "branch.name        orders_in  revenue  in_time_share\n"
        "                       order      EUR        percent\n"
        "─────────────────  ─────────  ───────  ─────────────\n"
        "North                      2   150.00           50.0\n"
        "South, by the sea          1    20.00              –\n"
        "Unassigned                 2     6.50          100.0\n"
    )
    assert (said.code, said.err) == (0, "")


def test_periods_print_as_people_write_them(cli: CommandLine) -> None:
    said = cli("query", "orders_in", "--by", "year,quarter", "--by", "month", "--by", "week", "--end", "2024-01-10")
    assert said.out.splitlines()[-1].split() == ["2024", "2024-Q1", "2024-01", "2024-01-01", "1"]


def test_what_was_said_for_people_goes_to_stderr(cli: CommandLine) -> None:
    said = cli("query", "orders_in", "--by", "month", "--end", "2024-01-10", "--format", "csv")
    assert said.out == "month,orders_in\n2024-01-01,1\n"
    assert said.err.startswith("note: ") and said.err.count("\n") == 1


def test_metrics_are_words_or_options_and_lists_are_pieces_or_commas(cli: CommandLine) -> None:
    answers = {
        cli("query", "orders_in", "revenue", "--by", "month", "--by", "branch", "--format", "csv").out,
        cli("query", "-m", "orders_in", "--metrics", "revenue", "-b", "month,branch", "--format", "csv").out,
        cli("query", "orders_in,", "revenue", "--by", "month, branch,", "--format", "csv").out,
        cli("query", "orders_in,revenue", "--by=month", "--by= branch", "--format=csv").out,
        cli("--format", "csv", "query", "--by", "month", "orders_in", "--by", "branch", "--", "revenue").out,
    }
    assert len(answers) == 1
    assert answers.pop().splitlines()[0] == "month,branch,orders_in,revenue"


def test_csv_tells_null_from_empty_and_keeps_every_digit(cli: CommandLine) -> None:
    said = cli("query", "revenue", "in_time_share", "--by", "branch.name", "--format", "csv")
    assert said.out == 'branch__name,revenue,in_time_share\nNorth,150.00,0.5\n"South, by the sea",20.00,\n,6.50,1.0\n'
    rows = list(csv.reader(io.StringIO(said.out)))
    assert rows[2] == ["South, by the sea", "20.00", ""]


def test_a_row_whose_only_value_is_missing_is_still_a_row_of_csv(cli: CommandLine) -> None:
    said = cli("query", "in_time_share", "--where", "branch = 's'", "--format", "csv")
    assert said.out == 'in_time_share\n""\n'


def test_json_has_columns_rows_and_passports_and_exact_numbers(cli: CommandLine) -> None:
    said = cli("query", "revenue", "in_time_share", "--by", "month", "--by", "branch.name", "--format", "json")
    read = json.loads(said.out, parse_float=Decimal)
    assert list(read) == ["columns", "rows", "passports"]
    assert read["columns"] == ["month", "branch__name", "revenue", "in_time_share"]
    assert read["rows"] == [
        ["2024-01-01", "North", Decimal("150.00"), Decimal("0.5")],
        ["2024-02-01", "South, by the sea", Decimal("20.00"), None],
        ["2024-02-01", None, Decimal("6.50"), Decimal("1.0")],
    ]
    assert str(read["rows"][0][2]) == "150.00"
    assert read["passports"]["revenue"]["unit"] == "EUR"
    assert read["passports"]["revenue"]["paths"] == {"branch.name": "orders.branch.name"}


@pytest.mark.parametrize("format", ["arrow", "parquet"])
def test_binary_formats_go_to_a_file_with_their_meaning_on_board(cli: CommandLine, shop: Path, format: str) -> None:
    said = cli("query", "orders_in", "--by", "month", "--format", format, "--output", "out.bin")
    assert (said.code, said.out) == (0, "")
    table = pq.read_table("out.bin") if format == "parquet" else pa.ipc.open_stream((shop / "out.bin").read_bytes()).read_all()
    assert table.column("orders_in").to_pylist() == [2, 3]
    assert json.loads(table.schema.field("orders_in").metadata[b"decisionlayer"])["owner"] == "desk"
    assert [path.name for path in shop.iterdir() if path.name.startswith(".")] == []


def test_text_formats_go_to_a_file_too(cli: CommandLine, shop: Path) -> None:
    assert cli("query", "orders_in", "--format", "csv", "-o", "orders.csv").out == ""
    assert (shop / "orders.csv").read_text() == "orders_in\n5\n"


def test_parameters_are_typed_by_how_they_are_written(cli: CommandLine) -> None:
    ask = ("query", "orders_in", "--format", "csv", "--where")
    assert cli(*ask, "price > :least", "--param", "least=20").out == "orders_in\n2\n"
    assert cli(*ask, "price >= :least", "--param", "least=5.5").out == "orders_in\n4\n"
    assert cli(*ask, "placed = :day", "--param", "day=2024-02-02").out == "orders_in\n1\n"
    assert cli(*ask, "branch = :branch", "--param", "branch=n").out == "orders_in\n2\n"
    assert cli(*ask, "branch = :branch", "--param", "branch='n'").out == "orders_in\n2\n"


def test_no_metrics_ask_for_the_values_there_are(cli: CommandLine) -> None:
    assert cli("query", "--by", "branch.name", "--format", "csv").out == 'branch__name\nNorth\n"South, by the sea"\n'


def test_order_limit_and_having_choose_among_results(cli: CommandLine) -> None:
    said = cli("query", "revenue", "--by", "branch", "--order", "-revenue", "--limit", "2", "--having", "revenue > 2", "--format", "csv")
    assert said.out == "branch,revenue\nn,150.00\ns,20.00\n"


def test_an_answer_without_rows_says_so(cli: CommandLine) -> None:
    said = cli("query", "orders_in", "--by", "branch", "--where", "branch = 'z'")
    assert said.out.splitlines()[-1] == "no rows"


def test_sql_prints_what_would_run_and_needs_no_warehouse(cli: CommandLine) -> None:
    said = cli("sql", "orders_in", "--by", "branch", "--warehouse", "nowhere.duckdb")
    assert said.code == 0
    assert said.out.startswith("SELECT") and "FROM orders" in said.out


def test_explain_reads_a_metric_back_or_shows_a_journey(cli: CommandLine) -> None:
    prose = cli("explain", "kept_promise").out
    assert prose.startswith("Kept promises (kept_promise) is for choice") and max(map(len, prose.splitlines())) <= 100
    journey = cli("explain", "kept_promise", "--by", "month").out
    assert [line for line in journey.splitlines() if line.startswith("-- ") and line.count(" ") == 1][:2] == ["-- question", "-- plan"]


def test_options_before_the_verb_count_like_those_after_it(cli: CommandLine, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop.parent)
    before = cli("--project", "shop", "--warehouse", "shop/shop.duckdb", "query", "orders_in", "--format", "csv")
    after = cli("query", "orders_in", "--format", "csv", "--project", "shop", "--warehouse", "duckdb:///shop/shop.duckdb")
    assert before.out == after.out == "orders_in\n5\n"


def test_a_file_is_written_in_the_format_that_its_ending_names(cli: CommandLine, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop)
    assert cli("query", "orders_in", "--by", "month", "-o", "out.parquet").code == 0
    assert (shop / "out.parquet").read_bytes()[:4] == b"PAR1"
    assert cli("query", "orders_in", "--by", "month", "-o", "out.csv").code == 0
    assert (shop / "out.csv").read_text().splitlines()[0] == "month,orders_in"
    assert cli("query", "orders_in", "--by", "month", "-o", "out.csv", "--format", "json").code == 0
    assert (shop / "out.csv").read_text()[:1] == "{"
    assert cli("--format", "json", "query", "orders_in", "--by", "month", "-o", "other.csv").code == 0
    assert (shop / "other.csv").read_text()[:1] == "{"
