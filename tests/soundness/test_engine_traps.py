"""What a warehouse does to a right statement: each trap here made a question fail or a number wrong, on real versions."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from decisionlayer import DeclarationError, EngineError
from decisionlayer.layer import Layer
from tests.worlds.made import made, metric, shop

EMPTY = "create table sales (id integer, day date, shop varchar, amount integer); create table shops (shop varchar, label varchar);"


def company(folder: Path, rows: str):  # type: ignore[no-untyped-def]
    declared = shop(metric("m", measure="sum(amount)"))
    declared["sources"][0]["links"] = {"place": {"entity": "shop", "column": "shop"}}
    declared["sources"][0]["dimensions"] = {"price": "case when amount > 1000 then 'dear' end"}
    declared["sources"].append({
        "source": "shops", "one_row_is": "one shop", "describes": "shop", "table": "shops", "key": ["shop"], "owner": "desk",
        "columns": {"shop": "text", "label": "text"}, "dimensions": {"label": "label", "shown": "coalesce(label, '?')"},
    })  # fmt: skip
    return made(folder, declared, EMPTY + rows)


@pytest.mark.parametrize("where", [
    "price = 'dear' or amount_is_odd is null", "price = 'dear'", "price <> 'dear'", "price > 'a'", "price in ('dear')", "price like 'd%'",
    "not price = 'dear'", "price = :text", "place.shown = '?'", "place.shown = '?' or place.shown is null", "place.shown like '%'",
    "place.label = 'x' or place.shown <> 'y'",
])  # fmt: skip
def test_a_text_that_a_case_never_gives_can_be_asked_for(tmp_path: Path, where: str) -> None:
    """DuckDB 2.0.0 fails on ``case … end = 'dear'`` where its statistics say that the case is always NULL."""
    layer = company(tmp_path, "insert into sales values (1, '2024-01-01', null, 1), (2, '2024-01-02', null, 2);")
    where = where.replace("amount_is_odd", "price")
    params = {"text": "dear"} if ":text" in where else {}
    assert layer.query(metrics=["m"], where=where, params=params).rows() == [(3 if " is null" in where else None,)]


@pytest.mark.parametrize(
    "where",
    [
        "price in ('dear', 'steep')",
        "price in ('dear')",
        "price like 'd%'",
        "price = 'dear'",
        "price between 'a' and 'z'",
    ],
)
def test_a_filter_on_a_case_without_else_leaves_out_the_rest(tmp_path: Path, where: str) -> None:
    """DuckDB 2.0.0 turns ``case … then 'dear' end in ('dear', 'steep')`` into a filter that keeps every row: 2003 instead of 2000."""
    layer = company(
        tmp_path,
        "insert into sales values (1, '2024-01-01', 'a', 1), (2, '2024-01-02', 'b', 2), (3, '2024-01-03', 'b', 2000);",
    )
    assert layer.query(metrics=["m"], where=where).rows() == [(2000,)]
    assert layer.query(metrics=["m"], by=["price"], where=where).rows() == [("dear", 2000)]
    assert layer.query(metrics=["m"], by=["price"], having=where).rows() == [("dear", 2000)]
    assert layer.query(metrics=["m"], by=["price"], having=f"{where} or price is null").rows() == [
        ("dear", 2000),
        (None, 3),
    ]


@pytest.mark.parametrize("having", [
    "price <> 'p'", "price = 'p'", "price < 'p'", "not price = 'p'", "price <> 'p' or m > 4", "price between 'a' and 'p'", "price <> :text",
])  # fmt: skip
def test_groups_are_compared_with_a_text_that_no_row_gives(tmp_path: Path, having: str) -> None:
    """DuckDB 2.0.0 carries the filter into ``case … end`` and fails where its statistics say that the case is always NULL."""
    layer = company(tmp_path, "insert into sales values (1, '2024-01-01', null, 1), (2, '2024-01-02', null, 2);")
    params = {"text": "p"} if ":text" in having else {}
    assert layer.query(metrics=["m"], by=["price"], having=having, params=params).rows() == []
    assert layer.query(metrics=["m"], by=["price"], having=f"{having} or m = 3", params=params).rows() == [(None, 3)]


@pytest.mark.parametrize("column", ["price", "place.shown", "place.label"])
def test_a_group_that_a_case_never_gives_is_unknown(tmp_path: Path, column: str) -> None:
    layer = company(tmp_path, "insert into sales values (1, '2024-01-01', null, 1), (2, '2024-01-02', 'z', 2);")
    assert layer.query(metrics=["m"], by=[column]).rows() == [(None, 3)]


def test_many_sources_meet_in_one_table(tmp_path: Path) -> None:
    """Twelve sources on one dimension, each of them worth a power of two: nothing is lost or doubled on the way."""
    names = [f"s{number}" for number in range(12)]
    declared = shop()
    declared["sources"] = [{
        "source": name, "one_row_is": "a row", "table": name, "key": ["id"], "owner": "desk", "columns": {"id": "integer", "shop": "text", "amount": "integer"},
        "dimensions": {"shop": "shop"},
    } for name in names]  # fmt: skip
    declared["metrics"] = [metric(f"m{name}", measure="sum(amount)", source=name) for name in names]
    declared["metrics"].append(metric("all", formula=" + ".join(f"m{name}" for name in names)))
    tables = "".join(
        f"create table {name} (id integer, shop varchar, amount integer);"
        f"insert into {name} values (1, 'A', {2**number}), (2, null, {2**number}){', (3, ' + repr(name) + ', 1)' if number % 2 else ''};"
        for number, name in enumerate(names)
    )
    layer = made(tmp_path, declared, tables)
    rows = layer.query(metrics=["all"], by=["shop"]).rows()
    assert rows == [("A", 4095), *sorted((name, 1) for name in names[1::2]), (None, 4095)]
    wide = layer.query(metrics=[f"m{name}" for name in names], by=["shop"]).rows()
    assert wide[0] == ("A", *(2**number for number in range(12))) and wide[-1] == (
        None,
        *(2**number for number in range(12)),
    )


def test_a_sum_of_large_whole_numbers_is_exact(tmp_path: Path) -> None:
    rows = ", ".join(f"({number}, '2024-01-01', 'A', 2147483647)" for number in range(1000))
    layer = company(tmp_path, f"insert into sales values {rows};")
    assert layer.query(metrics=["m"]).rows() == [(2147483647000,)]


def test_a_product_of_whole_numbers_does_not_overflow(tmp_path: Path) -> None:
    declared = shop(metric("m", measure="sum(amount * amount)"), metric("mean", measure="avg(amount * amount)"))
    layer = made(
        tmp_path,
        declared,
        EMPTY + "insert into sales values (1, '2024-01-01', 'A', 2147483647), (2, '2024-01-01', 'A', 1);",
    )
    assert layer.query(metrics=["m"]).rows() == [(2147483647**2 + 1,)]


def test_a_limit_holds_whatever_the_statistics_say(tmp_path: Path) -> None:
    """DuckDB 2.0.0 gives three rows for ``limit 2``: beside a register without rows it takes what is left for one row, and drops LIMIT."""
    declared = shop(
        metric("longest", measure="max(length(tag))", where="store.kind <> 'big'"),
        metric("of_p", measure="sum(x) - 1", where="tag = 'p'", missing="null"),
        metric("mean", measure="sum(x) / count(*)", source="costs"),
        metric("all_of_it", formula="longest + (1 - (of_p * mean))"),
    )
    columns = {"id": "integer", "day": "date", "code": "text", "number": "integer", "x": "integer", "y": "decimal(18,2)", "tag": "text"}
    declared["sources"] = [
        {"source": name, "one_row_is": "one row", "table": name, "key": ["id"], "time": {"day": "day"}, "owner": "desk", "columns": columns,
         "links": {"store": {"entity": "store", "columns": ["code", "number"]}}, "dimensions": {"step": "floor(y * 2)"}}
        for name in ("sales", "costs")
    ]  # fmt: skip
    declared["sources"].append({
        "source": "stores", "one_row_is": "one store", "describes": "store", "table": "stores", "key": ["code", "number"], "owner": "desk",
        "columns": {"code": "text", "number": "integer", "size": "integer", "since": "date", "before": "date"},
        "valid": {"from": "since", "to": "before"}, "history": "as_is",
        "dimensions": {"size": "size", "kind": "case when size > 1 then 'big' else 'small' end"},
    })  # fmt: skip
    tables = """
    create table stores (code varchar, number integer, size integer, since date, before date);
    create table sales (id integer, day date, code varchar, number integer, x integer, y decimal(18,2), tag varchar);
    insert into sales values (3, '2024-01-01', 'z', 9, 2, null, 'p%'), (4, '2024-01-01', 'z', null, 0, 0.20, 'p');
    create table costs (id integer, day date, code varchar, number integer, x integer, y decimal(18,2), tag varchar);
    insert into costs values (0, '2024-01-01', 'z', 9, -1, 0.20, null), (3, '2024-01-01', 'z', null, 3, 12.35, 'P'),
        (5, '2024-01-01', 'z', null, -1, null, null), (8, '2024-01-01', null, null, -4, 0.10, 'q');
    """
    layer = made(tmp_path, declared, tables)
    for limit in (1, 2):
        asked = {"metrics": ["all_of_it", "longest"], "by": ["step", "store.size"], "order": ["longest", "all_of_it"]}
        assert len(layer.query(**asked, limit=limit).rows()) == limit


def test_nanoseconds_are_not_rounded_into_the_next_period(tmp_path: Path) -> None:
    """DuckDB 2.0.0 rounds TIMESTAMP_NS to microseconds where it cuts: the last nanosecond of January would be February's."""
    rows = "create table sales as select 1 as id, timestamp_ns '2024-01-31 23:59:59.999999999' as day, 'N' as shop, 5 as amount;"
    declared = shop(metric("m", measure="sum(amount)"))
    source = declared["sources"][0]
    source["time"], source["columns"] = {"day": "millisecond"}, {"id": "integer", "day": "timestamp", "shop": "text", "amount": "integer"}
    with pytest.raises(DeclarationError) as refused:
        made(tmp_path, declared, rows).query(metrics=["m"], by=["month"])
    assert refused.value.codes == ("column-type",)
    cut = "make_timestamp(epoch_ns(day) // 1000) as day"
    assert cut in str(refused.value)
    del source["table"]
    source["sql"] = f"select * replace ({cut}) from sales"
    layer = made(tmp_path, declared, rows)
    assert layer.query(metrics=["m"], by=["month"]).rows() == [(dt.date(2024, 1, 1), 5)]
    assert layer.query(metrics=["m"], by=["millisecond"]).rows() == [(dt.datetime(2024, 1, 31, 23, 59, 59, 999000, tzinfo=dt.UTC), 5)]


@pytest.mark.parametrize(("asked", "wrong"), [({"as_is": "2024-06-30"}, 114), ({"at": "2023-06-30"}, 114), ({"known_on": "2023-06-30"}, 114)])
def test_a_register_of_which_nothing_holds_leaves_sums_as_they_are(tmp_path: Path, asked: dict[str, str], wrong: int) -> None:
    """DuckDB 2.0.0 takes a sum for 0 beside versions that its statistics rule out: it packs 70002 into a byte to sort it, 114."""
    declared = shop(metric("m", measure="sum(amount)", where="amount > 0"))
    declared["sources"][0] |= {"links": {"place": {"entity": "shop", "column": "shop"}}, "fresh": {"at": "day", "within": "1 day"}}
    declared["sources"].append({
        "source": "shops", "one_row_is": "one shop", "describes": "shop", "table": "shops", "key": ["shop"], "owner": "desk",
        "columns": {"shop": "text", "label": "text", "since": "date", "before": "date", "loaded": "date"},
        "valid": {"from": "since", "to": "before"}, "history": "as_is", "fresh": {"at": "loaded", "within": "1 day"}, "dimensions": ["label"],
    })  # fmt: skip
    layer = made(tmp_path, declared, """
    create table sales (id integer, day date, shop varchar, amount integer);
    insert into sales values (1, '2023-01-01', 'a', 70000), (2, '2023-01-02', 'b', 2), (3, '2023-02-02', 'b', 1);
    create table shops (shop varchar, label varchar, since date, before date, loaded date);
    insert into shops values ('a', 'A', '2024-01-01', '2024-03-01', '2024-01-01');
    """)  # fmt: skip
    question: dict[str, object] = {"structure": {"at": asked["at"]}} if "at" in asked else {"structure": "as_is", "today": asked.get("as_is")}
    if "known_on" in asked:
        question = {"known_on": asked["known_on"]}
    question = {"metrics": ["m"], "by": ["month", "place.label"], **question}
    rows = layer.query(**question).rows()
    assert rows == [(dt.date(2023, 1, 1), None, 70002), (dt.date(2023, 2, 1), None, 1)] and rows[0][2] != wrong
    assert layer.query(**question, having="m > 1").rows() == rows[:1]  # every row, where the sum is taken for 0
    assert layer.query(**question, order=["-m"]).rows() == rows


def test_a_line_of_which_nothing_holds_yet_hides_no_sums(tmp_path: Path) -> None:
    """DuckDB 2.0.0 takes an outer join for empty whose other side it need not read, and sums of what may be 0 for 0: no value for 2, 0 for 30."""
    declared = shop(
        metric("sold", measure="sum(amount)"), metric("twice", formula="sold * 2 / case when sold > 0 then sold end"),
        metric("gain", measure="case when sum(amount) > 0 then sum(amount) else 0 end"),
    )  # fmt: skip
    declared["sources"][0]["columns"]["amount"] = "decimal(18,2)"
    declared["sources"][0]["links"] = {"place": {"entity": "shop", "column": "shop"}}
    declared["sources"].append({
        "source": "shops", "one_row_is": "one shop in one stretch of time", "describes": "shop", "table": "shops", "key": ["shop"], "owner": "desk",
        "columns": {"shop": "text", "label": "text", "since": "date", "before": "date"}, "dimensions": {"label": "label"},
        "valid": {"from": "since", "to": "before"}, "history": "as_was",
    })  # fmt: skip
    layer = made(tmp_path, declared, """
        create table sales (id integer, day date, shop varchar, amount decimal(18,2));
        insert into sales values (1, '2024-01-01', 'A', 10), (2, '2024-01-02', 'B', 20), (3, '2024-01-03', 'A', 0);
        create table shops as select 'A' as shop, 'x' as label, date '2024-01-01' as since, cast(null as date) as before;
    """)  # fmt: skip
    asked = {"metrics": ["sold", "twice", "gain"], "by": ["place.label"]}
    assert layer.query(**asked, structure="as_is").rows() == [("x", 10, 2.0, 10), (None, 20, 2.0, 20)]
    assert layer.query(**asked, structure={"at": "2023-01-01"}).rows() == [(None, 30, 2.0, 30)]
    assert layer.query(**asked, structure={"at": "2023-01-01"}, having="sold > 0").rows() == [(None, 30, 2.0, 30)]


MOVES = """
create table shops (shop varchar, label varchar);
insert into shops values ('a', 'Alpha'), ('b', 'Beta'), ('c', 'Gamma');
create table moves (id integer, day date, shop varchar, goes_to varchar, amount integer);
insert into moves values
  (1, '2024-01-01', 'a', 'b', 1), (2, '2024-01-02', 'b', 'c', 2), (3, '2024-01-03', 'c', 'a', 4),
  (4, '2024-02-03', 'a', 'c', 8), (5, '2024-02-03', null, 'c', 16);
create view named as
  select moves.*, origins.label as from_label, targets.label as to_label
  from moves left join shops as origins on origins.shop = moves.shop left join shops as targets on targets.shop = moves.goes_to;
"""
JANUARY, FEBRUARY = dt.date(2024, 1, 1), dt.date(2024, 2, 1)
TO_ALPHA = [(JANUARY, None, "month", 4), (None, "c", "shop", 4)]
LABELLED = [
    (JANUARY, None, "month", 3), (FEBRUARY, None, "month", 2),
    (None, "a", "shop", 2), (None, "b", "shop", 1), (None, "c", "shop", 1), (None, None, "shop", 1),
]  # fmt: skip


def moves(folder: Path, origin: str, target: str, **source: object):  # type: ignore[no-untyped-def]
    """Goods that move between shops; ``origin`` and ``target`` are the paths of their labels."""
    to_alpha = metric("to_alpha", measure="sum(amount)", where=f"{target} = 'Alpha'")
    declared = shop(to_alpha, metric("labelled", measure=f"count({target})"))
    declared["sources"][0] |= source
    declared["sources"][0]["columns"]["goes_to"] = "text"
    declared["sources"].append({
        "source": "shops", "one_row_is": "one shop", "describes": "shop", "table": "shops", "key": ["shop"], "owner": "desk",
        "columns": {"shop": "text", "label": "text"}, "dimensions": {"label": "label"},
    })  # fmt: skip
    return made(folder, declared, MOVES), {"levels": [["month"], ["shop"]], "where": f"coalesce({origin}, '?') <> 'x'"}


def test_a_table_in_two_roles_is_two_tables(tmp_path: Path) -> None:
    """DuckDB 2.0.0 took what went to Alpha for what came from it: 1 and 8 by month, instead of 4 and none. So the statement says the role."""
    links = {"origin": {"entity": "shop", "column": "shop"}, "target": {"entity": "shop", "column": "goes_to"}}
    layer, asked = moves(tmp_path, "origin.label", "target.label", table="moves", links=links)
    elsewhere = duckdb.connect()
    elsewhere.execute(MOVES)
    for name, expected in (("to_alpha", TO_ALPHA), ("labelled", LABELLED)):
        result = layer.query(metrics=[name], **asked)
        assert result.rows() == expected
        assert elsewhere.execute(result.sql).fetchall() == expected


@pytest.mark.parametrize("brought", [True, False])
def test_a_view_that_joins_a_table_twice_is_asked_what_it_holds(tmp_path: Path, brought: bool) -> None:
    """DuckDB 2.0.0 counted no label of what went to Gamma from nowhere. What mixes up the columns is switched off, whoever opened the database."""
    file = str(tmp_path / "moves.duckdb")
    with duckdb.connect(file) as connection:
        connection.execute(MOVES).fetchall()
    layer, asked = moves(tmp_path, "from_label", "to_label", table="named", dimensions={"from_label": "from_label", "to_label": "to_label", "shop": "shop"})
    with duckdb.connect(file) as connection:
        connection.execute("set disabled_optimizers = 'cte_inlining'").fetchall()
        if brought:
            layer = Layer.load(tmp_path, warehouse=connection)
            assert layer.query(metrics=["labelled"], **asked).rows() == LABELLED
            assert connection.execute("select current_setting('disabled_optimizers')").fetchall() == [("cte_inlining,common_subplan",)]
    if not brought:
        assert Layer.load(tmp_path, warehouse=f"duckdb:///{file}").query(metrics=["labelled"], **asked).rows() == LABELLED


def test_a_locked_configuration_that_mixes_up_columns_is_refused(tmp_path: Path) -> None:
    moves(tmp_path, "shop", "goes_to", table="moves")
    with duckdb.connect() as connection:
        connection.execute(f"{MOVES}; set lock_configuration = true").fetchall()
        with pytest.raises(EngineError, match="the configuration of the DuckDB connection is locked"):
            Layer.load(tmp_path, warehouse=connection).query(metrics=["labelled"], by=["month"])
    with duckdb.connect() as connection:
        connection.execute(f"{MOVES}; set disabled_optimizers = 'common_subplan'; set lock_configuration = true").fetchall()
        assert Layer.load(tmp_path, warehouse=connection).query(metrics=["labelled"]).rows() == [(5,)]
