"""Random measures, formulas and filters, as text of the language."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

OWN_FILTERS = (
    "x > 0", "x is not null", "tag = 'p'", "tag <> 'p'", "not tag = 'q'", "ok", "not ok", "x in (1, 2)", "tag like 'p%'",
    "x between 0 and 2",
    "ok is not true", "coalesce(x, 0) = 0", "x > 0 or tag is null", "x > 0 and ok", "y >= 0.1", "z < 0.5",
    "lower(tag) = 'p'", "length(tag) > 1",
    "x not in (1, 2)", "case when ok then x else y end > 0", "nullif(x, 0) is null",
)  # fmt: skip
LINKED_FILTERS = (
    "{role}.kind = 'big'", "{role}.kind <> 'big'", "{role}.size > 1", "{role}.name is null", "{role}.shown = '?'",
    "{role}.size is not null and x > 0",
)  # fmt: skip
MEASURES = (
    "sum(x)", "sum(y)", "sum(z)", "count(*)", "count(x)", "avg(x)", "avg(y)", "min(x)", "max(y)", "count(distinct tag)",
    "count(distinct x)",
    "median(x)", "quantile(z, 0.9)", "sum(x) / count(*)", "sum(x) - sum(y)", "sum(x * 2 - y)", "sum(x) + count(*)",
    "sum(case when ok then x end)",
    "count(*) filter (where ok) / count(*)", "sum(x) filter (where tag = 'p')",
    "sum(x) filter (where ok) - sum(x) filter (where not ok)",
    "sum(abs(x)) / sum(z)", "max(x) - min(x)", "sum(coalesce(x, 0))", "sum(x / 2)", "count(*) - count(y)", "-sum(x)",
    "sum(x) * 2", "sum(x) - 1",
    "max(length(tag))", "sum(greatest(x, 0))", "coalesce(sum(x), 0)", "avg(x) filter (where x > 0) - avg(x)",
)  # fmt: skip
LINKED_MEASURES = (
    "sum({role}.size)",
    "max({role}.size)",
    "count({role}.name)",
    "sum(x * {role}.size)",
    "count(distinct {role}.kind)",
)


def row_filters(roles: Sequence[str]) -> st.SearchStrategy[str]:
    """Draw a filter over a row, which may look behind one of its links."""
    linked = [text.format(role=role) for text in LINKED_FILTERS for role in roles]
    one = st.sampled_from(OWN_FILTERS) | st.sampled_from(linked) if linked else st.sampled_from(OWN_FILTERS)
    return one


def measures(roles: Sequence[str]) -> st.SearchStrategy[str]:
    """Draw a measure, which may add up what lies behind a link."""
    linked = [text.format(role=role) for text in LINKED_MEASURES for role in roles]
    return st.sampled_from(MEASURES) | st.sampled_from(linked) if linked else st.sampled_from(MEASURES)


def formulas(names: Sequence[str], *, all_of_them: bool = False) -> st.SearchStrategy[str]:
    """Draw a formula over metrics or terms; with ``all_of_them`` it uses each at least once."""
    leaf = st.sampled_from([*names, *names, "rate"])

    def wider(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        pair = st.tuples(inner, inner)
        return st.one_of(
            pair.map(lambda two: f"({two[0]} + {two[1]})"),
            pair.map(lambda two: f"({two[0]} - {two[1]})"),
            pair.map(lambda two: f"({two[0]} * {two[1]})"),
            pair.map(lambda two: f"({two[0]} / {two[1]})"),
            inner.map(lambda one: f"-({one})"),
            inner.map(lambda one: f"({one} - 1)"),
            inner.map(lambda one: f"coalesce({one}, 0)"),
            inner.map(lambda one: f"nullif({one}, 0)"),
            inner.map(lambda one: f"abs({one})"),
            pair.map(lambda two: f"greatest({two[0]}, {two[1]})"),
            pair.map(lambda two: f"case when {two[0]} > 0 then {two[0]} else {two[1]} end"),
            pair.map(lambda two: f"case when {two[0]} is null then {two[1]} end"),
        )

    drawn = st.recursive(leaf, wider, max_leaves=4)
    if not all_of_them:
        return st.tuples(st.sampled_from(names), st.sampled_from(("+", "-", "*", "/")), drawn).map(
            lambda t: f"{t[0]} {t[1]} {t[2]}"
        )
    rest = list(names)
    return st.tuples(drawn, st.lists(st.sampled_from(("+", "-", "/")), min_size=len(rest), max_size=len(rest))).map(
        lambda t: t[0] + "".join(f" {sign} {name}" for sign, name in zip(t[1], rest, strict=True))
    )
