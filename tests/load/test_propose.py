"""What was counted is written down as a project; what only people know is asked, never made up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisionlayer import Layer, PolicyError
from decisionlayer.load.observed import ObservedColumn, ObservedKey, ObservedLink, ObservedTable
from decisionlayer.load.propose import propose
from decisionlayer.load.spell import in_braces, key, listed, quoted_name, text
from decisionlayer.load.yamldoc import read_yaml
from decisionlayer.run.inspect import inspect

Proposed = Callable[..., Path]

#: What a proposal leaves to people; nothing else may be found in it.
TO_ANSWER = {"no-owner", "no-definition", "no-purpose", "no-unit", "unused-metric"}

SHOPS = (
    "create table shops (id integer, town varchar)",
    "insert into shops values (1, 'a'), (2, 'b'), (3, 'b')",
    "create table sales (sale_id integer, shop_id integer, sold timestamp, amount decimal(10, 2), rate double, note varchar)",
    "insert into sales select i, i % 3 + 1, timestamp '2026-01-01 08:00' + interval (i) hour, i, 0.5, 'x' from range(40) t(i)",
)


@pytest.fixture
def proposed(tmp_path: Path) -> Proposed:
    """Return what makes a DuckDB file of some statements and writes the project proposed for it; the project's folder."""

    def write(*statements: str) -> Path:
        data, folder = tmp_path / "data.duckdb", tmp_path / "project"
        with duckdb.connect(str(data)) as connection:
            for statement in statements:
                connection.execute(statement).fetchall()
        for name, written in propose(inspect(str(data)), "My shops", folder=folder).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(written, encoding="utf-8")
        return folder

    return write


SOURCES = """\
# Types, keys and links were counted in the data. What a row is and who answers for it the data does not say.
sources:
  - source: sales
    # answer, as one_row_is: what is one row, such as: one order line
    # answer, as owner: which party answers for this data?
    table: sales
    key: [sale_id]
    # the 40 rows would also be told apart by sold
    # the first clock is the one that questions mean; the grain is the finest period seen in the data
    # answer: in which zone were these times written? Add `zone: UTC` or another; without, it is the project's
    time:
      sold: {grain: hour}
    links:
      shop: {entity: shop, column: shop_id}
    columns:
      sale_id: integer
      shop_id: integer
      sold: timestamp
      amount: 'decimal(10,2)'
      rate: float
      note: text
    dimensions:
      note: note

  - source: shops
    # answer, as one_row_is: what is one row, such as: one order line
    # answer, as owner: which party answers for this data?
    table: shops
    describes: shop
    key: [id]
    columns:
      id: integer
      town: text
    dimensions:
      town: town
"""

METRICS = """\
metrics:
  - metric: sales_rows
    source: sales
    measure: count(*)
    # answer: title, definition, owner, purpose, unit, better, grain

  - metric: sales_amount
    source: sales
    measure: sum(amount)
    # answer: title, definition, owner, purpose, unit, better, grain
"""


def test_two_tables_become_a_project(proposed: Proposed) -> None:
    folder = proposed(*SHOPS)
    assert (folder / "definitions/sources.yml").read_text() == SOURCES
    assert (folder / "metrics/first.yml").read_text().endswith(METRICS)
    assert "  name: my_shops\n  warehouse: 'duckdb:///../data.duckdb'\n" in (folder / "definitions/project.yml").read_text()


def test_what_people_must_answer_is_found_and_nothing_else(proposed: Proposed) -> None:
    with Layer.load(proposed(*SHOPS)) as layer:
        found = Counter((finding.code, finding.subject) for finding in layer.check(data=True))
    assert found == {
        **{(code, subject): 1 for code in ("no-owner", "no-definition") for subject in ("source sales", "source shops")},
        **{(code, f"metric {name}"): 1 for code in TO_ANSWER for name in ("sales_rows", "sales_amount")},
    }


def test_the_first_question_is_answered_and_nothing_is_published(proposed: Proposed, tmp_path: Path) -> None:
    with Layer.load(proposed(*SHOPS)) as layer:
        rows = layer.query(metrics=["sales_rows", "sales_amount"], by=["shop.town"]).rows()
        with pytest.raises(PolicyError):
            layer.publish(to=tmp_path / "out.duckdb")
    assert not (tmp_path / "out.duckdb").exists()
    # Shop 1 has the sales 0, 3 … 39: 14 that sum to 273; shops 2 and 3 have 26 of the 40, and 780 - 273.
    assert [(town, count, float(amount)) for town, count, amount in rows] == [("a", 14, 273.0), ("b", 26, 507.0)]


def test_odd_names_survive(proposed: Proposed) -> None:
    folder = proposed(
        'create table "My ""Big"" Table" ("Order ID" integer, "select" varchar, "a__b" double, "it\'s; drop" varchar, '
        '"null" boolean, "2nd" varchar, "Ünï" varchar, "case" varchar, "month" varchar, "list" integer[], "amount, net" decimal(10, 2))',
        'insert into "My ""Big"" Table" select i, \'x\' || i % 3, i, \'b\', true, \'z\', \'u\', \'c\', \'m\', [1], i from range(200) t(i)',
        'create schema "Sales 2026"', 'create table "Sales 2026"."order.lines" ("Order ID" integer, "line no" integer)',
        'insert into "Sales 2026"."order.lines" select i % 150, i // 150 from range(300) t(i)',
        'create table "1e5" (x varchar)', "insert into \"1e5\" values ('a'), ('a')", 'create table "null" (id integer)',
    )  # fmt: skip
    with Layer.load(folder) as layer:
        codes = {finding.code for finding in layer.check(data=True)}
        lines = layer.query(metrics=["sales_2026_order_lines_rows"], by=["order.null_2", "order.case_2", "order.uni"]).rows()
        amount = layer.query(metrics=["sales_2026_order_lines_rows"], by=["order"], limit=1).rows()
    assert codes <= TO_ANSWER
    assert lines == [(True, "c", "u", 300)]
    assert amount == [(0, 2)]


def test_empty_tables_and_tables_without_a_key_ask_for_one(proposed: Proposed) -> None:
    folder = proposed(
        "create table bare (id integer, seen timestamp)",
        "create table twice (a integer, b varchar)", "insert into twice select 1, 'x' from range(5)",
    )  # fmt: skip
    written = (folder / "definitions/sources.yml").read_text()
    assert "which columns tell the rows apart? The table is empty, so nothing could be counted" in written
    assert "# not written as a clock: seen is always empty, so its grain could not be seen" in written
    assert "which columns tell the rows apart? No three or fewer that are never empty do" in written
    assert "# closest: a, with 4 of 5 rows too many" in written
    with Layer.load(folder) as layer:
        assert {finding.code for finding in layer.check(data=True)} <= TO_ANSWER
        assert layer.query(metrics=["twice_rows", "bare_rows"]).rows() == [(5, 0)]


def test_files_are_named_from_the_project(tmp_path: Path) -> None:
    (tmp_path / "rows here.csv").write_text("id,town\n1,a\n2,b\n")
    folder = tmp_path / "deep" / "project"
    for name, written in propose(inspect(str(tmp_path / "rows here.csv")), "x", folder=folder).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(written, encoding="utf-8")
    assert "    file: '../../rows here.csv'\n" in (folder / "definitions/sources.yml").read_text()
    with Layer.load(folder) as layer:
        assert layer.query(metrics=["rows_here_rows"]).rows() == [(2,)]


def table(name: str, *columns: str, rows: int = 10, keys: tuple[tuple[str, ...], ...] = (), **more: object) -> ObservedTable:
    observed = tuple(ObservedColumn(column, "integer", 0) for column in columns)
    return ObservedTable(name, "w.duckdb", (name,), rows, observed, keys, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "written"),
    [
        (100, "      shop: {entity: shop, column: shop_id}\n"),
        (95, "      shop: {entity: shop, column: shop_id}    # 5 of 100 rows lead nowhere; they are kept as Unassigned\n"),
        (94, "    # not written as a link: shop_id to shops (6 of 100 rows lead nowhere)\n"),
    ],
)
def test_a_link_is_written_when_nearly_all_values_are_found(found: int, written: str) -> None:
    sales = table("sales", "shop_id", links=(ObservedLink(("shop_id",), 1, 100, found),))
    text = propose([sales, table("shops", "id", keys=(("id",),))], "x")["definitions/sources.yml"]
    assert written in text


def test_a_column_that_leads_to_two_tables_is_asked_about() -> None:
    links = (ObservedLink(("shop_id",), 1, 9, 9), ObservedLink(("shop_id",), 2, 9, 9))
    kept = (("shop_id",),)
    observed = [table("sales", "shop_id", links=links), table("shops", "shop_id", keys=kept), table("old_shops", "shop_id", keys=kept)]
    text = propose(observed, "x")["definitions/sources.yml"]
    assert "links:" not in text
    assert "# not written as a link: shop_id to shops (the same column leads to old_shops too; one of them is meant)" in text


def test_two_links_to_one_entity_have_two_roles() -> None:
    links = (ObservedLink(("shop_id",), 1, 9, 9), ObservedLink(("from_shop_id",), 1, 9, 9))
    text = propose([table("moves", "shop_id", "from_shop_id", links=links), table("shops", "id", keys=(("id",),))], "x")
    assert "      shop: {entity: shop, column: shop_id}\n" in text["definitions/sources.yml"]
    assert "      from_shop: {entity: shop, column: from_shop_id}\n" in text["definitions/sources.yml"]


def test_ratios_codes_and_clocks_are_not_added_up() -> None:
    columns = ("id", "unit_price", "rate", "zip_code", "year", "avg_wait", "minutes_late", "x")
    text = propose([table("t", *columns, keys=(("id",),))], "x")["metrics/first.yml"]
    assert [line.strip() for line in text.splitlines() if "measure:" in line] == [
        "measure: count(*)", "measure: sum(minutes_late)", "measure: sum(x)",
    ]  # fmt: skip


def test_names_in_remarks_stay_on_their_line() -> None:
    odd = table("t", "a\nb", near_key=ObservedKey(("a\nb",), 3))
    (document,) = read_yaml(propose([odd], "x")["definitions/sources.yml"].encode()).documents
    assert document.problems == ()


def test_nothing_observed_is_an_empty_project() -> None:
    for written in propose([], "x").values():
        assert all(document.problems == () for document in read_yaml(written.encode()).documents)


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(ANY_TEXT)
def test_whatever_is_written_is_read_back(value: str) -> None:
    lines = f"{key(value)}: {text(value)}\nlist: {listed([value, value])}\nmap: {{a: {in_braces(value)}}}"
    (document,) = read_yaml(lines.encode()).documents
    assert document.problems == ()
    assert document.data == {value: value, "list": [value, value], "map": {"a": value}}


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12))
def test_any_column_can_be_named_in_an_expression(name: str) -> None:
    from decisionlayer.resolve.language import parse_dimension

    parsed = parse_dimension(quoted_name(name))
    assert parsed.problems == ()
    assert getattr(parsed.expr, "parts", None) == (name,)


def test_tables_whose_columns_begin_alike_get_plain_names(proposed: Proposed) -> None:
    folder = proposed(
        "create table customer (c_custkey integer, c_segment varchar)",
        "insert into customer values (7, 'x'), (8, 'y')",
        "create table orders (o_orderkey integer, o_custkey integer, o_day date, o_total integer)",
        "insert into orders values (1, 7, date '2026-01-02', 5), (2, 7, date '2026-01-03', 6), (3, 8, date '2026-01-03', 6)",
        "create table lines (l_orderkey integer, l_line integer, l_tax integer)",
        "insert into lines values (1, 1, 5), (1, 2, 5), (2, 1, 5)",
    )
    sources = (folder / "definitions" / "sources.yml").read_text(encoding="utf-8")
    metrics = (folder / "metrics" / "first.yml").read_text(encoding="utf-8")
    assert "customer: {entity: customer, column: o_custkey}" in sources
    assert "order: {entity: order, column: l_orderkey}" in sources
    assert "segment: c_segment" in sources
    assert [line.split()[-1] for line in metrics.splitlines() if "- metric:" in line] == [
        "lines_rows", "lines_tax", "orders_rows", "orders_total",
    ]  # fmt: skip


def test_an_enumeration_is_left_out_and_told(proposed: Proposed) -> None:
    folder = proposed(
        "create type mood as enum ('good', 'bad')",
        "create table visits (id integer, mood mood)",
        "insert into visits values (1, 'bad'), (2, 'good')",
    )
    sources = (folder / "definitions" / "sources.yml").read_text(encoding="utf-8")
    assert "# left out, as an enumeration sorts as it was listed: mood; make it text" in sources
    assert "mood: text" not in sources and "dimensions" not in sources
    with Layer.load(folder) as layer:
        assert {finding.code for finding in layer.check()} <= TO_ANSWER
        assert {finding.code for finding in layer.check(data=True)} <= TO_ANSWER


def test_a_year_that_is_a_number_is_told_how_to_become_a_clock(proposed: Proposed) -> None:
    folder = proposed(
        "create table seasons (team varchar, yearID integer, wins integer)", "insert into seasons values ('a', 2001, 3), ('b', 2001, 3)"
    )
    sources = (folder / "definitions" / "sources.yml").read_text(encoding="utf-8")
    assert "# no clock: yearID is a number; `sql: select *, make_date(yearID, 1, 1) as the_year from …` makes a day of it" in sources
