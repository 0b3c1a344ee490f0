"""The verbs. Each reads its options, calls one method of ``Layer``, and prints; nothing else."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.exceptions import Exit, TyperException

from decisionlayer.cli import options as o
from decisionlayer.cli.console import out, say

if TYPE_CHECKING:
    from decisionlayer.layer import Layer

app = typer.Typer(
    name="decisionlayer",
    help="The metrics layer that designs how a frontline number becomes an executive number.",
    epilog="Begin with `decisionlayer demo`, or with `decisionlayer init` in an empty folder.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@dataclass
class Setting:
    """What was said before the verb."""

    project: str | None = None
    warehouse: str | None = None
    format: str | None = None
    debug: bool = False


setting = Setting()


def _version(wanted: bool) -> None:
    if wanted:
        from decisionlayer import __version__

        out(f"decisionlayer {__version__}")
        raise Exit(0)


@app.callback()
def before(
    project: o.Project = None,
    warehouse: o.Warehouse = None,
    format: o.Format = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an internal error arose.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Hold what was said before the verb."""
    setting.project, setting.warehouse, setting.format, setting.debug = project, warehouse, format, debug


def _layer(project: str | None, warehouse: str | None) -> Layer:
    from decisionlayer.layer import Layer

    return Layer.load(project or setting.project or ".", warehouse or setting.warehouse)


def _question(
    metrics: list[str] | None,
    more: list[str] | None,
    by: list[str] | None,
    where: str | None,
    having: str | None,
    start: str | None,
    end: str | None,
    order: list[str] | None,
    limit: int | None,
    param: list[str] | None,
    paths: list[str] | None,
    today: str | None,
    compare: list[str] | None,
    basis: str | None,
) -> dict[str, Any]:
    asked = {
        "metrics": [*(metrics or []), *(more or [])], "by": by or [], "where": where, "having": having, "start": start,
        "end": end, "order": order or [], "limit": limit, "params": o.read_params(param), "paths": o.read_paths(paths),
        "today": today, "compare": compare or [], "basis": basis,
    }  # fmt: skip
    return {key: value for key, value in asked.items() if value not in (None, [], {})}


@app.command()
def init(
    folder: Annotated[str, typer.Argument(metavar="[DIR]", help="Where to write the project.")] = ".",
    source: Annotated[
        list[str] | None,
        typer.Option("--from", metavar="DATA", help="Read a .duckdb file, a folder of Parquet files, or CSV files; repeat it."),
    ] = None,
) -> None:
    """Write a small commented project, or propose one for data that you have."""
    from decisionlayer.cli.start import initialise

    initialise(folder, source or [])


@app.command()
def check(
    data: Annotated[bool, typer.Option("--data", help="Also look at the data: tables, keys, links, parts and wholes.")] = False,
    project: o.Project = None,
    warehouse: o.Warehouse = None,
    format: o.Format = None,
) -> None:
    """List every finding of the project; exit 1 when one is an error."""
    from decisionlayer.cli.console import findings_json, findings_sarif, show_findings, summary
    from decisionlayer.cli.formats import choose

    chosen = choose(format or setting.format, ("table", "json", "sarif"))
    layer = _layer(project, warehouse)
    if data:
        say(f"Checking the data in {layer.engine.name} …")
    findings = layer.check(data=data)
    if chosen == "json":
        out(findings_json(findings))
    elif chosen == "sarif":
        out(findings_sarif(findings))
    else:
        show_findings(findings, to_stderr=False)
        model = layer.model
        size = f"{len(model.metrics)} metrics, {len(model.sources)} sources, {len(model.decisions)} decisions, {len(model.views)} views"
        say(("\n" if findings else "") + f"{size}: {summary(findings)}")
    if any(finding.is_error for finding in findings):
        raise Exit(1)


@app.command()
def query(
    metrics: o.Metrics = None,
    more: o.MoreMetrics = None,
    by: o.By = None,
    where: o.Where = None,
    having: o.Having = None,
    start: o.Start = None,
    end: o.End = None,
    order: o.OrderBy = None,
    limit: o.Limit = None,
    param: o.Params = None,
    paths: o.Paths = None,
    today: o.Today = None,
    compare: o.Compare = None,
    basis: o.Basis = None,
    project: o.Project = None,
    warehouse: o.Warehouse = None,
    format: o.Format = None,
    output: o.Output = None,
) -> None:
    """Ask for numbers: `query late_minutes --by month --by carrier.name --start 2013-06`."""
    from decisionlayer.cli.console import wants_colour, width
    from decisionlayer.cli.formats import (
        BINARY_FORMATS,
        TEXT_FORMATS,
        as_csv,
        as_json,
        choose,
        write_binary,
        write_file,
    )
    from decisionlayer.cli.tables import result_table

    chosen = choose(format or setting.format, (*TEXT_FORMATS, *BINARY_FORMATS))
    question = _question(metrics, more, by, where, having, start, end, order, limit, param, paths, today, compare, basis)
    result = _layer(project, warehouse).query(**question)
    if chosen in BINARY_FORMATS:
        write_binary(result, chosen, output)
    else:
        printers: dict[str, Callable[[], str]] = {
            "table": lambda: result_table(result, width=width(), colour=wants_colour() and output is None),
            "csv": lambda: as_csv(result),
            "json": lambda: as_json(result),
        }
        text = printers[chosen]()
        if output is None:
            out(text)
        else:
            write_file(output, (text if text.endswith("\n") else text + "\n").encode())
    for note in result.notes:
        say(f"note: {note}")


@app.command()
def sql(
    metrics: o.Metrics = None,
    more: o.MoreMetrics = None,
    by: o.By = None,
    where: o.Where = None,
    having: o.Having = None,
    start: o.Start = None,
    end: o.End = None,
    order: o.OrderBy = None,
    limit: o.Limit = None,
    param: o.Params = None,
    paths: o.Paths = None,
    today: o.Today = None,
    compare: o.Compare = None,
    basis: o.Basis = None,
    dialect: Annotated[str | None, typer.Option("--dialect", metavar="NAME", help="For which engine: duckdb.")] = None,
    project: o.Project = None,
    warehouse: o.Warehouse = None,
) -> None:
    """Print the SQL of a question without running it."""
    question = _question(metrics, more, by, where, having, start, end, order, limit, param, paths, today, compare, basis)
    out(_layer(project, warehouse).sql(dialect=dialect, **question))


@app.command()
def explain(
    metrics: o.Metrics = None,
    more: o.MoreMetrics = None,
    by: o.By = None,
    where: o.Where = None,
    having: o.Having = None,
    start: o.Start = None,
    end: o.End = None,
    order: o.OrderBy = None,
    limit: o.Limit = None,
    param: o.Params = None,
    paths: o.Paths = None,
    today: o.Today = None,
    compare: o.Compare = None,
    basis: o.Basis = None,
    project: o.Project = None,
    warehouse: o.Warehouse = None,
) -> None:
    """Read one metric back in plain words; or, for a question, show its journey from words to SQL."""
    question = _question(metrics, more, by, where, having, start, end, order, limit, param, paths, today, compare, basis)
    layer = _layer(project, warehouse)
    if list(question) == ["metrics"] and len(question["metrics"]) == 1:
        out(layer.explain(question["metrics"][0]))
    else:
        out(layer.explain(**question))


@app.command()
def publish(
    to: Annotated[
        str | None, typer.Option("--to", metavar="FILE", help="Build a file of its own aside and swap it in, for readers.")
    ] = None,
    project: o.Project = None,
    warehouse: o.Warehouse = None,
    format: o.Format = None,
) -> None:
    """Publish the views, one for each decision, and the catalog tables: all of them or none."""
    from decisionlayer.cli.formats import choose

    chosen = choose(format or setting.format, ("table", "json"))
    receipt = _layer(project, warehouse).publish(to=to, say=say)
    out(receipt.as_json() if chosen == "json" else receipt.render())


@app.command()
def schema() -> None:
    """Print the JSON Schema of the YAML, so that an editor completes and checks it."""
    import json

    from decisionlayer.load import json_schema

    out(json.dumps(json_schema(), indent=1, ensure_ascii=False))


@app.command()
def demo(
    folder: Annotated[
        str, typer.Option("--to", metavar="DIR", help="Where the sample's warehouse is kept.")
    ] = ".demo",
) -> None:
    """Load the sample company on real data, check it, publish it, and show what a naive number would have said."""
    from decisionlayer.cli.demo import run_demo

    code = run_demo(folder, say)
    if code:
        raise Exit(code)


def run_command(arguments: Sequence[str] | None) -> int:
    """Run one command and return its exit code."""
    from decisionlayer.errors import DecisionLayerError, EngineError

    try:
        found = app(args=None if arguments is None else list(arguments), standalone_mode=False)
        sys.stdout.flush()
        return found if isinstance(found, int) else 0
    except Exit as done:
        return done.exit_code
    except o.Misuse as wrong:
        say(f"error: {wrong}")
        return 2
    except TyperException as wrong:
        if getattr(wrong, "show", None) is not None:
            wrong.show()  # type: ignore[attr-defined]
        else:
            say(f"error: {wrong.format_message()}")
        return 2
    except EngineError as failed:
        say(str(failed))
        return 3
    except DecisionLayerError as refused:
        say(str(refused))
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader went away, as `head` does; what Python would flush at exit has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as bug:
        if setting.debug:
            raise
        say(f"internal error: {type(bug).__name__}: {bug}\n  help: this is our bug; say it again with --debug and report it")
        return 1
