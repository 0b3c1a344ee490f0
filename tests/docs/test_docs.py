"""Every example of the manual is executed, and every name and link in it exists."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from decisionlayer.cli.main import app
from decisionlayer.cli.options import QUESTION
from decisionlayer.findings import RULES
from tests.docs.pages import ROOT, Session, blocks_of, project_of, rewrite, same

DOCS = ROOT / "docs"
#: Pages with tests of their own.
ELSEWHERE = ("language.md", "sample.md")
PAGES = [ROOT / "README.md", *sorted(path for path in DOCS.glob("*.md") if path.name not in ELSEWHERE)]
PROSE = [*PAGES, DOCS / "language.md", DOCS / "sample.md", DOCS / "rules" / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md"]


def name_of(page: Path) -> str:
    return page.name


@pytest.mark.flights
@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_a_page_shows_happens(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """``REWRITE_DOCS=1`` writes what happens into the pages; read it before it is committed."""
    project = project_of(page)
    warehouse = request.getfixturevalue("flights_warehouse") if project == "sample" else None
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr("decisionlayer.cli.console.PATIENCE", 600.0)  # how busy the machine is belongs in no page
    session = Session(project, tmp_path, warehouse)
    printed: dict[int, str] = {}
    try:
        for block in blocks_of(page):
            out = session.run(block)
            if block.prints is None:
                continue
            assert out is not None, f"{page.name}:{block.line} prints nothing"
            printed[block.line] = out
            assert "REWRITE_DOCS" in os.environ or same(out, block.prints), f"{page.name}:{block.line} prints\n{out}"
    finally:
        if "REWRITE_DOCS" in os.environ:
            rewrite(page, printed)


@pytest.mark.parametrize("page", PROSE, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("https://", "mailto:")):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PROSE, ids=name_of)
def test_a_page_shows_no_accident(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.findall(r"Traceback|internal error:|/tmp/|pytest-of", text)


def test_the_map_of_the_manual_names_every_page() -> None:
    text = (DOCS / "index.md").read_text(encoding="utf-8")
    for page in DOCS.glob("*.md"):
        assert page.name == "index.md" or f"({page.name})" in text, page.name


def test_every_rule_that_a_page_names_exists() -> None:
    ids = {rule.id for rule in RULES.values()}
    for page in PROSE:
        for named in re.findall(r"\bDL\d{3}\b", page.read_text(encoding="utf-8")):
            assert named in ids, f"{page.name} names {named}"


def test_the_page_of_the_command_line_names_every_verb_and_option() -> None:
    text = (DOCS / "command-line.md").read_text(encoding="utf-8")
    for command in app.registered_commands:
        assert command.callback is not None
        assert f"## {command.name or command.callback.__name__}\n" in text
    for annotation in QUESTION.values():
        option = annotation.__metadata__[0]
        names = [name for name in (option.default, *(option.param_decls or ())) if isinstance(name, str)]
        assert all(f"`{name}" in text for name in names if not option.hidden), names
