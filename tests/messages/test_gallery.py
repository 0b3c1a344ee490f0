"""Bad input through the real command line: the whole message, exit code 1, and nothing published."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from decisionlayer.cli import run

GALLERY = Path(__file__).with_name("gallery.md")
BASE = Path(__file__).parents[2] / "docs" / "rules" / "_base"
_FENCE = re.compile(r"^```(?P<kind>\w+)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Picture:
    """One section: what it changes, the command, and everything that the command prints."""

    title: str
    files: Mapping[str, str]
    statements: str
    command: tuple[str, ...]
    prints: str

    def hang(self, folder: Path) -> Path:
        """Write the project into ``folder`` and its warehouse beside it; return the warehouse."""
        shutil.copytree(BASE, folder, dirs_exist_ok=True)
        for name, text in self.files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="")
        path = folder / "warehouse.duckdb"
        with duckdb.connect(str(path)) as warehouse:
            warehouse.execute((BASE / "warehouse.sql").read_text(encoding="utf-8"))
            warehouse.execute(self.statements or "select 1")
        return path


def _pictures() -> tuple[Picture, ...]:
    _, *sections = re.split(r"^## ", GALLERY.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return tuple(_picture(section) for section in sections)


def _picture(section: str) -> Picture:
    title, _, body = section.partition("\n")
    blocks = [(found["kind"], found["title"], found["text"]) for found in _FENCE.finditer(body)]
    one = {kind: text for kind, named, text in blocks if named is None}
    assert set(one) <= {"sql", "console", "text"}, title
    program, *command = shlex.split(one["console"])
    assert program == "decisionlayer"
    files = {named: text for _, named, text in blocks if named is not None}
    return Picture(title.strip(), files, one.get("sql", ""), tuple(command), one.get("text", ""))


PICTURES = _pictures()


def by_title(picture: Picture) -> str:
    return picture.title


def _printed(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = run(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out + captured.err


def _published(path: Path) -> list[str]:
    with duckdb.connect(str(path), read_only=True) as warehouse:
        found = warehouse.execute(
            "select distinct schema_name from duckdb_schemas() where not internal order by 1"
        ).fetchall()
    return [name for (name,) in found]


@pytest.mark.parametrize("picture", PICTURES, ids=by_title)
def test_the_message_is_whole_and_the_exit_code_is_1(
    picture: Picture, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = picture.hang(tmp_path)
    monkeypatch.chdir(tmp_path)
    code, printed = _printed((*picture.command, "--warehouse", path.name), capsys)
    if os.environ.get("REWRITE_GALLERY"):
        _rewrite(picture, printed)
    else:
        assert printed == picture.prints
    assert code == 1


@pytest.mark.parametrize("picture", [p for p in PICTURES if p.command[0] == "check" or p.statements], ids=by_title)
def test_nothing_is_published(
    picture: Picture, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every metric of the section on a view: what nobody is shown keeps nothing from being published."""
    path = picture.hang(tmp_path)
    named = re.findall(r"^ +- (?:\{)?metric: (\w+)", picture.files.get("metrics/page.yml", ""), flags=re.MULTILINE)
    (tmp_path / "definitions" / "shown.yml").write_text(
        "views:\n" + "".join(
            f"  - {{view: shows_{name}, audience: frontline, owner: shop_desk, definition: Shows it., metrics: [{name}]}}\n"
            for name in dict.fromkeys(["revenue", *named])
        )
    )  # fmt: skip
    before = _published(path)
    monkeypatch.chdir(tmp_path)
    code, printed = _printed(("publish", "--warehouse", path.name), capsys)
    assert (code, _published(path)) == (1, before)
    for head in re.findall(r"^error\[[\w-]+\]", picture.prints, flags=re.MULTILINE):
        assert head in printed, printed


@pytest.mark.parametrize("picture", [p for p in PICTURES if p.command[0] == "check"], ids=by_title)
def test_machines_read_the_same_findings(
    picture: Picture, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = picture.hang(tmp_path)
    monkeypatch.chdir(tmp_path)
    code = run([*picture.command, "--warehouse", path.name, "--format", "json"])
    told = json.loads(capsys.readouterr().out)
    heads = [
        f"{f['severity']}[{f['code']}]{' ' + f['rule'] if f['rule'] else ''}: {f['message']}" for f in told["findings"]
    ]
    assert code == 1
    assert heads == [line for line in picture.prints.splitlines() if re.match(r"(error|warning|info)\[", line)]
    assert told["counts"]["error"] == sum(head.startswith("error") for head in heads)


def test_every_case_of_the_list_has_its_picture() -> None:
    assert len({picture.title for picture in PICTURES}) == len(PICTURES) >= 24


def _rewrite(picture: Picture, printed: str) -> None:
    text = GALLERY.read_text(encoding="utf-8")
    start = text.index(f"## {picture.title}\n")
    end = text.find("\n## ", start)
    section = text[start:] if end < 0 else text[start:end]
    bare = re.sub(r"\n*^```text\n.*?^```$", "", section, flags=re.MULTILINE | re.DOTALL).rstrip()
    GALLERY.write_text(text.replace(section, f"{bare}\n\n```text\n{printed}```\n"), encoding="utf-8")
