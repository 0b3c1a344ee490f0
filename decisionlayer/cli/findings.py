"""Findings as people, pipelines and code hosts read them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from decisionlayer.findings import Finding, Severity, counts, in_order
from decisionlayer.names import counted


def as_text(findings: Sequence[Finding]) -> str:
    """Return findings as text, worst first, a blank line between two."""
    return "\n\n".join(finding.render() for finding in in_order(findings))


def summary(findings: Sequence[Finding]) -> str:
    """Return how many findings there are, in words.

    >>> summary([])
    'no findings'
    """
    return ", ".join(counted(number, word) for word, number in counts(findings).items() if number) or "no findings"


def as_json(findings: Sequence[Finding]) -> str:
    """Return ``{"findings": [...], "counts": {...}}``, the object that ``check --format json`` prints."""
    listed = [finding.as_json() for finding in in_order(findings)]
    return json.dumps({"findings": listed, "counts": counts(findings)}, ensure_ascii=False, indent=1)


_LEVELS = {Severity.error: "error", Severity.warning: "warning", Severity.info: "note"}


def as_sarif(findings: Sequence[Finding]) -> str:
    """Return the findings as SARIF 2.1.0, for code hosts that show them beside the lines."""
    rules = {finding.code: finding.rule for finding in findings}
    driver = {
        "name": "decisionlayer",
        "rules": [
            {"id": rule.id or code, "name": code, "shortDescription": {"text": rule.claim}} for code, rule in sorted(rules.items())
        ],
    }
    run = {"tool": {"driver": driver}, "results": [_result(finding) for finding in in_order(findings)]}
    return json.dumps(
        {"version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": [run]},
        ensure_ascii=False,
        indent=1,
    )


def _result(finding: Finding) -> dict[str, object]:
    said = (finding.message, finding.why, finding.damage, finding.help)
    result: dict[str, object] = {
        "ruleId": finding.rule.id or finding.code,
        "level": _LEVELS[finding.severity],
        "message": {"text": "\n".join(text for text in said if text)},
        "partialFingerprints": {"decisionlayer/v1": finding.id},
    }
    if finding.waived:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": finding.waived}]
    if finding.place is not None:
        region = {"startLine": finding.place.line, "startColumn": finding.place.column}
        location = {"artifactLocation": {"uri": finding.place.file}, "region": region}
        result["locations"] = [{"physicalLocation": location}]
    return result
