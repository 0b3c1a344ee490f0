"""The verbs. Each reads its options, calls one method of ``Layer``, and prints; nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import Exit

from decisionlayer.cli import options as o
from decisionlayer.cli.console import out, paragraph, patiently, say, width
from decisionlayer.cli.misuse import Misuse, unknown_verb

if TYPE_CHECKING:
    from decisionlayer.layer import Layer


class Verbs(TyperGroup):
    """The verbs as a group that answers an unknown one in our words."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Return the verb's name, the verb and the rest of the words. Raises Misuse."""
        if args and args[0] not in self.commands:
            raise unknown_verb(args[0], self.commands)
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="decisionlayer",
    cls=Verbs,
    help="The metrics layer that designs how a frontline number becomes an executive number.",
    epilog="Begin with `decisionlayer demo`, or with `decisionlayer init` in an empty folder.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    # Plain help: half the time to the first line, and it can be copied.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@dataclass
class Setting:
    """What was said before the verb."""

    project: list[str] | None = None
    warehouse: list[str] | None = None
    format: list[str] | None = None
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
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Hold what was said before the verb."""
    setting.project, setting.warehouse, setting.format, setting.debug = project, warehouse, format, debug


@contextmanager
def _layer(project: list[str] | None, warehouse: list[str] | None) -> Iterator[Layer]:
    from decisionlayer.layer import Layer

    folder = o.once("--project", project, setting.project)
    with Layer.load(folder or ".", o.once("--warehouse", warehouse, setting.warehouse)) as layer:
        yield layer


def _format(format: list[str] | None, *allowed: str) -> str:
    """Return the format that was asked for, the first allowed one when none was. Raises Misuse for any other."""
    asked = o.once("--format", format, setting.format) or allowed[0]
    if asked not in allowed:
        raise Misuse(f"--format takes {', '.join(allowed[:-1])} or {allowed[-1]} here, not {asked}")
    return asked


def _no_format(verb: str) -> None:
    if setting.format:
        raise Misuse(f"`{verb}` prints in one format only", "leave --format out")


@app.command(short_help="Write a small project, or propose one for your data.")
def init(
    folder: Annotated[str, typer.Argument(metavar="DIR", hidden=True)] = ".",
    source: Annotated[
        list[str] | None,
        typer.Option("--from", metavar="DATA", help="A .duckdb file, a folder of Parquet files, or CSV files; repeat it."),
    ] = None,
) -> None:
    """Write a small commented project into DIR, or here; with --from, propose one for data that you have."""
    from decisionlayer.cli.start import initialise

    _no_format("init")
    initialise(folder, source or [])


@app.command("import", short_help="Read another tool's definitions into a project.")
def import_(
    format: Annotated[str, typer.Argument(metavar="FORMAT", help="metricflow: dbt's semantic_manifest.json.")],
    file: Annotated[str, typer.Argument(metavar="FILE", help="The file to read.")],
    to: Annotated[list[str] | None, typer.Option("--to", metavar="DIR", help="The folder to write the project into.")] = None,
) -> None:
    """Read another tool's definitions into a project of ours, as in: import metricflow target/semantic_manifest.json --to shop.

    What has no counterpart is listed, and `check` asks for what the tool does not say: owners, purposes, units.
    """
    from decisionlayer.cli.start import bring_in

    _no_format("import")
    folder = o.once("--to", to)
    if folder is None:
        raise Misuse("`import` writes a project, and no folder is named", "say --to DIR")
    bring_in(format, file, folder)


@app.command(short_help="List every finding; exit 1 when one is an error.")
def check(
    data: Annotated[bool, typer.Option("--data", help="Also look at the data: tables, keys, links, parts and wholes.")] = False,
    project: o.Project = None,
    warehouse: o.Warehouse = None,
    format: o.Format = None,
) -> None:
    """List every finding of the project; exit 1 when one is an error."""
    from decisionlayer.cli.findings import as_json, as_sarif, as_text, summary
    from decisionlayer.names import counted

    chosen = _format(format, "table", "json", "sarif")
    with _layer(project, warehouse) as layer:
        doing = f"checking the data in {layer.engine.name}" if data else "checking"
        findings = patiently(doing, lambda: layer.check(data=data))
        model = layer.model
    match chosen:
        case "json":
            out(as_json(findings))
        case "sarif":
            out(as_sarif(findings))
        case _:
            if findings:
                out(as_text(findings))
                say("")
            sizes = ((model.named_metrics, "metric"), (model.sources, "source"), (model.decisions, "decision"), (model.views, "view"))
            say(f"{', '.join(counted(len(things), noun) for things, noun in sizes)}: {summary(findings)}")
    if any(finding.code == "warehouse-failed" for finding in findings):
        raise Exit(3)
    if any(finding.is_error for finding in findings):
        raise Exit(1)


@app.command(short_help="Check everything: the project, its data and the SQL beside it.")
def audit(project: o.Project = None, warehouse: o.Warehouse = None, format: o.Format = None) -> None:
    """List every finding of the project, of its data, and of the SQL that it declares as its estate; exit 1 when one is an error."""
    from decisionlayer.cli.findings import as_json, as_sarif, as_text, summary

    chosen = _format(format, "table", "json", "sarif")
    with _layer(project, warehouse) as layer:
        found = patiently(f"looking at the data in {layer.engine.name} and at the estate", layer.audit).findings
        named = layer.model.project.name
    match chosen:
        case "json":
            out(as_json(found))
        case "sarif":
            out(as_sarif(found))
        case _:
            if found:
                out(as_text(found))
                say("")
            say(f"audit of {named}: {summary(found)}")
    if any(finding.code == "warehouse-failed" for finding in found):
        raise Exit(3)
    if any(finding.is_error for finding in found):
        raise Exit(1)


@app.command(short_help="Ask for numbers.")
@o.asks
def query(
    question: Mapping[str, Any],
    project: o.Project = None,
    warehouse: o.Warehouse = None,
    format: o.Format = None,
    output: o.Output = None,
    walk: Annotated[
        list[str] | None,
        typer.Option("--walk", metavar="FROM", help="The steps to each number from previous, year_ago, START..END, or a stock's opening."),
    ] = None,
) -> None:
    """Ask for metrics by name, as in: query late_minutes on_time_share --by month --start 2013-06. Without metrics, list values."""
    from decisionlayer.cli.formats import (
        BINARY_FORMATS,
        TEXT_FORMATS,
        as_text,
        drafts,
        marked,
        named_by,
        walks,
        write,
        writes_to,
    )

    named = o.once("--output", output)
    from_ = o.once("--walk", walk)
    if from_ is not None:
        from decisionlayer.cli.walking import walked

        with _layer(project, warehouse) as layer:
            out(walked(layer, question, from_, _format(format, "table", "json")))
        return
    chosen = _format(format or (None if setting.format else named_by(named)), *TEXT_FORMATS, *BINARY_FORMATS)
    file = writes_to(chosen, named)
    with _layer(project, warehouse) as layer:
        result = patiently(f"asking {layer.engine.name}", lambda: layer.query(**question))
        told = walks(layer, question) if chosen == "table" and file is None else ""
    if chosen in BINARY_FORMATS or file is not None:
        write(result, chosen, file)
    else:
        out(as_text(result, chosen) + told)
    for note in (*result.notes, *drafts(result.passports), *marked(result.about)):
        say(f"note: {note}")
    for finding in result.findings:
        say(finding.render())


@app.command(short_help="Print the SQL of a question.")
@o.asks
def sql(
    question: Mapping[str, Any],
    dialect: Annotated[list[str] | None, typer.Option("--dialect", metavar="NAME", help="For which engine: duckdb.")] = None,
    project: o.Project = None,
    warehouse: o.Warehouse = None,
) -> None:
    """Print the SQL of a question without running it; it needs no warehouse."""
    _no_format("sql")
    with _layer(project, warehouse) as layer:
        out(layer.sql(dialect=o.once("--dialect", dialect), **question))


@app.command(short_help="Read a metric back, or show a question's journey.")
@o.asks
def explain(question: Mapping[str, Any], project: o.Project = None, warehouse: o.Warehouse = None) -> None:
    """Read one metric back in plain words; or, for a question, show its journey from words to SQL."""
    _no_format("explain")
    with _layer(project, warehouse) as layer:
        if list(question) == ["metrics"] and len(question["metrics"]) == 1:
            out(paragraph(layer.explain(question["metrics"][0])))
        else:
            out(layer.explain(**question))


@app.command(short_help="Publish views and catalog, all of them or none.")
def publish(
    to: Annotated[
        list[str] | None, typer.Option("--to", metavar="FILE", help="Build a file of its own aside and swap it in, for readers.")
    ] = None,
    project: o.Project = None,
    warehouse: o.Warehouse = None,
    format: o.Format = None,
) -> None:
    """Publish the views, one for each decision, and the catalog tables: all of them or none."""
    chosen = _format(format, "table", "json")
    file = o.once("--to", to)
    with _layer(project, warehouse) as layer:
        if file is None and layer.book.entries and not (warehouse or setting.warehouse or layer.model.project.warehouse):
            raise Misuse("there is no warehouse to publish to", "say --warehouse URL, or --to FILE for a file of its own")
        if file is not None and Path(file).is_dir():
            raise Misuse(f"{file} is a folder", "name a file in it")
        receipt = patiently(None, lambda: layer.publish(to=file, say=say))
    out(receipt.as_json() if chosen == "json" else receipt.render())


@app.command(short_help="Show what changed in meaning, and what it does to the numbers.")
def diff(
    before: Annotated[str, typer.Argument(metavar="REV_OR_DIR", help="The state before: a folder, or a revision that git knows.")],
    after: Annotated[str | None, typer.Argument(metavar="REV_OR_DIR", help="The state after; without it, the project as it is.")] = None,
    project: o.Project = None,
    warehouse: o.Warehouse = None,
    format: o.Format = None,
) -> None:
    """Show what changed in meaning between two states of a project, what it does to the numbers, and whom it reaches."""
    import json

    chosen = _format(format, "table", "json", "markdown")
    said = o.once("--project", project, setting.project)
    here = [after] if said is None and after is not None and Path(after).is_dir() else project
    with _layer(here, warehouse) as layer:
        found = patiently(f"comparing on {layer.engine.name}", lambda: layer.diff(before, after))
    match chosen:
        case "json":
            out(json.dumps(found.as_json(), ensure_ascii=False, indent=1, default=float))
        case "markdown":
            out(found.as_markdown())
        case _:
            out(found.render(min(width(), 120)))


@app.command(short_help="Lay a decision out: ranked, and what it hangs on.")
def brief(
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="The name of a decision.")],
    today: Annotated[list[str] | None, typer.Option("--today", metavar="DATE", help="The day that counts as today.")] = None,
    known_on: Annotated[list[str] | None, typer.Option("--known-on", metavar="DATE", help="Leave out what arrived after this day.")] = None,
    project: o.Project = None,
    warehouse: o.Warehouse = None,
    format: o.Format = None,
) -> None:
    """Lay a decision out over its horizons: the options ranked, and what the ranking hangs on."""
    from decisionlayer.report import as_markdown, as_text

    chosen = _format(format, "table", "markdown", "json")
    days = {"today": o.once("--today", today), "known_on": o.once("--known-on", known_on)}
    with _layer(project, warehouse) as layer:
        found = patiently(f"asking {layer.engine.name}", lambda: layer.brief(decision, **days))
    out(found.as_json() if chosen == "json" else as_markdown(found) if chosen == "markdown" else as_text(found))


@app.command(short_help="Print the JSON Schema of the YAML.")
def schema() -> None:
    """Print the JSON Schema of the YAML, so that an editor completes and checks it."""
    import json

    from decisionlayer.load.schema import json_schema

    _no_format("schema")
    out(json.dumps(json_schema(), indent=1, ensure_ascii=False))


@app.command(short_help="Show the sample company on real data.")
def demo(
    folder: Annotated[str, typer.Option("--to", metavar="DIR", help="Where the sample's warehouse is kept.")] = ".demo",
) -> None:
    """Load the sample company on real data, check it, publish it, and show what a naive number would have said."""
    from decisionlayer.cli.demo import run_demo

    _no_format("demo")
    code = run_demo(folder, say)
    if code:
        raise Exit(code)
