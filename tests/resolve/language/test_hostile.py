"""Texts that were written to break a parser: each comes back as problems, soon, and never as a traceback."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decisionlayer.resolve.language import (
    Parsed,
    canonical,
    check,
    parse_dimension,
    parse_filter,
    parse_formula,
    parse_measure,
    parse_question_filter,
    text_of,
)
from decisionlayer.resolve.language.tree import Expr, transform, walk
from decisionlayer.resolve.quantities.units import unit_of

PARSERS = [parse_measure, parse_formula, parse_filter, parse_question_filter, parse_dimension]

DEEP = {
    "parentheses": "(" * 10_000 + "a" + ")" * 10_000,
    "open parentheses": "(" * 10_000,
    "nots": "not " * 10_000 + "a",
    "signs": "- " * 10_000 + "1",
    "calls": "abs(" * 10_000 + "a" + ")" * 10_000,
    "cases": "case when a then " * 5_000 + "a" + " end" * 5_000,
    "aggregates": "sum(" * 10_000 + "a" + ")" * 10_000,
    "filters": "sum(a) filter (where " * 4_000,
    "a long sum": "a" + " + a" * 10_000,
    "a long chain of texts and signs": "a" + " - - a" * 10_000,
    "dots": "a" + " . a" * 20_000,
    "commas": "coalesce(" + "," * 50_000,
    "betweens in betweens": "(" * 60 + "a" + " between 1 and 2)" * 60,
    "cases on cases": "case " * 60 + "a" + " when 1 then 2 when 3 then 4 end" * 60,
    "a long text": "a = '" + "x" * 200_000 + "'",
    "an open text": "a = '" + "x'' " * 20_000,
    "digits": "a > " + "9" * 50_000,
    "broken digits": "a > 0." + "9" * 50_000,
    "an endless exponent": "a > 1e" + "9" * 5_000,
    "a tiny exponent": "a > 1e-" + "9" * 5_000,
    "zeros": "a > 0e99999999999999999999",
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP.keys())
@pytest.mark.parametrize("parse", PARSERS, ids=lambda parse: parse.__name__)
def test_a_deep_or_long_text_is_answered_soon(parse: Callable[[str], Parsed], text: str) -> None:
    start = time.process_time()
    parsed = parse(text)
    assert time.process_time() - start < 2
    assert (parsed.expr is None) == bool(parsed.problems)
    assert all(len(problem.message) < 300 and len(problem.help) < 300 for problem in parsed.problems)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("parentheses", "the filter is nested more than 100 deep"),
        ("a long sum", "the filter chains or nests more than 120 operators"),
        ("betweens in betweens", "the filter nests `between` or `case … when` in what they compare, too often"),
        ("cases on cases", "the filter nests `between` or `case … when` in what they compare, too often"),
        ("a long text", "an expression has at most 100,000 characters, this one has 200,006"),
    ],
)
def test_the_limits_are_said(name: str, message: str) -> None:
    assert [problem.message for problem in parse_filter(DEEP[name]).problems] == [message]


def test_what_people_write_stays_within_the_limits() -> None:
    keys = ", ".join(f"'{key}'" for key in range(8_000))
    branches = " ".join(f"when a = {i} then '{i}'" for i in range(500))
    assert parse_filter(f"a in ({keys})").expr is not None
    assert parse_filter(" and ".join(f"a{i} > {i}" for i in range(1_000))).expr is not None
    assert parse_dimension(f"case {branches} end").expr is not None
    assert parse_dimension(f"case a {branches.replace('a = ', '')} end").expr is not None
    assert parse_dimension(" + ".join(["a"] * 100)).expr is not None
    assert parse_dimension("(" * 40 + "a" + ")" * 40).expr is not None


def test_everything_works_on_the_deepest_tree_even_far_down_the_stack() -> None:
    deepest = [
        parse_dimension(" + ".join(["a"] * 119)).expr,
        parse_dimension("abs(" * 99 + "a" + ")" * 99).expr,
        parse_dimension("case when b then " * 99 + "a" + " end" * 99).expr,
        parse_dimension("not (" * 49 + "a" + ")" * 49).expr,
    ]
    for expr in deepest:
        assert expr is not None

    def use(expr: Expr, down: int) -> None:
        if down:
            return use(expr, down - 1)
        assert text_of(expr)
        assert canonical(expr)
        assert check(expr, lambda name: None).expr is expr
        assert unit_of(expr, lambda name: None, literals="adapt") == (None, ())
        assert transform(expr, lambda node: None) is expr
        assert len(list(walk(expr))) > 49
        assert hash(expr) == hash(expr)

    for expr in deepest:
        assert expr is not None
        use(expr, 300)


WORDS = """a b.c and or not is null true in between like case when then else end sum ( ) , . count(* distinct filter where
date '2013-01-31' ' " "x" 15 0.5 1e5 :p + - * / || <> != <= = -- ; /* prior extract( from year median( timestamp interval
select é ٣ \\ % 12ab"""
PIECES = st.sampled_from([*WORDS.split(), "\x00", "\ud800", "\u00a0"])


@given(st.lists(PIECES, max_size=30), st.sampled_from(PARSERS))
@settings(max_examples=300, deadline=None)
def test_any_mixture_of_pieces_is_read_or_refused(pieces: list[str], parse: Callable[[str], Parsed]) -> None:
    text = " ".join(pieces)
    parsed = parse(text)
    assert (parsed.expr is None) == bool(parsed.problems)
    for problem in parsed.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(text)
    if parsed.expr is not None:
        check(parsed.expr, lambda name: None)
        unit_of(parsed.expr, lambda name: None, literals="pure")


@given(st.text(max_size=60), st.sampled_from(PARSERS))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused(text: str, parse: Callable[[str], Parsed]) -> None:
    parsed = parse(text)
    assert (parsed.expr is None) == bool(parsed.problems)


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40))
@settings(max_examples=200, deadline=None)
def test_a_text_comes_back_as_it_went_in(text: str) -> None:
    doubled = text.replace("'", "''")
    expr = parse_filter(f"a = '{doubled}'").expr
    assert expr is not None
    assert [node.value for node in walk(expr) if hasattr(node, "value")] == [text]
