"""Each rule has a page, and the page's three cases do what it says: it fires, it stays silent, it is mended as suggested."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from decisionlayer.findings import RULES, Rule, Severity, Stops
from tests.rules.pages import BASE, FOLDER, HEADINGS, index, read, shown, write

ALL = tuple(RULES.values())
EFFECTS = {
    (
        Severity.error,
        Stops.shape,
    ): "Error of class *shape*: every verb refuses what stands on it, and nothing waives it.",
    (
        Severity.error,
        Stops.number,
    ): "Error of class *number*: every verb refuses what stands on it, and nothing waives it.",
    (
        Severity.error,
        Stops.licence,
    ): "Error of class *licence*: questions are answered as a draft, publishing is refused.",
    (Severity.error, Stops.sign): "Error of class *sign*: it is published under the draft mark.",
    (Severity.warning, Stops.sign): "Warning of class *sign*: it is published under the draft mark.",
    (Severity.warning, Stops.advice): "Warning of class *advice*: what it is about is published with a stamp.",
    (Severity.info, Stops.advice): "Note of class *advice*: nothing is stopped by it.",
    (Severity.error, Stops.ask): "Error of class *ask*: the question at hand is refused, and nothing else.",
}


def by_code(rule: Rule) -> str:
    return rule.code


def test_there_is_one_page_for_each_rule_and_none_beside_them() -> None:
    pages = {path.name for path in FOLDER.glob("*.md")} - {"README.md"}
    assert pages == {rule.page for rule in ALL}


def test_the_index_is_the_table() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert text[text.index("| rule |") :] == index()


@pytest.mark.parametrize("rule", ALL, ids=by_code)
def test_a_page_says_its_rule_and_what_it_stops(rule: Rule) -> None:
    head, cases = read(rule)
    title, effect, *prose = [part for part in head.split("\n\n") if part.strip()]
    assert title == f"# {rule.id} {rule.code}" if rule.id else f"# {rule.code}"
    assert effect == EFFECTS[rule.severity, rule.stops]
    assert len(prose) == 1, "one paragraph says what fires, why it matters and what to do"
    assert tuple(case.heading for case in cases) == HEADINGS
    assert all(case.said for case in cases)


@pytest.mark.parametrize("rule", ALL, ids=by_code)
def test_a_page_finds_what_it_shows(rule: Rule, tmp_path: Path) -> None:
    """``REWRITE_RULE_PAGES=1`` writes what is found into the pages; read it before it is committed."""
    _, cases = read(rule)
    found = {case.heading: case.findings(tmp_path / case.heading) for case in cases}
    if os.environ.get("REWRITE_RULE_PAGES"):
        write(rule, {heading: shown(findings) for heading, findings in found.items()})
        _, cases = read(rule)
    codes = {heading: {finding.code for finding in findings} for heading, findings in found.items()}
    assert rule.code in codes["Fires"]
    assert rule.code not in codes["Stays silent"] | codes["Fixed"]
    assert {case.heading: undated(case.found) for case in cases} == {
        heading: undated(shown(findings)) for heading, findings in found.items()
    }


def undated(text: str) -> str:
    """Return what a page shows without how long ago it was by today's date, which is another one every day."""
    return re.sub(r"[\d,]+ days (before )?([\d-]{10}|too old)", "days ago", text)


#: What is wrong says by itself what to write.
PLAIN = ("wrong-type", "bad-expression")


@pytest.mark.parametrize("rule", [rule for rule in ALL if rule.code not in PLAIN], ids=by_code)
def test_a_finding_says_why_it_matters_or_what_to_do(rule: Rule, tmp_path: Path) -> None:
    _, (fires, *_) = read(rule)
    for finding in fires.findings(tmp_path):
        if finding.code == rule.code:
            assert finding.help or finding.why, finding.render()
            assert finding.message[-1] not in ".!", finding.message


def test_the_base_project_has_no_finding(tmp_path: Path) -> None:
    import duckdb

    from decisionlayer import Layer

    with duckdb.connect() as warehouse:
        warehouse.execute((BASE / "warehouse.sql").read_text(encoding="utf-8"))
        assert shown(tuple(Layer.load(BASE, warehouse=warehouse).check(data=True))) == ""
