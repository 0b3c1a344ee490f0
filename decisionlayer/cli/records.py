"""The verbs that write into the log: sign, record, flag. Each prints what was recorded, and exits 1 when that is not yet enough."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.exceptions import Exit

from decisionlayer.cli import options as o
from decisionlayer.cli.console import out, paragraph, say
from decisionlayer.cli.main import _format as chosen_format
from decisionlayer.cli.main import _layer as opened
from decisionlayer.cli.main import app
from decisionlayer.cli.misuse import Misuse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from decisionlayer.govern.recording import Recorded
    from decisionlayer.layer import Layer

By = Annotated[list[str] | None, typer.Option("--by", metavar="PARTY", help="Who says it: a party of the project.")]
Dated = Annotated[list[str] | None, typer.Option("--dated", metavar="DATE", help="The day on which it is said; without it, today.")]


def _needed(option: str, said: list[str] | None, verb: str) -> str:
    value = o.once(option, said)
    if value is None:
        raise Misuse(f"`{verb}` needs {option}", f"`decisionlayer {verb} --help` lists the options")
    return value


@app.command(short_help="Sign what things mean, until a day.")
def sign(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Metrics, decisions, frames …; none with --plan.")] = None,
    by: By = None,
    until: Annotated[list[str] | None, typer.Option("--until", metavar="DATE", help="The last day on which it holds.")] = None,
    plan: Annotated[bool, typer.Option("--plan", "--all", help="Sign everything that is not signed for what it means now.")] = False,
    dated: Dated = None,
    project: o.Project = None,
    format: o.Format = None,
) -> None:
    """Sign what things mean now, as in: sign kept_promise slot_portfolio --by finance --until 2027-06-30.

    An edit of the meaning voids the signature. It exits 1 while what is signed is not official: a second person must sign what is
    for choosing, and everything beneath must be signed too.
    """
    from decisionlayer.cli.findings import as_text

    chosen = chosen_format(format, "table", "json")
    who, end = _needed("--by", by, "sign"), _needed("--until", until, "sign")
    with opened(project, None) as layer:
        signed = layer.sign(*(names or ()), by=who, until=end, plan=plan, dated=o.once("--dated", dated))
    if chosen == "json":
        found = [finding.as_json() for finding in signed.findings]
        out(json.dumps({**signed.recorded.as_json(), "findings": found}, ensure_ascii=False, indent=1))
    else:
        out(signed.render())
    if signed.findings:
        say(as_text(signed.findings))
        raise Exit(1)


@app.command(short_help="Write a record, or verify all of them.")
def record(
    said: Annotated[list[str] | None, typer.Argument(metavar="RECORD", help="A record in braces; or the word verify, or outcomes.")] = None,
    project: o.Project = None,
    format: o.Format = None,
) -> None:
    """Write a record, as in: record '{close: F1, by: station_ops}'. With the word verify, look whether all are as they were written;
    with the word outcomes, what was expected of decisions and what was found.

    Kinds: sign, restate, waive, decide, outcome, hand_over, flag, answer, close.
    """
    from decisionlayer.cli.findings import as_json, as_text
    from decisionlayer.names import counted

    chosen = chosen_format(format, "table", "json")
    if not said:
        raise Misuse("there is no record", "say one in braces, as '{close: F1, by: station_ops}', or `record verify`")
    with opened(project, None) as layer:
        if said == ["outcomes"]:
            from decisionlayer.govern.outcomes import said as told

            out(told(layer.model, layer.outcomes()))
            return
        if said != ["verify"]:
            _tell(layer.record(" ".join(said)), chosen)
            return
        findings = layer.verify_records()
        log = layer.model.log
    if chosen == "json":
        out(as_json(findings))
    elif findings:
        out(as_text(findings))
    else:
        heads = f", the last {'is' if len(log.heads) == 1 else 'are'} {', '.join(log.heads)}" if log.heads else ""
        out(f"the log is whole: {counted(len(log.records), 'record')}{heads}")
    if findings:
        raise Exit(1)


@app.command(short_help="Say that a number does not reflect reality.")
def flag(
    name: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="What it is about: a metric, a decision …")] = None,
    by: By = None,
    severity: Annotated[list[str] | None, typer.Option("--severity", metavar="HOW", help="note, disputes or blocks.")] = None,
    text: Annotated[list[str] | None, typer.Option("--text", metavar="WORDS", help="What is not as the number says.")] = None,
    where: Annotated[list[str] | None, typer.Option("--where", metavar="FILTER", help="For which rows.")] = None,
    start: Annotated[list[str] | None, typer.Option("--start", metavar="TIME", help="From when on.")] = None,
    end: Annotated[list[str] | None, typer.Option("--end", metavar="TIME", help="Until when.")] = None,
    if_upheld: Annotated[
        list[str] | None, typer.Option("--if-upheld", metavar="TERM=CHANGE", help="By how much a term would change; repeat it.")
    ] = None,
    from_: Annotated[
        list[str] | None, typer.Option("--from", metavar="FILE", help="A CSV with the columns name, by, severity, text and others.")
    ] = None,
    dated: Dated = None,
    project: o.Project = None,
    format: o.Format = None,
) -> None:
    """Say that a number does not reflect reality, as in: flag kept_promise --by station_ops --severity blocks --text "…".

    What blocks keeps everything that stands on it from being official until whoever raised it closes it. Without a name, list the
    flags and what came of them; with --from, raise all that a CSV file holds, or none.
    """
    chosen = chosen_format(format, "table", "json")
    if from_ is not None or not name:
        if name or (from_ is None and any((by, severity, text, where, start, end, if_upheld, dated))):
            raise Misuse("`flag` is about one thing", "name it: `decisionlayer flag NAME --by PARTY --severity blocks --text …`")
        with opened(project, None) as layer:
            if from_ is None:
                _list(layer, chosen)
            else:
                _tell_all(layer.flag_all(o.once("--from", from_) or ""), chosen)
        return
    if len(name) != 1:
        raise Misuse("`flag` is about one thing", "name it: `decisionlayer flag NAME --by PARTY --severity blocks --text …`")
    more: dict[str, Any] = {
        "where": o.once("--where", where), "start": o.once("--start", start), "end": o.once("--end", end),
        "dated": o.once("--dated", dated), "if_upheld": _changes(if_upheld),
    }  # fmt: skip
    said = {"by": _needed("--by", by, "flag"), "severity": _needed("--severity", severity, "flag"), "text": _needed("--text", text, "flag")}
    with opened(project, None) as layer:
        _tell(layer.flag(name[0], **said, **more), chosen)


def _list(layer: Layer, chosen: str) -> None:
    """Print every flag as it stands today."""
    found = layer.flags()
    if chosen == "json":
        listed = [{**one.plain(), "closed": None if one.closed is None else one.closed.isoformat()} for one in found]
        out(json.dumps({"flags": listed}, ensure_ascii=False, indent=1))
    elif not found:
        out("nobody has raised a flag")
    for one in found if chosen == "table" else ():
        out(f"{one.id}  {one.state}{f' on {one.closed}' if one.closed else ''}")
        out(paragraph(f"{one.by} {one.severity} {one.about} on {one.dated}: {one.text}"))
        for answer in one.answers:
            done = f" Done: {answer.did}" if answer.did else ""
            out(paragraph(f"{answer.by} on {answer.dated}: {answer.text}{done}"))


def _tell_all(written: Sequence[Recorded], chosen: str) -> None:
    if chosen == "json":
        out(json.dumps({"records": [one.as_json() for one in written]}, ensure_ascii=False, indent=1))
        return
    for one in written:
        out(one.file)


def _changes(said: list[str] | None) -> dict[str, Decimal] | None:
    found = {}
    for one in said or ():
        term, equals, change = one.partition("=")
        try:
            found[term.strip()] = Decimal(change)
        except InvalidOperation:
            equals = ""
        if not equals:
            raise Misuse(f"--if-upheld takes TERM=CHANGE, not {one}", "say, for instance, held=-6")
    return found or None


def _tell(recorded: Recorded, chosen: str) -> None:
    if chosen == "json":
        out(json.dumps(recorded.as_json(), ensure_ascii=False, indent=1))
        return
    flag_id = getattr(recorded.record, "id", None)
    out(f"recorded{f' as {flag_id}' if flag_id else ''} in {recorded.file}")
