"""Rule pages as cases: what a page says, its three projects, and what is found in each when it is run."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import duckdb
import yaml

from decisionlayer.errors import DecisionLayerError
from decisionlayer.findings import RULES, Finding, Rule, in_order
from decisionlayer.load import load_project
from decisionlayer.resolve import resolve

if TYPE_CHECKING:
    from decisionlayer.layer import Layer

FOLDER = Path(__file__).parents[2] / "docs" / "rules"
BASE = FOLDER / "_base"
HEADINGS = ("Fires", "Stays silent", "Fixed")

#: Blocks that are files, named by their title.
FILES = ("yaml", "csv", "sql")
#: Blocks that are done in their order before anything is looked at: records that are written, files that are edited.
STEPS = ("record", "edit")

_FENCE = re.compile(r"^```(?P<kind>\w+)(?P<mark>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Case:
    """One section of a page: files on top of the base project, perhaps a question or statements, and what is found."""

    rule: Rule
    heading: str
    said: str
    files: Mapping[str, str]
    question: Mapping[str, object] | None
    brief: Mapping[str, object] | None
    statements: str | None
    audited: bool
    published: bool
    then: str
    without: str | None
    found: str
    steps: tuple[tuple[str, str], ...] = ()

    def findings(self, folder: Path) -> tuple[Finding, ...]:
        """Return what is found when the case is run in an empty ``folder``."""
        shutil.copytree(BASE, folder, dirs_exist_ok=True)
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            assert not path.exists(), f"{name} would hide a file of the base project"
            path.write_text(text, encoding="utf-8", newline="")
        refused = self._written(folder)
        if self.question is None and self.statements is None and self.brief is None:
            return in_order((*resolve(load_project(folder)).findings, *refused))
        with duckdb.connect() as warehouse:
            warehouse.execute((BASE / "warehouse.sql").read_text(encoding="utf-8"))
            from decisionlayer.layer import Layer

            if self.published:
                Layer.load(folder, warehouse=warehouse).publish()
            if self.statements:
                warehouse.execute(self.statements)
            return self._found(Layer.load(folder, warehouse=warehouse))

    def _written(self, folder: Path) -> tuple[Finding, ...]:
        """Write the records of the case and edit files, in the order in which the page says so; return what refused a record."""
        from decisionlayer.layer import Layer

        refused: list[Finding] = []
        for kind, text in self.steps:
            if kind == "edit":
                edit = yaml.load(text, Loader=yaml.BaseLoader)
                path = folder / edit["file"]
                before = path.read_text(encoding="utf-8")
                assert edit["old"] in before
                path.write_text(before.replace(edit["old"], edit["new"]), encoding="utf-8", newline="")
                continue
            for said in re.split(r"^---\n", text, flags=re.MULTILINE):
                try:
                    Layer.load(folder).record(said)
                except DecisionLayerError as wrong:
                    refused += wrong.findings
        return tuple(refused)

    def _found(self, layer: Layer) -> tuple[Finding, ...]:
        declared = layer.audit().findings if self.audited else layer.check(data=self.statements is not None)
        asked: tuple[Finding, ...] = ()
        if self.brief is not None:
            keys = dict(self.brief)
            try:
                asked = layer.brief(str(keys.pop("decision")), **keys).findings
            except DecisionLayerError as refused:
                asked = refused.findings
        if self.question is not None:
            try:
                result = layer.query(**self.question)
                asked = result.findings
                hidden = {self.without: None} if self.without else {}
                with mock.patch.dict(sys.modules, hidden):
                    if self.then:
                        exec(self.then, {"result": result, "layer": layer})
            except DecisionLayerError as refused:
                asked = (*asked, *refused.findings)
        return in_order((*declared, *asked))


def read(rule: Rule) -> tuple[str, tuple[Case, ...]]:
    """Return what a page says before its cases, and its cases in order."""
    head, *sections = re.split(r"^## ", (FOLDER / rule.page).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return head, tuple(_case(rule, section) for section in sections)


def _case(rule: Rule, section: str) -> Case:
    heading, _, body = section.partition("\n")
    blocks = [(m["kind"], m["mark"].strip(), m["text"]) for m in _FENCE.finditer(body)]
    one = {kind: text for kind, _, text in blocks if kind not in (*FILES, *STEPS)}
    unknown = set(one) - {"question", "brief", "data", "python", "text"}
    assert not unknown, f"{rule.page} has blocks that nobody runs: {unknown}"
    marks = {kind: mark for kind, mark, _ in blocks}
    return Case(
        rule=rule,
        heading=heading.strip(),
        said=_FENCE.split(body)[0].strip(),
        files={mark.removeprefix('title="').removesuffix('"'): text for kind, mark, text in blocks if kind in FILES},
        question=_question(one["question"]) if "question" in one else None,
        brief=_question(one["brief"]) if "brief" in one else None,
        statements=one.get("data"),
        audited=marks.get("data", "").endswith("audit"),
        published=marks.get("data") == "publish, audit",
        then=one.get("python", ""),
        without=marks.get("python", "").removeprefix("without=") or None,
        found=one.get("text", ""),
        steps=tuple((kind, text) for kind, _, text in blocks if kind in STEPS),
    )


def _question(text: str) -> Mapping[str, object]:
    """The keys of a question; a time stays as it was written."""
    found = yaml.load(text, Loader=yaml.BaseLoader)
    assert isinstance(found, dict)
    return found


def shown(findings: tuple[Finding, ...]) -> str:
    """Return findings as a page shows them."""
    return "\n\n".join(finding.render() for finding in findings) + ("\n" if findings else "")


def write(rule: Rule, found: Mapping[str, str]) -> None:
    """Put what was found into a page, at the end of each section. Read it before it is committed."""
    path = FOLDER / rule.page
    head, *sections = re.split(r"^(?=## )", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    parts = [head]
    for section in sections:
        heading = section.partition("\n")[0].removeprefix("## ").strip()
        bare = re.sub(r"\n*^```text\n.*?^```$\n*", "\n", section, flags=re.MULTILINE | re.DOTALL).rstrip() + "\n"
        parts.append(bare + (f"\n```text\n{found[heading]}```\n" if found[heading] else "") + "\n")
    path.write_text("".join(parts).rstrip() + "\n", encoding="utf-8")


def index() -> str:
    """Return the table of all rules, as the index page has it."""
    lines = ["| rule | word | severity | class | what is wrong |", "|---|---|---|---|---|"]
    for rule in sorted(RULES.values(), key=lambda rule: (rule.id is None, rule.id or "", rule.code)):
        name = rule.id or "–"
        lines.append(
            f"| {name} | [`{rule.code}`]({rule.page}) | {rule.severity.value} | {rule.stops.value} | {rule.claim} |"
        )
    return "\n".join(lines) + "\n"
