"""The corridor: nothing that people write makes it raise, and it is quick."""

from __future__ import annotations

import datetime as dt
import time
from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import decisionlayer.resolve
from decisionlayer.declare import Book, Declaration, Metric, Source
from decisionlayer.declare.book import Entry, Origin
from decisionlayer.errors import DecisionLayerError
from decisionlayer.findings import in_order
from decisionlayer.resolve import resolve
from decisionlayer.resolve.model import Model
from tests.resolve.made import ACT, METRICS, TODAY, book_of, found, with_metrics


def test_the_door_stays_a_function_after_its_first_use() -> None:
    resolve(Book(), TODAY)
    assert callable(decisionlayer.resolve.resolve)
    assert resolve(Book()).metrics == {}


def test_findings_come_in_order_and_once() -> None:
    model = with_metrics(
        f"metric: x, {ACT}, source: departures, unit: mins, measure: sum(dep_dealy), where: disance > 1"
    )
    assert model.findings == in_order(model.findings)
    assert len(set(model.findings)) == len(model.findings)


def test_everything_broken_says_why() -> None:
    model = with_metrics(
        f"metric: x, {ACT}, source: nowhere, unit: '1', measure: count(*)", f"metric: y, {ACT}, unit: '1', formula: x"
    )
    assert set(model.broken) == {"metric x", "metric y"}
    assert all(
        findings and all(finding in model.findings for finding in findings) for findings in model.broken.values()
    )


def test_declarations_made_in_python_resolve_too() -> None:
    entries = (
        Entry("source", "s", Source(source="s", table="t", one_row_is="a row"), Origin("<python>")),
        Entry("metric", "m", Metric(metric="m", source="s", measure="count(*)"), Origin("<python>")),
    )
    model = resolve(Book(entries), TODAY)
    assert set(model.metrics) == {"m"} and model.broken == {}


def test_a_name_that_two_books_declare_is_refused() -> None:
    entry = Entry("source", "s", Source(source="s", table="t", one_row_is="a row"), Origin("<python>"))
    model = resolve(Book((entry,)).merged(Book((entry,))), TODAY)
    assert [finding.code for finding in model.findings if finding.code != "no-owner"] == ["duplicate-name"]
    assert "source s" in model.broken


def test_two_runs_make_the_same_model() -> None:
    one, two = with_metrics(), with_metrics()
    assert (one.meaning, one.metrics, one.findings) == (two.meaning, two.metrics, two.findings)


def test_today_moves_no_meaning() -> None:
    early, late = (with_metrics(today=dt.date(year, 1, 1)) for year in (2000, 2100))
    assert early.meaning == late.meaning


# -- hostile ------------------------------------------------------------------------------------------------------------

WORDS = [
    "", "x", "late_minutes", "departures", "carrier", "origin.name", "carrier.carrier.carrier", "sum(dep_delay)", "sum(", "count(*)",
    "a + b", "late_minutes / flights", "x + x", "prior(x, '1 month')", "all", "month", "hour", "percent", "USD/minute", "1/0", "null",
    "'; drop table flights; --", "\U0001f600", "(" * 50, "a" * 300, "distance > 3", "true", "ops", "UTC", "a..b", '"', "-1", "%",
    "case when carrier = 'UA' then dep_delay end", "describes", "airport", "__", "a.b.c.d.e",
]  # fmt: skip
word = st.sampled_from(WORDS)
metric = st.fixed_dictionaries(
    {},
    optional={
        "owner": word, "unit": word, "source": word, "clock": word, "measure": word, "formula": word, "population": word, "where": word,
        "purpose": st.sampled_from(["action", "choice"]), "missing": st.sampled_from(["zero", "null"]), "decimals": st.integers(-3, 40),
        "grain": st.fixed_dictionaries({}, optional={"time": word, "by": st.lists(word, max_size=3)}),
        "translation": st.fixed_dictionaries(
            {}, optional={"owner": word, "why": word.filter(bool), "from": word, "to": word, "where": word.filter(bool),
                          "terms": st.dictionaries(st.sampled_from(["a", "b", "x"]), word, max_size=2)}
        ),
    },
)  # fmt: skip
source = st.fixed_dictionaries(
    {},
    optional={
        "table": word, "sql": word, "file": word, "describes": st.sampled_from(["carrier", "thing"]), "key": st.lists(word, max_size=2),
        "time": st.dictionaries(word, st.sampled_from(["hour", "day", "month"]), max_size=2),
        "links": st.dictionaries(st.sampled_from(["carrier", "thing", "month"]), word, max_size=2),
        "columns": st.dictionaries(word, st.sampled_from(["integer", "text", "float", "date", "int"]), max_size=3),
        "dimensions": st.dictionaries(st.sampled_from(["a", "b", "carrier", "month"]), word.filter(bool), max_size=3),
    },
)  # fmt: skip


def entries(kind: str, items: list[dict[str, object]]) -> tuple[Entry, ...]:
    """Whatever of ``items`` passes the door, as entries x0, x1, …"""
    made = []
    model: type[Declaration] = Metric if kind == "metric" else Source
    for number, item in enumerate(items):
        try:
            made.append(
                Entry(
                    kind,
                    f"x{number or ''}",
                    model.model_validate({kind: f"x{number or ''}", **item}),
                    Origin("<python>"),
                )
            )
        except (DecisionLayerError, ValueError):
            continue
    return tuple(made)


@cache
def base() -> Book:
    """The base project with its metrics, read once."""
    return book_of(METRICS)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(metrics=st.lists(metric, max_size=4), sources=st.lists(source, max_size=2))
def test_nothing_that_people_write_raises(metrics: list[dict[str, object]], sources: list[dict[str, object]]) -> None:
    model = resolve(base().merged(Book(entries("metric", metrics) + entries("source", sources))), TODAY)
    assert isinstance(model, Model)
    for finding in model.findings:
        assert "None" not in finding.message and finding.render()
    for key, findings in model.broken.items():
        assert findings or key.partition(" ")[0] != "metric"


# -- speed --------------------------------------------------------------------------------------------------------------


def test_a_thousand_metrics_resolve_quickly() -> None:
    """0.2 s on this machine when it is quiet; ten times that here, so that only a step that grows too fast fails it."""
    lines = [
        f"metric: m{n}, source: departures, unit: minute, measure: sum(dep_delay) filter (where distance > {n}), "
        f"where: dep_delay > {n}, grain: {{time: day, by: [carrier]}}"
        for n in range(1000)
    ]
    book = book_of(METRICS + "".join(f"  - {{{line}}}\n" for line in lines))
    started = time.process_time()
    model = resolve(book, TODAY)
    assert time.process_time() - started < 2
    assert len(model.metrics) == 1004 and found(model) == ()


def test_what_broke_comes_before_what_stands_on_it() -> None:
    """The cause stands below its consequences in the files, and is still read first."""
    model = with_metrics(
        f"metric: a, {ACT}, unit: minute, formula: z",
        f"metric: z, {ACT}, unit: minute, source: departures, measure: sum(dep_dealy)",
    )
    assert [finding.code for finding in model.findings if finding.is_error] == ["unknown-name", "stands-on-broken"]
