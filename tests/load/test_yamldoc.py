"""YAML 1.2 core → data and places; what YAML has beyond it is refused where it stands."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisionlayer.load.yamldoc import Document, read_yaml


def one(text: str | bytes) -> Document:
    documents = read_yaml(text.encode() if isinstance(text, str) else text).documents
    assert len(documents) == 1
    return documents[0]


def data(text: str) -> object:
    document = one(text)
    assert document.problems == ()
    return document.data


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("true", True), ("True", True), ("TRUE", True), ("false", False), ("False", False), ("FALSE", False),
        ("yes", "yes"), ("NO", "NO"), ("on", "on"), ("Off", "Off"), ("y", "y"), ("tRUE", "tRUE"),
        ("null", None), ("Null", None), ("NULL", None), ("~", None), ("", None), ("none", "none"), ("nULL", "nULL"),
        ("0", 0), ("15", 15), ("-3", -3), ("+7", 7), ("007", 7), ("0o17", 15), ("0x1F", 31), ("0b11", "0b11"), ("1_000", "1_000"),
        ("22:30", "22:30"), ("2012-01-31", "2012-01-31"), ("2012-01-31 10:00:00", "2012-01-31 10:00:00"),
        ("-", None), ("1.2.3", "1.2.3"), (".", "."), ("1e", "1e"), ("=", "="), ("0o8", "0o8"), ("-0x1", "-0x1"),
    ],
)  # fmt: skip
def test_a_plain_word_means_what_the_core_schema_says(word: str, meaning: object) -> None:
    if word == "-":  # a dash alone is a list with an empty item
        assert data("a:\n  -") == {"a": [None]}
        return
    found = data(f"a: {word}")
    assert found == {"a": meaning}
    assert type(found["a"]) is type(meaning)  # type: ignore[index]


@pytest.mark.parametrize("word", ["0.5", "1.", ".5", "-2.50", "1e3", "1.5E-3"])
def test_a_number_with_a_point_is_exact(word: str) -> None:
    found = data(f"a: {word}")
    assert isinstance(found, dict)
    assert isinstance(found["a"], Decimal)
    assert found["a"] == Decimal(word)


@pytest.mark.parametrize("word", [".inf", "-.INF", "+.Inf", ".nan", ".NaN", "1e400", "9" * 61, "0." + "1" * 60])
def test_a_number_that_cannot_be_counted_with_is_refused(word: str) -> None:
    (problem,) = one(f"a: {word}").problems
    assert (problem.code, problem.line, problem.column) == ("wrong-type", 1, 4)
    assert problem.message == f"`{word}` is no number that can be counted with"


@pytest.mark.parametrize("quoted", ["'true'", '"12"', "'~'", '"null"'])
def test_quoted_words_are_text(quoted: str) -> None:
    assert data(f"a: {quoted}") == {"a": quoted[1:-1]}


def test_every_value_and_key_has_its_place() -> None:
    mark = one("metrics:\n  - metric: late\n    by: [a, 'b']\n    terms: {x: \"y\"}\n").mark
    metrics = (mark.parts or {})["metrics"]
    item = (metrics.parts or {})[0]
    inside = item.parts or {}
    assert (metrics.line, metrics.column, metrics.key_line, metrics.key_column) == (2, 3, 1, 1)
    assert (item.line, item.column) == (2, 5)
    assert inside["metric"] == (2, 13, 2, 5, None)
    assert [(m.line, m.column) for m in (inside["by"].parts or {}).values()] == [(3, 10), (3, 14)]
    assert (inside["terms"].parts or {})["x"] == (4, 17, 4, 13, None)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: |\n  x > 1", 2, 3),
        ("a: >-\n\n\n    x > 1", 4, 5),
        ("a: |2\n    x", 2, 5),
        ("a: >  # why\n  x", 2, 3),
        ("a:\n  x", 2, 3),
        ("a:\n  'x'", 2, 4),
    ],
)
def test_text_on_later_lines_has_the_place_of_its_first_character(text: str, line: int, column: int) -> None:
    mark = (one(text).mark.parts or {})["a"]
    assert (mark.line, mark.column) == (line, column)


def test_columns_count_characters_not_bytes() -> None:
    mark = (one("{ä: 1, öü: 'x'}").mark.parts or {})["öü"]
    assert (mark.line, mark.column) == (1, 13)


def test_line_ends_of_any_system_read_alike() -> None:
    for end in ("\n", "\r\n"):
        document = one(f"a: 1{end}b: 'x'{end}")
        assert document.data == {"a": 1, "b": "x"}
        assert (document.mark.parts or {})["b"] == (2, 5, 2, 1, None)


def test_an_empty_file_has_no_document() -> None:
    assert read_yaml(b"").documents == ()
    assert read_yaml(b"# only a remark\n").documents == ()


def test_a_byte_order_mark_is_no_text() -> None:
    assert one(b"\xef\xbb\xbfa: 1").data == {"a": 1}


def test_documents_are_read_one_by_one() -> None:
    reading = read_yaml(b"a: 1\n---\nb: 2\n---\n")
    assert [document.data for document in reading.documents] == [{"a": 1}, {"b": 2}, None]


def test_paths_without_a_value_are_noted() -> None:
    assert one("a:\nb: {c: , d: [~, 1]}").empty == (("a",), ("b", "c"), ("b", "d", 0))


REFUSED = {
    "a: 1\nb: 2\na: 3\n": [(3, 1, "`a` is said twice", ("a",))],
    "x: {a: 1, a: 2}": [(1, 11, "`a` is said twice", ("x", "a"))],
    "a: &x 1": [(1, 4, "anchors (`&x`) are not used here", ("a",))],
    "a: &x\n  b: 1": [(1, 4, "anchors (`&x`) are not used here", ("a",))],
    "a: &x [1]\nb: *x": [
        (1, 4, "anchors (`&x`) are not used here", ("a",)),
        (2, 4, "aliases (`*x`) are not used here", ("b",)),
    ],
    "a: [*x, 1]": [(1, 5, "aliases (`*x`) are not used here", ("a", 0))],
    "<<: {b: 1}\na: 1": [(1, 1, "merges (`<<`) are not used here", ("<<",))],
    "a: !!str 1": [(1, 4, "tags (`!!str`) are not used here", ("a",))],
    "a: !secret x": [(1, 4, "tags (`!secret`) are not used here", ("a",))],
    "a: ! x": [(1, 4, "tags (`!`) are not used here", ("a",))],
    "1: x": [(1, 1, "the key `1` is no text", ("1",))],
    "true: x": [(1, 1, "the key `true` is no text", ("true",))],
    "{: x}": [(1, 2, "a key lacks before this colon", ())],
    ": x": [(1, 1, "a key lacks before this colon", ())],
    "?\n: x": [(1, 2, "a key lacks before this colon", ("",))],
    "a: {{ var }}": [(1, 5, "a key is text, not braces", ())],
    "? [a]\n: b": [(1, 3, "a key is text, not a list", ())],
    "a:\n\t- b": [(2, 1, "a tab indents this line; YAML wants spaces", ())],
    "a:\n  b: 1\n\tc: 2": [(3, 1, "a tab indents this line; YAML wants spaces", ())],
    "a:\n  \tb: 1": [(2, 3, "a tab indents this line; YAML wants spaces", ())],
    "a: |\n  x\n\ty": [(3, 1, "a tab indents this line; YAML wants spaces", ())],
    "a: b\n\tc: d": [(2, 1, "a tab indents this line; YAML wants spaces", ())],
    "a: b: c": [(1, 5, "a colon does not fit here", ())],
    "a: 1\n  b: 2": [(2, 4, "a colon does not fit here", ())],
    "a:\n  - x\n y: 2": [(3, 2, "this does not fit what stands before it", ())],
    "a: 'don't'": [(1, 9, "this does not fit what stands before it", ())],
    "- a\nb: c": [(2, 1, "this does not fit the list above it", ())],
    "a: [1, 2": [(1, 4, "a `[` is not closed, or a comma lacks", ())],
    "a: {x: 1\nb: 2": [(1, 4, "a `{` is not closed, or a comma lacks", ())],
    "a: 'x\nb: c": [(1, 4, "a quote is opened here and never closed", ())],
    "a: @x": [(1, 4, "a value cannot begin with `@`", ())],
    "a: `x`": [(1, 4, "a value cannot begin with a backtick", ())],
    "a: %x": [(1, 4, "a value cannot begin with `%`", ())],
    "a: *\n": [(1, 4, "a value cannot begin with `&` or `*`", ())],
    "a: - b": [(1, 4, "a list item does not fit here", ())],
    "a\nb: c": [(2, 2, "a colon does not fit here", ())],
    "a: b\nc\nd: e": [(2, 1, "this line is no `key: value`", ())],
    'a: "\\d"': [(1, 5, "inside double quotes a backslash begins a special character, and this is none", ())],
    "a: [1,,2]": [(1, 7, "a value lacks here", ())],
    "a: |x\n  y": [(1, 5, "after `|` or `>` the text begins on the next line", ())],
    "%FOO\n---\na: 1": [(1, 1, "a line cannot begin with `%`", ())],
    "%YAML 1.1\n---\na: 1": [(1, 1, "this file asks for another YAML than 1.2", ())],
    "a: 1\n...\nb": [(3, 1, "this does not belong to what stands above it", ())],
    "[" * 50: [(1, 41, "more than 40 lists and braces stand in each other here", ())],
    "a: x\x07": [(1, 5, "a character that cannot be seen stands here (U+0007)", ())],
    "a: x\n b\u2028c": [(2, 3, "a character that cannot be seen stands here (U+2028)", ())],
}


@pytest.mark.parametrize("text", REFUSED)
def test_refused_where_it_stands(text: str) -> None:
    problems = [problem for document in read_yaml(text.encode()).documents for problem in document.problems]
    assert [(p.line, p.column, p.message, p.path) for p in problems] == REFUSED[text]
    assert all(p.help for p in problems)


def test_the_version_of_these_files_may_be_named() -> None:
    assert data("%YAML 1.2\n---\na: 1") == {"a": 1}


def test_text_that_is_not_utf8_is_refused_at_the_byte() -> None:
    (problem,) = one(b"a: 1\nb: caf\xe9\n").problems
    assert (problem.line, problem.column) == (2, 7)
    assert problem.message == "this file is not UTF-8 text: byte 0xe9 stands for no character"
    (wide,) = one("a: 1".encode("utf-16")).problems
    assert wide.message == "this file is saved as UTF-16"


def test_what_stands_before_broken_syntax_is_kept_and_marked_unfinished() -> None:
    document = one("metrics:\n  - metric: a\n  - metric: b\n    x: 'open\n")
    assert document.data == {"metrics": [{"metric": "a"}, {"metric": "b"}]}
    assert not document.finished


def test_the_first_of_two_keys_stays() -> None:
    assert one("a: 1\na: {b: [2]}\nc: 3").data == {"a": 1, "c": 3}


@given(st.text(alphabet=" \n\t-:{}[],'\"#&*!|>%@`abc1.~\\?", max_size=60))
def test_no_text_ends_in_an_exception(text: str) -> None:
    for document in read_yaml(text.encode()).documents:
        assert document.finished or document.problems


@given(st.binary(max_size=40))
def test_no_bytes_end_in_an_exception(raw: bytes) -> None:
    for document in read_yaml(raw).documents:
        assert document.finished or document.problems


def test_a_file_of_a_million_brackets_is_refused_at_once() -> None:
    assert one("[" * 1_000_000).problems[0].message == "more than 40 lists and braces stand in each other here"
