"""From a place in a value to the place in the file, and what keys belong where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisionlayer import declare
from decisionlayer.declare.shape import keys_of, model_at
from decisionlayer.declare.spelling import position
from decisionlayer.load.yamldoc import read_yaml


def spelled(text: str, offset: int) -> str:
    """Return what stands in the file at the place of the value's ``offset``-th character."""
    (document,) = read_yaml(text.encode()).documents
    mark = (document.mark.parts or {})["a"]
    line, column = position(text, mark.line, mark.column, offset)
    return text.splitlines()[line - 1][column - 1 :]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: x > 1 # why", "x > 1"),
        ("a: 'x = ''y'' or z'", "x = 'y' or z"),
        ('a: "x = \\"y\\" or\\u0020z"', 'x = "y" or z'),
        ("a: >\n  x > 1\n  and z\n", "x > 1 and z\n"),
        ("a: |\n  x > 1\n    and z\n", "x > 1\n  and z\n"),
        ("a: |\n  x > 1\n\n  and z\n", "x > 1\n\nand z\n"),
        ("a: >\n  x > 1\n\n  and z\n", "x > 1\nand z\n"),
        ("a: x > 1\n  and z\n", "x > 1 and z"),
        ("a: 'x > 1\n  and z'\n", "x > 1 and z"),
    ],
)
def test_the_last_letter_of_a_value_is_found_in_the_file(text: str, value: str) -> None:
    (document,) = read_yaml(text.encode()).documents
    assert document.data == {"a": value}
    last = max(i for i, letter in enumerate(value) if letter.isalnum())
    assert spelled(text, last)[0] == value[last]
    for at, letter in enumerate(value):
        if letter not in " \n'\"":
            assert spelled(text, at)[0] == letter


@given(st.text(alphabet="ab' =\"\\", max_size=12).filter(lambda t: t.strip() == t and t != ""), st.booleans())
def test_every_character_of_quoted_text_is_found(value: str, single: bool) -> None:
    quoted = "'" + value.replace("'", "''") + "'" if single else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    for at, letter in enumerate(value):
        found = spelled(f"a: {quoted}", at)
        assert found[0] == letter or found[:2] == f"\\{letter}"


def test_an_offset_beyond_the_text_stays_at_its_beginning() -> None:
    assert position("a: >\n  x\n", 2, 3, 99) == (2, 3)
    assert position("", 7, 3, 4) == (7, 7)


def test_keys_are_those_that_people_write() -> None:
    assert keys_of(declare.Term) == ("from", "where", "population", "to", "over_time", "convert")


@pytest.mark.parametrize(
    ("model", "path", "kind"),
    [
        (declare.Metric, ("translation", "terms", "late"), declare.Term),
        (declare.Metric, ("better",), declare.Near),
        (declare.Metric, ("translation", "exclude", 0), declare.Exclusion),
        (declare.Decision, ("criteria", 3, "scale"), declare.Scale),
        (declare.Source, ("dimensions", "x"), declare.MetricDimension),
        (declare.Source, ("links", "x"), declare.Link),
        (declare.Source, ("table",), None),
        (declare.Source, ("links", "x", "column", "y"), None),
    ],
)
def test_what_stands_where(model: type[declare.Declaration], path: tuple[str | int, ...], kind: object) -> None:
    assert model_at(model, path) is kind
