"""Pages of the manual as sessions: their blocks are run in order, in a project of their own, and print what the page says.

A page begins with ``<!-- runs in: sample -->`` (a copy of the sample company with its warehouse), ``starter`` (what ``init``
writes) or ``nothing`` (an empty folder). Its blocks:

- ``bash``: commands. One that ends otherwise than with 0 says so: ``decisionlayer check   # exits 1``.
- ``python``: run in one namespace a page.
- ``sql``: asked of the page's warehouse, or of the file after ``in=``, as an analyst would.
- ``yaml title="metrics/mine.yml"``, and ``csv`` and ``sql`` in the same way: written to that file of the project, ``instead`` of what it holds if it is there. ``yaml``
  alone: a file that the schema accepts. ``yaml from="metrics/network.yml"``: said so in that file of the repository.
- ``text``: what the block above prints, stderr included; a line ``…`` stands for any lines.
- ``sh``: what is typed on a machine and not run here; ``measure``, ``formula``, ``filter``: expressions of the language.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import yaml
from jsonschema import Draft202012Validator

from decisionlayer.cli import run
from decisionlayer.load.schema import json_schema
from decisionlayer.load.starter import starter_project
from decisionlayer.resolve.language.parser import parse_dimension, parse_filter, parse_formula, parse_measure

ROOT = Path(__file__).resolve().parents[2]
WAREHOUSES = {"sample": ".demo/new_york.duckdb", "starter": "bakery.duckdb", "nothing": ""}
PARSERS = {"measure": parse_measure, "formula": parse_formula, "filter": parse_filter, "dimension": parse_dimension}

_FENCE = re.compile(r"^```(?P<kind>\w*)(?P<mark>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_PROJECT = re.compile(r"\A<!-- runs in: (\w+) -->\n")


@dataclass
class Block:
    """One fenced block: its kind, what stands after it on the fence, its text and line; what it should print, if it says so."""

    kind: str
    mark: str
    text: str
    line: int
    prints: str | None = None

    def option(self, name: str) -> str | None:
        found = re.search(rf'\b{name}="([^"]*)"', self.mark)
        return found[1] if found else None


def project_of(page: Path) -> str:
    """Return which project a page runs in."""
    found = _PROJECT.match(page.read_text(encoding="utf-8"))
    assert found, f"{page.name} does not say what it runs in"
    return found[1]


def blocks_of(page: Path) -> list[Block]:
    """Return the blocks of a page; a text block belongs to the one above it."""
    text = page.read_text(encoding="utf-8")
    blocks: list[Block] = []
    for found in _FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        if found["kind"] == "text" and blocks and found["mark"].strip() != "shape":
            assert blocks[-1].prints is None, f"{page.name}:{line} a block prints once"
            blocks[-1].prints = found["text"]
        elif found["kind"] != "text":
            blocks.append(Block(found["kind"], found["mark"], found["text"], line))
    return blocks


class Session:
    """A page being run in a folder of its own; ``run`` returns what a block prints."""

    def __init__(self, project: str, folder: Path, warehouse: Path | None) -> None:
        self.folder = folder
        self.warehouse = WAREHOUSES[project]
        self.names: dict[str, object] = {"__name__": "page"}
        self.schema = Draft202012Validator(json_schema())
        if project == "sample":
            assert warehouse is not None
            shutil.copytree(ROOT / "definitions", folder / "definitions")
            shutil.copytree(ROOT / "metrics", folder / "metrics")
            (folder / self.warehouse).parent.mkdir()
            shutil.copyfile(warehouse, folder / self.warehouse)
        elif project == "starter":
            for name, text in starter_project("bakery").items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(text, encoding="utf-8")

    def run(self, block: Block) -> str | None:
        """Run a block and return what it printed; None for one that prints nothing by its nature."""
        match block.kind:
            case "bash":
                return "".join(self._command(line) for line in _commands(block.text))
            case "python":
                printed = io.StringIO()
                with contextlib.redirect_stdout(printed):
                    exec(compile(block.text, f"line {block.line}", "exec"), self.names)
                return printed.getvalue()
            case "sql" if block.option("title") is not None:
                return self._write(block)
            case "sql":
                with duckdb.connect(block.option("in") or self.warehouse, read_only=True) as reader:
                    return str(reader.sql(block.text)).rstrip("\n") + "\n"
            case "yaml":
                return self._yaml(block)
            case "csv":
                return self._write(block)
            case "measure" | "formula" | "filter" | "dimension":
                for line in block.text.splitlines():
                    assert not PARSERS[block.kind](line).problems, line
                return None
            case "sh" | "json" | "ini" | "":
                return None
            case unknown:
                raise AssertionError(f"nobody runs {unknown}")

    def _command(self, line: str) -> str:
        command, _, comment = line.partition("  #")
        wanted = re.search(r"exits (\d)", comment)
        if command.startswith("cd "):
            os.chdir(command.removeprefix("cd ").strip())
            return ""
        if re.search(r"[|>$]", command) or not command.startswith("decisionlayer"):
            environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
            done = subprocess.run(
                ["bash", "-c", command], capture_output=True, text=True, env=environment, timeout=120, check=False
            )
            code, printed = done.returncode, done.stdout + done.stderr
        else:
            said = io.StringIO()
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                code = run(shlex.split(command)[1:])
            printed = said.getvalue()
        assert code == (int(wanted[1]) if wanted else 0), f"{command} ended with {code}:\n{printed}"
        assert "internal error" not in printed, printed
        # What a slow machine says while it works belongs to no page.
        printed = re.sub(r"^still [^\n]* …\n", "", printed, flags=re.MULTILINE)
        return re.sub(r"\d+(\.\d)? s\b", "0.4 s", printed.replace(str(self.folder), "/home/you"))

    def _yaml(self, block: Block) -> str | None:
        title, source = block.option("title"), block.option("from")
        if source is not None:
            assert block.text in (ROOT / source).read_text(encoding="utf-8"), f"{source} says it in another way"
            return None
        for document in yaml.load_all(block.text, _Core):
            problems = [f"{error.json_path}: {error.message}" for error in self.schema.iter_errors(document)]
            assert not problems or "refused" in block.mark, f"line {block.line}: {problems}"
        return None if title is None else self._write(block)

    @staticmethod
    def _write(block: Block) -> None:
        path = Path(block.option("title") or "")
        path.parent.mkdir(parents=True, exist_ok=True)
        assert "instead" in block.mark or not path.exists(), f"{path} is there already"
        path.write_text(block.text, encoding="utf-8")


class _Core(yaml.SafeLoader):
    """YAML without dates and without yes and no, as the library reads it."""


_Core.yaml_implicit_resolvers = {
    sign: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] in ("int", "float", "null")]
    for sign, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def _commands(text: str) -> Iterator[str]:
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line


def same(printed: str, expected: str) -> bool:
    """Say whether what was printed is what the page shows, where a line ``…`` stands for any lines."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "…" else re.escape(line.rstrip()) + r"[ \t]*\n" for line in expected.splitlines()
    )
    return re.fullmatch(pattern, printed) is not None


def rewrite(page: Path, prints: dict[int, str]) -> None:
    """Put what was printed by the blocks at these lines into the text blocks below them. Read it before it is committed."""
    text = page.read_text(encoding="utf-8")
    current = 0

    def filled(found: re.Match[str]) -> str:
        nonlocal current
        line = text.count("\n", 0, found.start()) + 1
        if found["kind"] != "text":
            current = line
            return found[0]
        if current in prints and found["mark"].strip() != "shape" and not same(prints[current], found["text"]):
            return f"```text{found['mark']}\n{prints[current]}```"
        return found[0]

    page.write_text(_FENCE.sub(filled, text), encoding="utf-8")
