"""The DuckDB engine and the result: what is asked comes back typed, with its meaning on board, whoever holds the connection."""

from __future__ import annotations

import datetime as dt
import json
import pickle
import threading
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from decisionlayer import DeclarationError, EngineError, Layer, QueryError

PROJECT = """
project: {name: shop, timezone: America/New_York}
parties: [{party: desk, kind: team}]
sources:
  - source: sales
    one_row_is: one sale
    table: sales
    key: [id]
    time: {sold_at: {grain: second, zone: UTC}}
    columns: {id: integer, sold_at: timestamp, kind: text, amount: {type: "decimal(10,2)", unit: USD}, weight: float}
    dimensions: [kind]
    owner: desk
for_all: {purpose: action, owner: desk, source: sales, better: higher, respond: Look at it.}
metrics:
  - {metric: turnover, title: Turnover, definition: Money taken., unit: USD, measure: sum(amount)}
  - {metric: receipts, title: Receipts, definition: Sales made., unit: "1", measure: count(*)}
  - {metric: mean_weight, title: Weight, definition: Mean weight., unit: "1", measure: avg(weight)}
"""
ROWS = """
create table sales (id integer, sold_at timestamp, kind varchar, amount decimal(10, 2), weight double);
insert into sales values
  (1, '2024-03-10 06:30:00', 'tea', 1.10, 1.5),   -- 01:30 in New York, before the clocks go forward
  (2, '2024-03-10 07:30:00', 'tea', 2.20, 2.5),   -- 03:30, after it
  (3, '2024-03-11 03:59:59', null, 4.00, null);   -- still the tenth in New York
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "definitions").mkdir()
    (tmp_path / "definitions" / "shop.yml").write_text(PROJECT)
    return tmp_path


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    found = duckdb.connect()
    found.execute(ROWS).fetchall()
    return found


def test_columns_have_their_declared_types_and_periods_below_a_day_are_instants(project, connection):
    table = Layer.load(project, connection).query(metrics=["turnover", "receipts", "mean_weight"], by=["hour", "day"]).arrow()
    assert [str(field.type) for field in table.schema] == [
        "timestamp[us, tz=America/New_York]", "date32[day]", "decimal128(38, 2)", "int64", "double",
    ]  # fmt: skip
    assert table["hour"].to_pylist()[0] == dt.datetime(2024, 3, 10, 6, tzinfo=dt.UTC)
    assert table["day"].to_pylist() == [dt.date(2024, 3, 10)] * 3
    assert table["turnover"].to_pylist() == [Decimal("1.10"), Decimal("2.20"), Decimal("4.00")]


def test_the_answer_does_not_hang_on_the_zone_of_the_session(project, connection):
    layer = Layer.load(project, connection)
    before = layer.query(metrics=["receipts"], by=["hour"], start="2024-03-10T03", end="2024-03-10").rows()
    connection.execute("set timezone = 'Asia/Tokyo'").fetchall()
    assert layer.query(metrics=["receipts"], by=["hour"], start="2024-03-10T03", end="2024-03-10").rows() == before
    assert [count for _, count in before] == [1, 1]


def test_meaning_travels_in_the_fields_of_the_arrow_table(project, connection):
    result = Layer.load(project, connection).query(metrics=["turnover"], by=["kind"])
    field = result.arrow().schema.field("turnover")
    passport = json.loads(field.metadata[b"decisionlayer"])
    assert (passport["owner"], passport["unit"], passport["purpose"]) == ("desk", "USD", "action")
    assert passport["meaning"].startswith("m1:") and passport == json.loads(json.dumps(result.passport("turnover")))
    assert json.loads(result.arrow().schema.metadata[b"decisionlayer"])["status"] == "draft"
    assert pa.table(result).equals(result.arrow())


def test_facts_are_numbers_with_cell_unit_and_passport(project, connection):
    facts = Layer.load(project, connection).query(metrics=["turnover"], by=["kind"]).facts()
    assert [(fact.cell, fact.value, fact.unit) for fact in facts] == [
        ({"kind": "tea"}, Decimal("3.30"), "USD"), ({"kind": None}, Decimal("4.00"), "USD"),
    ]  # fmt: skip


def test_pandas_polars_and_a_stream_hold_the_same_rows(project, connection):
    result = Layer.load(project, connection).query(metrics=["receipts"], by=["kind"])
    assert result.pandas()["receipts"].tolist() == [2, 1]
    assert result.polars()["receipts"].to_list() == [2, 1]
    assert result.reader().read_all().num_rows == len(result) == 2


def test_an_unread_result_of_the_user_is_in_nobodys_way(project, connection):
    connection.execute("select * from range(1000000)")
    assert connection.fetchone() == (0,)
    layer = Layer.load(project, connection)
    assert layer.query(metrics=["receipts"]).rows() == [(3,)]
    with pytest.raises(EngineError, match="read your own result on this connection to its end first"):
        layer.publish()
    assert len(connection.fetchall()) == 999_999


def test_what_only_the_users_connection_sees_waits_for_his_result(project):
    connection = duckdb.connect()
    at = pa.array([dt.datetime(2024, 3, 10, 6)], pa.timestamp("us"))
    amount = pa.array([Decimal("2.00")], pa.decimal128(10, 2))
    connection.register("sales", pa.table({"id": [1], "sold_at": at, "kind": ["tea"], "amount": amount, "weight": [1.0]}))
    connection.execute("select * from range(3)")
    layer = Layer.load(project, connection)
    with pytest.raises(EngineError, match="read your own result on this connection to its end first"):
        layer.query(metrics=["turnover"])
    assert connection.fetchall() == [(0,), (1,), (2,)]
    assert layer.query(metrics=["turnover"]).rows() == [(Decimal("2.00"),)]


def test_a_table_that_the_user_registered_is_a_source(project):
    connection = duckdb.connect()
    at = pa.array([dt.datetime(2024, 3, 10, 6)], pa.timestamp("us"))
    amount = pa.array([Decimal("2.00")], pa.decimal128(10, 2))
    connection.register("sales", pa.table({"id": [1], "sold_at": at, "kind": ["tea"], "amount": amount, "weight": [1.0]}))
    assert Layer.load(project, connection).query(metrics=["turnover"]).rows() == [(Decimal("2.00"),)]


def test_threads_may_ask_one_layer(project, connection):
    layer, found = Layer.load(project, connection), []
    threads = [threading.Thread(target=lambda: found.append(layer.query(metrics=["receipts"]).rows())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[(3,)]] * 8


def test_a_wall_clock_that_is_an_instant_in_the_warehouse_is_refused(project):
    connection = duckdb.connect()
    connection.execute(ROWS.replace("sold_at timestamp", "sold_at timestamptz")).fetchall()
    with pytest.raises(DeclarationError, match="`sold_at` of table `sales` is instant") as refused:
        Layer.load(project, connection).query(metrics=["receipts"], by=["day"])
    assert refused.value.codes == ("column-type",)


def test_an_enumeration_is_refused_for_it_sorts_as_it_was_listed(project):
    connection = duckdb.connect()
    connection.execute("create type kinds as enum ('tea', 'coffee')").fetchall()
    connection.execute(ROWS.replace("kind varchar", "kind kinds")).fetchall()
    layer = Layer.load(project, connection)
    with pytest.raises(DeclarationError, match="`kind` of table `sales` is an enumeration"):
        layer.query(metrics=["receipts"], by=["kind"])
    assert layer.query(metrics=["receipts"]).rows() == [(3,)]


def test_a_missing_table_and_a_missing_column_are_named_with_near_names(project, connection):
    connection.execute("alter table sales rename column amount to amounts").fetchall()
    with pytest.raises(DeclarationError, match=r"no column `amount`[\s\S]*Did you mean amounts"):
        Layer.load(project, connection).query(metrics=["turnover"])
    connection.execute("alter table sales rename to sale").fetchall()
    with pytest.raises(DeclarationError, match=r"`sales`[\s\S]*Did you mean sale\?"):
        Layer.load(project, connection).query(metrics=["receipts"])


def test_a_file_that_is_not_there_or_held_by_a_writer_is_said_and_never_made(project, tmp_path):
    path = tmp_path / "shop.duckdb"
    with pytest.raises(EngineError, match="no warehouse file"):
        Layer.load(project, path).query(metrics=["receipts"])
    assert not path.exists()
    path.write_text("not a database")
    with pytest.raises(EngineError) as failed:
        Layer.load(project, f"duckdb:///{path}").query(metrics=["receipts"])
    assert failed.value.codes == ("warehouse-failed",)


def test_other_warehouses_are_refused_by_name(project):
    with pytest.raises(EngineError, match="no engine for postgresql"):
        Layer.load(project, "postgresql://localhost/shop")
    with pytest.raises(EngineError, match="is no warehouse"):
        Layer.load(project, 7)


def test_a_transaction_that_fails_leaves_nothing_behind(project, connection):
    engine = Layer.load(project, connection).engine
    with pytest.raises(EngineError) as failed, engine.transaction() as writer:
        writer.execute("create table half (a integer)")
        writer.execute("insert into nowhere values (1)")
    assert "nowhere" in failed.value.sql
    assert engine.tables() == ("sales",)


def test_a_passport_of_something_else_is_refused_with_near_names(project, connection):
    result = Layer.load(project, connection).query(metrics=["turnover"])
    with pytest.raises(QueryError, match="Did you mean turnover"):
        result.passport("turnovr")


def test_html_escapes_what_the_data_holds(project, connection):
    connection.execute("update sales set kind = '<script>' where id = 1").fetchall()
    shown = Layer.load(project, connection).query(metrics=["turnover"], by=["kind"])._repr_html_()
    assert "<script>" not in shown and "&lt;script&gt;" in shown and "Unassigned" in shown


def test_rows_that_the_user_registered_are_published_to_a_file(project, tmp_path):
    (project / "definitions" / "views.yml").write_text(
        "views: [{view: takings, audience: frontline, owner: desk, definition: Takings., metrics: [turnover]}]\n"
    )
    connection = duckdb.connect()
    at = pa.array([dt.datetime(2024, 3, 10, 6)], pa.timestamp("us"))
    amount = pa.array([Decimal("2.00")], pa.decimal128(10, 2))
    connection.register("sales", pa.table({"id": [1], "sold_at": at, "kind": ["tea"], "amount": amount, "weight": [1.0]}))
    Layer.load(project, connection).publish(to=tmp_path / "out.duckdb")
    with duckdb.connect(str(tmp_path / "out.duckdb"), read_only=True) as reader:
        assert reader.sql("select turnover from frontline.takings").fetchall() == [(Decimal("2.00"),)]


def test_a_refusal_travels_to_another_process(project, connection):
    with pytest.raises(QueryError) as refused:
        Layer.load(project, connection).query(metrics=["recipts"])
    again = pickle.loads(pickle.dumps(refused.value))
    assert (type(again), again.findings, str(again)) == (QueryError, refused.value.findings, str(refused.value))
    failed = EngineError(refused.value.findings, sql="select 1")
    assert pickle.loads(pickle.dumps(failed)).sql == "select 1"


def test_a_line_of_a_csv_file_that_is_not_as_declared_is_named(tmp_path):
    (tmp_path / "definitions").mkdir()
    (tmp_path / "definitions" / "project.yml").write_text("""
project: {name: shop}
parties: [{party: desk, kind: team}]
sources:
  - {source: sales, one_row_is: one sale, file: sales.csv, key: [id], columns: {id: integer, amount: integer}, owner: desk}
metrics:
  - {metric: taken, purpose: action, owner: desk, definition: Taken., unit: 1, source: sales, measure: sum(amount), respond: L.}
""")
    (tmp_path / "sales.csv").write_text("id,amount\n1,5\n2,hello\n")
    with pytest.raises(EngineError) as failed:
        Layer.load(tmp_path).query(metrics=["taken"])
    (finding,) = failed.value.findings
    assert finding.message.startswith("DuckDB in memory did not answer: in line 3 of ")
    assert finding.message.endswith("""sales.csv: Error when converting column "amount". Could not convert string "hello" to 'BIGINT'""")
    assert finding.help == "correct the line, or declare what the column holds under `columns:` of the source"


def test_a_measure_around_a_metric_is_told_what_it_reads(project, connection):
    (project / "metrics").mkdir()
    (project / "metrics" / "more.yml").write_text(
        "metrics: [{metric: mean, purpose: action, owner: desk, definition: M., unit: USD, source: sales, measure: avg(turnover), "
        "respond: L.}]\n"
    )
    with pytest.raises(DeclarationError) as refused:
        Layer.load(project, connection).query(metrics=["mean"])
    (finding,) = refused.value.findings
    assert (finding.code, finding.message) == ("missing-column", "table `sales` has no column `turnover`")
    assert finding.help == (
        "There are: amount, id, kind, sold_at, weight. "
        "There is a metric of that name; metrics are named in a `formula:`, a measure reads columns."
    )


def test_a_day_that_python_has_not_is_named_and_stays_in_the_arrow_table(project, connection):
    connection.execute("insert into sales values (9, 'infinity', 'tea', 1, 1)").fetchall()
    result = Layer.load(project, connection).query(metrics=["receipts"], by=["day"])
    with pytest.raises(EngineError, match="column `day` holds a date outside the years 1 to 9999"):
        result.rows()
    assert result.arrow()["receipts"].to_pylist() == [3, 1]
