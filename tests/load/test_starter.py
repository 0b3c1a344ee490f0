"""A new project is right from the first minute: it has every key, no finding, and answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import jsonschema
import pytest

from decisionlayer import Layer
from decisionlayer.declare import KINDS
from decisionlayer.load import load_project
from decisionlayer.load.schema import json_schema
from decisionlayer.load.starter import starter_project
from decisionlayer.load.yamldoc import read_yaml


def write(files: Mapping[str, str], folder: Path) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def bakery(tmp_path: Path) -> Path:
    return write(starter_project("My Bakery"), tmp_path)


def test_it_passes_every_check(bakery: Path) -> None:
    with Layer.load(bakery) as layer:
        assert [finding.render() for finding in layer.check(data=True)] == []


def test_it_shows_every_key_of_a_file(bakery: Path) -> None:
    book = load_project(bakery)
    shown = {"project", *(kind for kind, _ in KINDS.values())} - {"frame", "target", "estate"}
    assert {entry.kind for entry in book.entries} == shown
    assert "for_all:" in (bakery / "metrics/counters.yml").read_text()
    assert next(book.of("project")).name == "my_bakery"


def test_it_fits_the_schema(bakery: Path) -> None:
    check = jsonschema.Draft202012Validator(json_schema())
    for path in sorted(bakery.rglob("*.yml")):
        for document in read_yaml(path.read_bytes()).documents:
            assert [error.message for error in check.iter_errors(document.data)] == []


def test_it_answers_at_once(bakery: Path) -> None:
    # By hand from data/visits.csv: in January three guests came to Harbour Street. One waited 2 minutes, one 7, one left.
    with Layer.load(bakery) as layer:
        result = layer.query(metrics=["served_soon", "welcome_kept"], by=["month", "counter.name"])
    rows = [(str(month)[:7], name, round(soon, 4), round(kept, 4)) for month, name, soon, kept in result.rows()]
    assert rows == [
        ("2026-01", "Central Station", 0.3333, 0.25),
        ("2026-01", "Harbour Street", 0.5, 0.3333),
        ("2026-01", "Market Square", 1.0, 1.0),
        ("2026-02", "Central Station", 1.0, 1.0),
        ("2026-02", "Harbour Street", 1.0, 0.75),
        ("2026-02", "Market Square", 0.5, 0.3333),
    ]


def test_its_translation_changes_the_unit(bakery: Path) -> None:
    # 16 pieces were left, at 0.60 EUR each 9.60; 56 EUR were taken.
    with Layer.load(bakery) as layer:
        ((cost,),) = layer.query(metrics=["cost_of_leftovers"]).rows()
    assert cost == pytest.approx(9.60 / 56)


def test_every_command_that_it_suggests_is_one(bakery: Path) -> None:
    text = (bakery / "definitions/project.yml").read_text()
    asked = re.findall(r"decisionlayer query (\w+) --by (\S+) --by (\S+)", text)
    assert asked == [("served_soon", "month", "counter.name")]
    with Layer.load(bakery) as layer:
        assert layer.query(metrics=[asked[0][0]], by=list(asked[0][1:])).rows()
        assert "welcome" in layer.explain("welcome_kept").lower()


@pytest.mark.parametrize(("given", "name"), [("a b", "a_b"), ("2026", "_2026"), ("…", "bakery"), ("null", "null"), ("Öfen", "ofen")])
def test_any_folder_name_makes_a_legal_project(tmp_path: Path, given: str, name: str) -> None:
    book = load_project(write(starter_project(given), tmp_path))
    assert (book.findings, next(book.of("project")).name) == ((), name)
