"""Sources: each part is read for itself, and a wrong part breaks only what reads it."""

from __future__ import annotations

import pytest

from decisionlayer.resolve.language.tree import Name, names
from decisionlayer.resolve.language.types import DATE, INSTANT, TIMESTAMP, UNKNOWN
from decisionlayer.resolve.model import Clock, DataFile, Entity, Link, SqlText, Table
from decisionlayer.resolve.world.columns import keeps_whole
from decisionlayer.resolve.world.relations import table_parts
from tests.resolve.made import ACT, BASE, METRICS, codes, found, model_of, only, said


def source(**keys: str | None) -> str:
    """A source `s` with one line, and the keys given changed, added, or (None) left out."""
    all_keys: dict[str, str | None] = {"source": "s", "one_row_is": "a row", "table": "t", "owner": "ops", **keys}
    return (
        "sources:\n  - {" + ", ".join(f"{key}: {value}" for key, value in all_keys.items() if value is not None) + "}\n"
    )


# -- where rows are -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("flights", ("flights",)),
        ("main.flights", ("main", "flights")),
        ("a.b.c", ("a", "b", "c")),
        ('"My Table"', ("My Table",)),
        ('a."b.c"', ("a", "b.c")),
        ('"say ""hi"""', ('say "hi"',)),
        ("odd name", ("odd name",)),
        ("a..b", None),
        ("", None),
        ("a.b.c.d", None),
        ('"open', None),
        ('a"b', None),
    ],
)
def test_a_table_has_one_to_three_parts(text: str, parts: tuple[str, ...] | None) -> None:
    assert table_parts(text) == parts


def test_a_relation_is_a_table_a_query_or_a_file() -> None:
    assert model_of(source(table="main.t")).sources["s"].relation == Table(("main", "t"))
    assert model_of(source(table=None, sql="'select 1 as a; '")).sources["s"].relation == SqlText("select 1 as a")
    relation = model_of(source(table=None, file="data/t.parquet")).sources["s"].relation
    assert isinstance(relation, DataFile) and relation.path == "data/t.parquet"
    assert relation.absolute.endswith("/data/t.parquet") and relation.absolute.startswith("/")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"table": "a..b"}, "`a..b` is no table's name"),
        ({"table": None, "sql": "' ; '"}, "the query of source `s` is empty"),
        ({"table": None, "file": "t.xlsx"}, "`t.xlsx` is neither a Parquet nor a CSV file"),
    ],
)
def test_rows_that_cannot_be_found_break_the_source(keys: dict[str, str | None], message: str) -> None:
    model = model_of(source(**keys))
    finding = only(model)
    assert (finding.code, finding.message) == ("wrong-argument", message)
    assert "s" not in model.sources and model.broken["source s"] == (finding,)


# -- keys and entities --------------------------------------------------------------------------------------------------


def test_an_entity_has_the_source_and_key_that_describe_it() -> None:
    assert model_of().entities["airport"] == Entity("airport", "airports", ("faa",))


def test_describing_without_a_key_is_refused() -> None:
    assert said(model_of(source(describes="thing"))) == (
        "error[missing-key]: source `s` describes the entity `thing` and has no key\n"
        "  --> metrics/m0.yml:2:69\n"
        "  why: without a key nobody can tell that a link finds one row and not several\n"
        "  help: add `key:` with the columns that tell one thing from another"
    )


def test_two_descriptions_of_an_entity_are_refused_and_neither_is_walked() -> None:
    model = model_of(source(describes="carrier", key="[id]"))
    assert only(model).code == "duplicate-name"
    assert "carrier" not in model.entities


def test_history_says_between_which_columns_a_row_holds() -> None:
    model = model_of(source(describes="thing", key="[id]", valid="{from: a, to: b}", columns="{a: date, b: date}"))
    valid = model.sources["s"].valid
    assert valid is not None and (valid.starts, valid.ends, str(valid.type), valid.history) == ("a", "b", "date", "as_was")


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ({"valid": "{from: a, to: b}"}, "wrong-argument"),
        ({"describes": "thing", "key": "[id]", "history": "as_is"}, "missing-key"),
        ({"describes": "thing", "key": "[id]", "valid": "{from: a, to: a}"}, "duplicate-name"),
        ({"describes": "thing", "key": "[id]", "valid": "{from: a, to: b}", "columns": "{a: text}"}, "wrong-type"),
        ({"describes": "thing", "key": "[id]", "valid": "{from: a, to: b}", "columns": "{a: date, b: instant}"}, "wrong-type"),
    ],
)
def test_history_that_nobody_can_date_is_refused(keys: dict[str, str], code: str) -> None:
    model = model_of(source(**keys))
    assert only(model).code == code and "source s" in model.broken


def test_a_bridge_of_nothing_is_left_out() -> None:
    model = model_of(source(bridges="{lines: {split: overlap}}"))
    assert only(model).code == "wrong-argument" and model.sources["s"].bridges == {}


def test_a_source_says_what_a_row_is_and_who_answers_for_it_before_it_is_published() -> None:
    model = model_of(
        source(one_row_is=None, owner=None),
        f"metrics: [{{metric: x, {ACT}, source: s, unit: '1', measure: count(*)}}]",
    )
    assert sorted(codes(model)) == ["no-definition", "no-owner"]
    assert {finding.code for finding in model.licence["source s"]} == {"no-definition", "no-owner"}
    assert model.licence["metric x"] == model.licence["source s"]
    assert model.broken == {}


# -- clocks -------------------------------------------------------------------------------------------------------------


def test_a_clock_is_read_in_its_zone_or_in_the_projects() -> None:
    departures = model_of().sources["departures"]
    assert departures.clocks == (Clock("time_hour", "hour", TIMESTAMP, "UTC"), Clock("booked", "day", DATE, None))
    assert model_of(source(time="{at: minute}")).sources["s"].clocks == (
        Clock("at", "minute", TIMESTAMP, "America/New_York"),
    )


def test_a_clock_of_days_is_a_date_unless_its_column_says_otherwise() -> None:
    assert model_of(source(time="{at: month}")).sources["s"].clocks == (Clock("at", "month", DATE, None),)
    declared = model_of(source(time="{at: month}", columns="{at: timestamp}")).sources["s"].clocks
    assert declared == (Clock("at", "month", TIMESTAMP, "America/New_York"),)


def test_an_instant_has_no_wall_clock() -> None:
    clocks = model_of(source(time="{at: second}", columns="{at: instant}")).sources["s"].clocks
    assert clocks == (Clock("at", "second", INSTANT, None),)


@pytest.mark.parametrize(
    ("at", "columns", "code"),
    [
        ("{grain: hour, zone: America/NewYork}", None, "unknown-name"),
        ("hour", "{at: text}", "wrong-type"),
        ("hour", "{at: date}", "finer-than-grain"),
        ("{grain: hour, zone: UTC}", "{at: instant}", "wrong-argument"),
        ("{grain: day, zone: UTC}", None, "wrong-argument"),
        ("{grain: hour, zone: Asia/Kolkata}", None, "finer-than-grain"),
    ],
)
def test_a_clock_that_cannot_be_cut_is_refused_and_breaks_what_uses_it_alone(
    at: str, columns: str | None, code: str
) -> None:
    model = model_of(
        source(time=f"{{at: {at}, day_of: day}}", columns=columns),
        f"metrics: [{{metric: x, {ACT}, source: s, unit: '1', measure: count(*)}}, "
        f"{{metric: y, {ACT}, source: s, clock: day_of, unit: '1', measure: count(*)}}]",
    )
    first, second = found(model)
    assert {first.code, second.code} == {code, "stands-on-broken"}
    assert "metric x" in model.broken and "x" not in model.metrics
    assert model.metrics["y"].limit.time == "day"


def test_hours_of_a_zone_that_lies_half_an_hour_off_straddle_midnight() -> None:
    assert keeps_whole("UTC", "Europe/Berlin", "hour") and keeps_whole("UTC", "Asia/Kolkata", "minute")
    assert not keeps_whole("UTC", "Asia/Kolkata", "hour") and not keeps_whole("UTC", "Australia/Adelaide", "hour")
    assert keeps_whole("Asia/Kolkata", "Asia/Kolkata", "hour")


def test_without_a_zone_nobody_knows_where_a_day_begins() -> None:
    model = model_of(METRICS, base=BASE.replace("America/New_York", "America/Newyork"))
    assert codes(model).count("unknown-name") == 1 and codes(model).count("stands-on-broken") == 4
    assert set(model.sources) == {"carriers", "airports", "regions", "planes"}
    fell = next(finding for finding in model.findings if finding.code == "stands-on-broken")
    assert "stands on project `field`, which cannot be used: there is no time zone `America/Newyork`" in fell.message


# -- columns and links --------------------------------------------------------------------------------------------------


def test_a_type_that_is_called_otherwise_elsewhere_is_refused_with_ours() -> None:
    assert said(model_of(source(columns="{a: bigint}"))) == (
        "error[wrong-type]: `bigint` is no type of a column\n  --> metrics/m0.yml:2:71\n  help: write `integer`"
    )


def test_a_wrong_column_breaks_only_what_reads_it() -> None:
    model = model_of(
        source(columns="{n: int, m: integer}"),
        f"metrics: [{{metric: x, {ACT}, source: s, unit: '1', measure: sum(n)}}, "
        f"{{metric: y, {ACT}, source: s, unit: '1', measure: sum(m)}}]",
    )
    assert sorted(codes(model)) == ["stands-on-broken", "wrong-type"]
    assert "metric x" in model.broken and "y" in model.metrics


def test_a_link_leads_by_the_columns_of_the_entitys_key() -> None:
    links = model_of().sources["departures"].links
    assert links["carrier"] == Link("carrier", "carrier", ("carrier",))
    assert links["destination"] == Link("destination", "airport", ("dest",))


@pytest.mark.parametrize(
    ("links", "code", "message"),
    [
        (
            "{a: {entity: carier, column: c}}",
            "unknown-name",
            "the link `a` leads to the entity `carier`, which no source describes",
        ),
        (
            "{a: {entity: carriers, column: c}}",
            "unknown-name",
            "the link `a` leads to the entity `carriers`, which no source describes",
        ),
        (
            "{carrier: {entity: carrier, columns: [a, b]}}",
            "wrong-argument",
            "the link `carrier` leads by `a` and `b`, and the key of `carrier` is `carrier`",
        ),
        (
            "{month: {entity: carrier, column: a}}",
            "bad-name",
            "the role `month` is a word for time, so a question by it could mean either",
        ),
    ],
)
def test_a_link_that_leads_nowhere_is_refused(links: str, code: str, message: str) -> None:
    model = model_of(source(links=links))
    finding = only(model)
    assert (finding.code, finding.subject, finding.message) == (code, "source s", message)
    assert model.sources["s"].links == {}


def test_a_role_may_not_bear_the_name_of_another_column() -> None:
    links = "{carrier: {entity: carrier, column: a}}"
    assert only(model_of(source(links=links, columns="{carrier: text, a: text}"))).code == "bad-name"
    assert codes(model_of(source(links="{carrier: carrier}", columns="{carrier: text}"))) == []


def test_a_link_to_an_entity_of_a_source_that_cannot_be_read_says_so() -> None:
    unread = "sources:\n  - {source: things, nonsense: 1}\n  - {source: s, one_row_is: r, table: t, owner: ops, links: {thing: thing}}\n"
    codes_found = codes(model_of(unread))
    assert sorted(codes_found) == ["stands-on-broken", "unknown-key"]


# -- dimensions ---------------------------------------------------------------------------------------------------------


def test_a_dimension_is_made_of_own_columns_with_other_dimensions_put_in() -> None:
    departures = model_of().sources["departures"]
    assert {name.parts for name in names(departures.dimensions["is_long"].expr)} == {("distance",)}


def test_a_dimension_may_be_its_own_column_and_keeps_its_type() -> None:
    dimension = model_of().sources["carriers"].dimensions["name"]
    assert dimension.expr == Name(("name",)) and str(dimension.type) == "text"


def test_an_undeclared_column_is_believed() -> None:
    assert model_of(source(dimensions="{a: b}")).sources["s"].dimensions["a"].type == UNKNOWN


def test_a_role_in_a_dimension_is_its_column() -> None:
    made = model_of(source(links="{lead: {entity: carrier, column: c}}", dimensions="{is_ua: lead = 'UA'}"))
    assert {name.parts for name in names(made.sources["s"].dimensions["is_ua"].expr)} == {("c",)}


def test_the_own_key_is_no_second_dimension() -> None:
    made = model_of(source(describes="thing", key="[thing]", dimensions="{thing: thing, name: name}"))
    assert codes(made) == [] and set(made.sources["s"].dimensions) == {"name"}


@pytest.mark.parametrize(
    ("keys", "code", "message"),
    [
        (
            {"dimensions": "{month: a}"},
            "bad-name",
            "the dimension `month` is a word for time, so a question by it could mean either",
        ),
        (
            {"dimensions": "{carrier: carrier}", "links": "{carrier: carrier}"},
            "bad-name",
            "`carrier` is a role and a dimension of `s`",
        ),
        (
            {"dimensions": "{a: b}", "columns": "{a: integer}"},
            "bad-name",
            "`a` is a column of `s`, and this dimension is something else",
        ),
        (
            {"dimensions": "{a: upper(a)}"},
            "bad-name",
            "the dimension `a` is made of a column of the same name, and is something else",
        ),
        (
            {"dimensions": "{a: carrier.name}", "links": "{carrier: carrier}"},
            "wrong-argument",
            "a dimension is made of its own source's columns, and `carrier.name` is a path",
        ),
        ({"dimensions": "{a: amout > 1}", "columns": "{amount: integer}"}, "unknown-name", "`s` has no column `amout`"),
        (
            {"dimensions": "{a: upper(n)}", "columns": "{n: integer}"},
            "wrong-argument",
            "n is a whole number, and `upper` takes texts",
        ),
        ({"dimensions": "{a: 'upper(('}"}, "bad-expression", "a value is missing at the end"),
        (
            {"dimensions": "{a: b, b: c, c: upper(a)}"},
            "cycle",
            "dimensions of `s` stand on each other in a circle: `a` → `b` → `c` → `a`",
        ),
        (
            {"dimensions": "{n: {metric: flights}}"},
            "wrong-argument",
            "the dimension `n` is the metric `flights` of each thing, and source `s` describes none",
        ),
    ],
)
def test_a_dimension_that_cannot_be_used_is_refused_and_left_out(keys: dict[str, str], code: str, message: str) -> None:
    model = model_of(source(**keys))
    finding = only(model)
    assert (finding.code, finding.subject, finding.message) == (code, "source s", message)
    assert model.sources["s"].dimensions == {}
    assert "source s" not in model.broken


def test_dimensions_that_stand_on_a_broken_one_name_the_first() -> None:
    model = model_of(source(columns="{n: integer}", dimensions="{a: upper(n), b: a || 'x', c: b || 'y', d: n + 1}"))
    fell = [finding.message for finding in found(model) if finding.code == "stands-on-broken"]
    cause = "which cannot be used: n is a whole number, and `upper` takes texts"
    assert fell == [f"dimension `{name}` of `s` stands on dimension `a` of `s`, {cause}" for name in ("b", "c")]
    assert set(model.sources["s"].dimensions) == {"d"}


def test_a_metric_that_reads_a_broken_dimension_falls_and_no_other() -> None:
    model = model_of(
        source(columns="{n: integer}", dimensions="{a: upper(n)}"),
        f"""
        for_all: {{{ACT}, source: s, unit: '1', measure: count(*)}}
        metrics:
          - {{metric: x, where: a = 'X' and a <> 'Y', population: a is not null}}
          - {{metric: y, grain: {{by: [a]}}}}
          - {{metric: z}}
        """,
    )
    fell = [finding.subject for finding in found(model) if finding.code == "stands-on-broken"]
    assert fell == ["metric x", "metric y"]
    assert {"metric x", "metric y"} <= set(model.broken) and "metric z" not in model.broken


def test_dimensions_that_swell_are_refused() -> None:
    swelling = ", ".join(f"d{n}: d{n - 1} || d{n - 1}" for n in range(1, 15))
    model = model_of(source(dimensions="{d0: a, " + swelling + "}"))
    assert "too long once the dimensions that it names are put in" in found(model)[0].message
    assert {"d0", "d1", "d5"} <= set(model.sources["s"].dimensions)
