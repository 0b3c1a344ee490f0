"""docs/language.md says what the language does: its examples are read, its tables are those of functions.py."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from decisionlayer.resolve.language import (
    AGGREGATES,
    METRIC_FUNCTIONS,
    SCALARS,
    Function,
    parse_dimension,
    parse_filter,
    parse_formula,
    parse_measure,
    parse_question_filter,
)
from decisionlayer.resolve.language.functions import CALLABLE, DATE_PARTS
from decisionlayer.resolve.language.lexer import RESERVED
from decisionlayer.resolve.language.operands import ADD, AND, CONCAT, MULTIPLY, NOT, OR, PREDICATE, SIGN

MANUAL = (Path(__file__).parents[3] / "docs" / "language.md").read_text(encoding="utf-8")
PARSERS = {
    "measure": parse_measure,
    "formula": parse_formula,
    "filter": parse_filter,
    "question": parse_question_filter,
    "dimension": parse_dimension,
}
EXAMPLES = [
    (kind, line)
    for kind, block in re.findall(
        r"^```(measure|formula|filter|question|dimension)\n(.*?)^```", MANUAL, re.MULTILINE | re.DOTALL
    )
    for line in block.splitlines()
]
REFUSED = re.findall(r"^\| `([^`]+)` \| (measure|formula|filter|dimension) \| (.+?) \|$", MANUAL, re.MULTILINE)


def table_row(row: Function) -> str:
    """Return the row of the manual for a row of the table; this is where the manual's columns are defined."""
    cells = (f"`{row.spelling}`", row.says, row.gives.value, row.nulls.value, row.units.value)
    return "| " + " | ".join(cell.replace("||", "\\|\\|") for cell in cells) + " |"


@pytest.mark.parametrize(("kind", "text"), EXAMPLES)
def test_every_example_is_read(kind: str, text: str) -> None:
    assert PARSERS[kind](text).problems == ()


def test_there_are_examples_of_every_kind() -> None:
    assert {kind for kind, _ in EXAMPLES} == set(PARSERS)
    assert len(EXAMPLES) >= 25


@pytest.mark.parametrize(("text", "kind", "message"), REFUSED)
def test_what_the_manual_calls_refused_is_refused_in_these_words(text: str, kind: str, message: str) -> None:
    first = PARSERS[kind](text.replace("\\|", "|")).problems[0]
    assert first.message.replace("`", "") == message.replace("`", "")


def test_there_are_refused_examples() -> None:
    assert len(REFUSED) >= 8


@pytest.mark.parametrize("table", [SCALARS, AGGREGATES, METRIC_FUNCTIONS], ids=["values", "aggregates", "metrics"])
def test_the_tables_are_those_of_the_code(table: dict[str, Function]) -> None:
    expected = [table_row(row) for row in table.values()]
    start = MANUAL.find(expected[0])
    assert start >= 0, expected[0]
    assert MANUAL[start:].splitlines()[: len(expected) + 1] == [*expected, ""]


def test_the_manual_names_every_reserved_word() -> None:
    (line,) = [line for line in MANUAL.splitlines() if line.startswith("Reserved words: ")]
    assert set(re.findall(r"`(\w+)`", line)) == RESERVED


# -- the table itself --------------------------------------------------------------------------------------------------


def test_every_row_is_written_as_it_says_and_read_as_its_name() -> None:
    for row in SCALARS.values():
        first = row.spelling.replace(", …", "").replace("start, length", "1, 2").replace("round(a, n)", "round(a, 1)")
        expr = parse_dimension(first).expr
        assert expr is not None, first
        assert getattr(expr, "function", None) == row.name
    for row in AGGREGATES.values():
        for spelling in row.spelling.replace("(a, q)", "(a; 0.9)").split(", "):
            expr = parse_measure(spelling.replace(";", ",")).expr
            assert getattr(expr, "function", None) == row.name, spelling
    for row in METRIC_FUNCTIONS.values():
        assert getattr(parse_formula(row.spelling).expr, "function", None) == row.name


def test_date_parts_are_functions() -> None:
    assert set(DATE_PARTS) <= set(CALLABLE)


def test_operators_bind_in_this_order() -> None:
    assert OR < AND < NOT < PREDICATE < CONCAT < ADD < MULTIPLY < SIGN
