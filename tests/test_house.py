"""The house stands: its doors, walls, room cards and error table are what the documents say."""

from __future__ import annotations

import ast
import importlib
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import decisionlayer
from decisionlayer.findings import RULES

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "decisionlayer"
ROOMS = ("declare", "load", "resolve", "plan", "sql", "run", "govern", "decide", "publish", "exchange", "report")
HEAVY = ("pydantic", "yaml", "rich", "typer", "duckdb", "pyarrow", "sqlalchemy", "sqlglot", "jinja2", "pandas", "numpy")


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, env={**os.environ, "PYTHONWARNINGS": "error"}
    )
    return done.stdout.strip()


def test_the_public_names_are_the_twelve_that_the_design_promises() -> None:
    assert sorted(decisionlayer.__all__) == sorted([
        "Layer", "Query", "Result", "Brief", "Finding", "declare", "plugins", "DecisionLayerError", "DeclarationError",
        "QueryError", "PolicyError", "EngineError",
    ])  # fmt: skip
    for name in decisionlayer.__all__:
        assert getattr(decisionlayer, name) is not None


def test_importing_the_package_loads_nothing_heavy() -> None:
    loaded = run_python("import decisionlayer, sys; print(' '.join(sys.modules))").split()
    assert [name for name in HEAVY if name in loaded] == []


def test_compiling_a_question_needs_no_database_package() -> None:
    code = f"""
import sys
from decisionlayer import Layer
layer = Layer.load({str(ROOT)!r})
print(layer.sql(metrics=["late_minutes"], by=["month"])[:0] + " ".join(m for m in sys.modules if "." not in m))
"""
    loaded = run_python(code).split()
    assert [name for name in ("duckdb", "pyarrow", "sqlalchemy", "sqlglot", "jinja2", "rich", "typer") if name in loaded] == []


def test_every_room_has_a_card_that_says_what_goes_in_and_out() -> None:
    for room in ROOMS:
        card = ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text())) or ""
        assert card.startswith(f"ROOM {room}:"), room
        assert "In:" in card and "Out:" in card, room


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in PACKAGE.rglob("*.py")
        if path.stat().st_size and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_no_file_has_grown_past_what_one_can_read_in_one_sitting() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in PACKAGE.rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 450
    }
    assert long == {}


def test_the_contract_names_every_room_once() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    layers = next(c for c in config["tool"]["importlinter"]["contracts"] if c["type"] == "layers")["layers"]
    named = [name.strip().removeprefix("decisionlayer.") for line in layers for name in line.split("|")]
    here = [path.stem for path in PACKAGE.iterdir() if path.is_dir() and (path / "__init__.py").exists()]
    here += [path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__"]
    assert sorted(named) == sorted(here)


def test_every_rule_has_a_code_word_a_claim_and_its_own_page() -> None:
    pages = {path.name for path in (ROOT / "docs" / "rules").glob("*.md")} - {"README.md"}
    assert pages == {rule.page for rule in RULES.values()}
    for code, rule in RULES.items():
        assert re.fullmatch(r"[a-z][a-z-]*[a-z]", code), code
        assert rule.claim and not rule.claim.endswith("."), code
    ids = [rule.id for rule in RULES.values() if rule.id]
    assert len(ids) == len(set(ids))


def test_every_finding_that_is_raised_is_in_the_table() -> None:
    unknown: dict[str, str] = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", getattr(node.func, "attr", "")) in ("Finding", "Problem")
                and node.args
                and isinstance(node.args[0], ast.Constant)
                and node.args[0].value not in RULES
            ):
                unknown[str(path.relative_to(ROOT))] = str(node.args[0].value)
    assert unknown == {}


def test_imports_by_string_stay_at_the_front_door() -> None:
    culprits = [
        str(path.relative_to(ROOT))
        for path in PACKAGE.rglob("*.py")
        if "import_module" in path.read_text() and path.name not in ("__init__.py", "registry.py")
    ]
    assert culprits == []


def test_the_doors_of_a_layer_that_are_not_open_yet_say_so() -> None:
    layer_module = importlib.import_module("decisionlayer.layer")
    layer = object.__new__(layer_module.Layer)
    for verb in layer_module.LATER:
        try:
            getattr(layer, verb)
        except AttributeError as said:
            assert verb in str(said)
            assert "yet" in str(said)
        else:
            raise AssertionError(verb)


def test_nothing_that_is_committed_names_this_machine_or_a_registry() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        files = [p for p in ROOT.rglob("*") if p.is_file() and ".venv" not in p.parts and ".git" not in p.parts]
    else:
        files = [ROOT / name for name in listed.stdout.splitlines()]
    own = Path(__file__)
    bad = re.compile("|".join(["/wor" + "k/", "/ro" + "ot/", "files.python" + "hosted", "registry.npm" + "js"]))
    found = []
    for path in files:
        if path == own or not path.is_file():
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        if bad.search(text):
            found.append(str(path.relative_to(ROOT)))
    assert found == []
