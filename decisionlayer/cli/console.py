"""Where words go: results to stdout, talk to stderr; plain when piped."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable, Sequence

from decisionlayer.findings import Finding, Severity, counts, in_order


def out(text: str) -> None:
    """Print to stdout, with one newline at the end."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def say(text: str) -> None:
    """Print to stderr."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def width() -> int:
    """Return how wide a table may be: the terminal's width, 100 when there is none."""
    return shutil.get_terminal_size((100, 40)).columns


def wants_colour() -> bool:
    """Say whether stdout is a terminal that wants colour."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def show_findings(findings: Iterable[Finding], *, to_stderr: bool = True) -> None:
    """Print findings as text, a blank line between two."""
    text = "\n\n".join(finding.render() for finding in in_order(findings))
    if text:
        (say if to_stderr else out)(text)


def summary(findings: Sequence[Finding]) -> str:
    """Return how many findings there are, in words.

    >>> summary([])
    'no findings'
    """
    found = [(number, severity) for severity, number in counts(findings).items() if number]
    return ", ".join(f"{n} {word}{'s' if n > 1 and word != 'info' else ''}" for n, word in found) or "no findings"


def findings_json(findings: Sequence[Finding]) -> str:
    """Return the object that ``check --format json`` prints."""
    return json.dumps(
        {"findings": [finding.as_json() for finding in findings], "counts": counts(findings)}, ensure_ascii=False, indent=1
    )


def findings_sarif(findings: Sequence[Finding]) -> str:
    """Return the findings as SARIF 2.1.0, for code hosts that show them beside the lines."""
    levels = {Severity.error: "error", Severity.warning: "warning", Severity.info: "note"}
    rules = {finding.rule.code: finding.rule for finding in findings}
    results = []
    for finding in findings:
        result: dict[str, object] = {
            "ruleId": finding.rule.id or finding.code,
            "level": levels[finding.severity],
            "message": {"text": "\n".join(text for text in (finding.message, finding.why, finding.damage, finding.help) if text)},
            "partialFingerprints": {"decisionlayer/v1": finding.id},
        }
        if finding.place is not None:
            region = {"startLine": finding.place.line, "startColumn": finding.place.column}
            location = {"artifactLocation": {"uri": finding.place.file}, "region": region}
            result["locations"] = [{"physicalLocation": location}]
        results.append(result)
    driver = {
        "name": "decisionlayer",
        "rules": [{"id": rule.id or rule.code, "shortDescription": {"text": rule.claim}} for rule in rules.values()],
    }
    run = {"tool": {"driver": driver}, "results": results}
    return json.dumps({"version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": [run]}, indent=1)
