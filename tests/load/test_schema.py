"""The JSON Schema of the files agrees with the loader about what is right and what is a mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import pytest

from decisionlayer.declare import KINDS, Book
from decisionlayer.load.schema import json_schema
from decisionlayer.load.yamldoc import read_yaml
from tests.load.refusals import REFUSALS

ROOT = Path(__file__).parents[2]
SCHEMA = json_schema()
CHECK = jsonschema.Draft202012Validator(SCHEMA)


def files() -> Iterator[Path]:
    for folder in ("definitions", "metrics"):
        yield from (path for path in sorted((ROOT / folder).rglob("*.yml")) if "records" not in path.parts)


def test_it_is_a_schema_itself() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_it_knows_every_heading() -> None:
    assert set(SCHEMA["properties"]) == {"project", "for_all", *KINDS}


@pytest.mark.parametrize("path", list(files()), ids=lambda path: path.name)
def test_the_files_of_this_repository_fit(path: Path) -> None:
    documents = read_yaml(path.read_bytes()).documents
    assert documents
    for document in documents:
        assert [error.message for error in CHECK.iter_errors(document.data)] == []


#: What only loading can say: several keys together, the same name twice, what YAML itself refuses, what is not read yet.
BEYOND = (
    "duplicate-name", "unreadable", "needs one of", "says both", "needs a body", "is a body of its own", "there is no `f",
    "in this document takes", "has both", "needs `column`", "can be counted with", "not '2012-13-01'", "not 'soon'",
    "names one metric",  # as its name; the items of `targets` name one, too
)  # fmt: skip


@pytest.mark.parametrize("text", [text for text, said in REFUSALS.items() if not any(words in said for words in BEYOND)])
def test_a_typical_mistake_does_not_fit(text: str) -> None:
    (document,) = read_yaml(text.encode()).documents
    assert list(CHECK.iter_errors(document.data)) != []


GOOD = """\
for_all: {owner: ops, unit: bun, source: s, missing: null}
sources:
  - source: s
    table: t
    key: id
    time: {a: day, b: {grain: hour, zone: UTC}}
    links: {shop: shop, till: {entity: till, columns: [a, b]}}
    columns: {id: integer, x: {type: integer, is: ratio}}
    dimensions: [colour]
  - {source: s2, file: x.csv, dimensions: {title: title, n: {metric: m}}}
metrics:
  - {metric: a, formula: x / y, better: {near: 0.85}, translation: {terms: {x: y, y: {from: z, to: hour}}}}
  - {metric: b, measure: count(*), unit: {column: currency}, last_of_each: shop}
views:
  - {view: v, as: table, metrics: [a], start: 2013, levels: [[month], []]}
decisions:
  - {decision: d, decider: ops, agree: [a], criteria: [{metric: a, scale: {worst: 1, best: 0.5}, weight: 1}]}
units:
"""


def test_every_short_spelling_fits(written: Callable[..., Book]) -> None:
    (document,) = read_yaml(GOOD.encode()).documents
    assert [error.message for error in CHECK.iter_errors(document.data)] == []
    assert written({"metrics/a.yml": GOOD}).findings == ()
