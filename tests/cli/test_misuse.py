"""A command written wrongly ends with 2 and says how to write it; a project or question that is wrong ends with 1; a warehouse with 3."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine

pytestmark = pytest.mark.usefixtures("shop")

MISUSED = [
    (["qury"], "error: there is no command `qury`\n  help: Did you mean query?\n"),
    (
        ["refresh"],
        "error: `refresh` comes with a later version\n"
        "  help: this one has init, import, check, audit, query, sql, explain, publish, diff, brief, schema, demo, sign, record, flag\n",
    ),
    (["--projct", "x", "check"], "error: there is no option --projct before the verb\n  help: Did you mean --project?\n"),
    (["query", "--bye", "month"], "error: `query` has no option --bye\n  help: Did you mean --by?\n"),
    (["query", "-x"], "error: `query` has no option -x\n  help: `decisionlayer query --help` lists them all\n"),
    (["query", "--by"], "error: --by needs a value after it\n  help: `decisionlayer query --help` lists the options\n"),
    (["check", "--data=yes"], "error: --data takes no value\n"),
    (["brief"], "error: `brief` needs the name of a decision after it\n  help: `decisionlayer brief --help` says how\n"),
    (["diff"], "error: `diff` needs a revision or a folder after it\n  help: `decisionlayer diff --help` says how\n"),
    (
        ["check", "shop"],
        "error: `check` takes no further words, and here are: shop\n"
        "  help: a project is named with --project, a warehouse with --warehouse\n",
    ),
    (["query", "orders_in", "--limit", "ten"], "error: --limit takes a whole number of rows, not ten\n"),
    (["query", "orders_in", "--limit", "-1"], "error: --limit takes a whole number of rows, not -1\n"),
    (
        ["query", "orders_in", "--where", "a", "--where", "b"],
        "error: --where is said twice, as a and as b\n  help: say it once\n",
    ),
    (
        ["--project", "a", "query", "orders_in", "--project", "b"],
        "error: --project is said twice, as a and as b\n  help: say it once\n",
    ),
    (
        ["query", "orders_in", "--param", "n"],
        "error: --param takes NAME=VALUE, not n\n  help: as in --param region=Northeast\n",
    ),
    (
        ["query", "orders_in", "--param", "n=1", "--param", "n=2"],
        "error: --param gives n twice\n  help: give it once\n",
    ),
    (
        ["query", "orders_in", "--paths", "branch.name=x"],
        "error: --paths takes PATH:METRIC=PATH, not branch.name=x\n"
        "  help: as in --paths origin.name:visits=from_airport.name\n",
    ),
    (["query", "orders_in", "--format", "xml"], "error: --format takes table, csv, json, arrow or parquet here, not xml\n"),
    (["check", "--format", "csv"], "error: --format takes table, json or sarif here, not csv\n"),
    (["--format", "json", "sql", "orders_in"], "error: `sql` prints in one format only\n  help: leave --format out\n"),
    (["query", "orders_in", "--by", ""], "error: --by has an empty name in it\n  help: take it out\n"),
    (["query", ","], "error: the list of metrics has an empty name in it\n  help: take it out\n"),
    (["query", "orders_in", "--where", " "], "error: --where is empty\n  help: give it a value, or leave it out\n"),
    (["--project", "", "check"], "error: --project is empty\n  help: give it a value, or leave it out\n"),
    (["schema", "x"], "error: `schema` takes no further words, and here are: x\n  help: `decisionlayer schema --help` lists them all\n"),
    (["publish", "--to", "metrics"], "error: metrics is a folder\n  help: name a file in it\n"),
    (["query", "orders_in", "-o", "."], "error: . is a folder\n  help: name a file in it\n"),
    (["query", "orders_in", "-o", "none/x.csv"], "error: there is no folder none\n  help: make it first\n"),
]


@pytest.mark.parametrize(("words", "message"), MISUSED, ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_a_misused_command_says_how_to_write_it(cli: CommandLine, words: list[str], message: str) -> None:
    said = cli(*words)
    assert (said.err, said.out, said.code) == (message, "", 2)


def test_no_verb_at_all_shows_the_verbs(cli: CommandLine) -> None:
    said = cli()
    assert said.code == 2 and said.out == "" and said.err.startswith("Usage: decisionlayer")


REFUSED = [
    (["query", "orders"], "unknown-name", "Did you mean orders_in?"),
    (["sql", "orders"], "unknown-name", "Did you mean orders_in?"),
    (["explain", "orders"], "unknown-name", "Did you mean orders_in?"),
    (["explain", "branch_month"], "unknown-name", "`branch_month` is a view, and only metrics are read back"),
    (["query"], "bad-question", "name a metric under `metrics`, or a dimension under `by`"),
    (["query", "orders_in", "--by", "branch.nam"], "unreachable-dimension", "Did you mean branch.name or branch?"),
    (["query", "orders_in", "--by", "revenue"], "bad-question", "ask for it under `metrics`"),
    (["query", "branch"], "bad-question", "ask for it under `by`"),
    (["query", "orders_in", "--where", "late_min > 3"], "unreachable-dimension", "`late_min` is a column of `orders`"),
    (["query", "orders_in", "--where", "branch = n"], "unreachable-dimension", "If it is a text, write it in quotes: 'n'"),
    (["query", "orders_in", "--where", "revenue > 3"], "bad-question", "choose results with `having`"),
    (["query", "orders_in", "--where", "branch = 'n"], "bad-expression", "in `where`: a text that starts here is never closed"),
    (["query", "orders_in", "--where", "branch = :b"], "bad-parameter", "give its value: --param b=… on the command line"),
    (["query", "orders_in", "--param", "b=n"], "bad-parameter", "leave it out, or use it as :b"),
    (["query", "orders_in", "--where", "branch = :b", "--param", "b=7"], "bad-parameter", "give it text, as '7'"),
    (["query", "orders_in", "--start", "soon"], "bad-time", "`start` is 'soon', which is no time"),
    (["query", "orders_in", "--start", "2024-02", "--end", "2024-01"], "bad-time", "the range ends before it begins"),
    (["query", "orders_in", "--today", "now"], "bad-time", "`today` is 'now', which is no date"),
    (["query", "kept_promise", "--by", "day"], "finer-than-grain", "ask it coarser, or ask `in_time_share`"),
    (["query", "orders_in", "--compare", "previous"], "needs-period", "give `start` and `end`"),
    (["query", "orders_in", "--levels", "month", "--levels", "month"], "bad-question", "say it once"),
    (["query", "orders_in", "--known-on", "2024-01-01"], "bad-question", "leave `known_on` out"),
    (["query", "orders_in", "--structure", "soon"], "bad-question", "as_was, as_is or {at: DAY}"),
    (["query", "orders_in", "--naive"], "bad-question", "ask for a choice metric, or leave `naive` out"),
    (["sql", "orders_in", "--dialect", "snowflake"], "not-built", "this version writes no SQL for `snowflake`"),
    (["query", "orders_in", "--project", "nowhere"], "unreadable", "there is no folder `nowhere`"),
    (["explain", "orders_in", "--project", "shop.duckdb"], "unreadable", "`shop.duckdb` is a file; a project is the folder"),
    (["check", "--project", "nowhere"], "unreadable", "there is no folder `nowhere`"),
]


@pytest.mark.parametrize(("words", "code", "part"), REFUSED, ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_a_refused_question_ends_with_one_and_says_how_to_ask(cli: CommandLine, words: list[str], code: str, part: str) -> None:
    said = cli(*words)
    text = said.out if words[0] == "check" else said.err
    assert text.startswith(f"error[{code}]") and part in text
    assert said.code == 1
    assert "Traceback" not in said.err and "internal" not in said.err


def test_an_unknown_metric_is_not_blamed_on_the_user_when_a_file_cannot_be_read(cli: CommandLine, shop: Path) -> None:
    (shop / "metrics" / "new.yml").write_text("metrics:\n\t- metric: shipped\n")
    said = cli("query", "shipped")
    assert "there is no metric `shipped`\n  why: what metrics/new.yml may declare cannot be read" in said.err
    assert cli("query", "orders_in", "--format", "csv").out == "orders_in\n5\n"


FAILED = [
    (["--warehouse", "none.duckdb"], "there is no warehouse file none.duckdb"),
    (["--warehouse", "postgresql://desk/shop"], "this version has no engine for postgresql:// warehouses"),
    (["--warehouse", "definitions/project.yml"], "definitions/project.yml is no DuckDB file"),
    (["--warehouse", "."], ". is a folder, and a warehouse is a DuckDB file"),
]


@pytest.mark.parametrize(("words", "part"), FAILED, ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_a_failing_warehouse_ends_with_three(cli: CommandLine, words: list[str], part: str) -> None:
    said = cli("query", "orders_in", *words)
    assert said.err.startswith("error[warehouse-failed]: ") and part in said.err
    assert (said.code, said.out) == (3, "")


def test_publish_replaces_nothing_that_duckdb_did_not_write(cli: CommandLine, shop: Path) -> None:
    (shop / "notes.csv").write_text("a,b\n")
    said = cli("publish", "--to", "notes.csv")
    assert said.code == 3 and "error[warehouse-failed]: notes.csv is no DuckDB file" in said.err
    assert (shop / "notes.csv").read_text() == "a,b\n"


def test_an_error_of_ours_is_owned_and_traced_only_when_asked(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr("decisionlayer.layer.Layer.query", broken)
    said = cli("query", "orders_in")
    assert said.code == 1
    assert said.err == (
        "internal error: ZeroDivisionError: by nought\n"
        "  help: this is our bug, not yours; say --debug before the verb and report it\n"
    )
    with pytest.raises(ZeroDivisionError):
        cli("--debug", "query", "orders_in")


def test_what_cannot_be_written_says_why_and_leaves_nothing(cli: CommandLine, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    said = cli("query", "orders_in", "--format", "csv", "-o", "out.csv")
    assert (said.code, said.err) == (2, "error: out.csv cannot be written: no space left on device\n")
    assert not (shop / "out.csv").exists()
