"""All or nothing: whichever statement fails, and whenever the process dies, the former edition is what readers find."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from decisionlayer import DeclarationError, EngineError, Layer
from decisionlayer.findings import Finding
from decisionlayer.publish import Receipt
from decisionlayer.run import aside
from decisionlayer.run.duckdb import DuckDBEngine


class Failing:
    """A writer that fails at its n-th statement, and counts."""

    def __init__(self, inner: object, at: int) -> None:
        self.inner, self.at, self.count = inner, at, 0

    def execute(self, sql: str, parameters: Mapping[str, object] | None = None) -> list[tuple[object, ...]]:
        self.count += 1
        if self.count == self.at:
            raise EngineError(Finding("warehouse-failed", "warehouse", "the disk is full"), sql=sql)
        found: list[tuple[object, ...]] = self.inner.execute(sql)  # type: ignore[attr-defined]
        return found

    def execute_all(self, statements: Iterable[str]) -> None:
        for statement in statements:
            self.execute(statement)


class FailingEngine(DuckDBEngine):
    """An engine whose transaction fails at its n-th statement."""

    at = 0
    reached = 0

    @contextmanager
    def transaction(self) -> Iterator[Failing]:  # type: ignore[override]
        with super().transaction() as writer:
            failing = Failing(writer, self.at)
            try:
                yield failing
            finally:
                self.reached = failing.count


def everything(connection: duckdb.DuckDBPyConnection) -> list[object]:
    """Return all that readers of the published schemas can see, the time of publication excepted."""
    tables = connection.execute(
        "select table_schema, table_name, table_type from information_schema.tables "
        "where table_schema in ('executive', 'frontline') order by all"
    ).fetchall()
    seen: list[object] = [tables]
    for schema, name, _ in tables:
        columns = "* exclude (published_at)" if name == "dl_publications" else "*"
        seen.append(connection.execute(f"select {columns} from {schema}.{name}").fetchall())
    comments = "select table_name, column_name, comment from duckdb_columns() where schema_name = 'executive' order by all"
    seen.append(connection.execute(comments).fetchall())
    return seen


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_failure_at_any_statement_leaves_the_former_edition_and_says_what_failed(
    project: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    Layer.load(project, connection).publish()
    before = everything(connection)
    file = project / "definitions" / "all.yml"
    file.write_text(file.read_text().replace("view: best_shops", "view: good_shops").replace("What each region brings.", "Changed."))
    engine = FailingEngine(connection=connection)
    last = 0
    for at in range(1, 400, 7):  # every seventh of the statements, of every kind
        engine.at = at
        layer = Layer.load(project, engine)
        try:
            layer.publish()
        except EngineError as failed:
            last = at
            assert "the disk is full" in str(failed)
            assert everything(connection) == before
        else:
            break
    assert last > 100
    assert everything(connection) != before


def test_the_message_names_the_step_that_failed(project: Path, connection: duckdb.DuckDBPyConnection) -> None:
    engine = FailingEngine(connection=connection)
    engine.at = 5
    with pytest.raises(EngineError, match="failed: the disk is full") as failed:
        Layer.load(project, engine).publish()
    assert "nothing was published" in str(failed.value)
    assert failed.value.sql
    assert connection.execute("select count(*) from information_schema.schemata where schema_name = 'executive'").fetchall() == [(0,)]


def test_readers_on_other_connections_see_the_old_edition_until_the_new_one_stands(
    project: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    Layer.load(project, connection).publish()
    engine = FailingEngine(connection=connection)
    reader = connection.cursor()
    seen: list[object] = []
    original = Failing.execute

    def watching(self: Failing, sql: str, parameters: Mapping[str, object] | None = None) -> list[tuple[object, ...]]:
        seen.append(reader.execute("select count(*) from executive.region_month").fetchall())
        return original(self, sql, parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Failing, "execute", watching)
        Layer.load(project, engine).publish()
    assert len(seen) > 50 and all(count == [(5,)] for count in seen)


def test_publishing_to_a_file_copies_rows_comments_and_catalog(project: Path, warehouse: Path, tmp_path: Path) -> None:
    to = tmp_path / "out" / "executive.duckdb"
    with Layer.load(project, warehouse) as layer:
        receipt = layer.publish(to=to)
    assert isinstance(receipt, Receipt)
    assert {standing.stored_as for standing in receipt.published} == {"table"}
    assert any("holds the rows as they are now" in note for note in receipt.notes)
    warehouse.unlink()  # what readers need is in the file itself
    with duckdb.connect(str(to), read_only=True) as reader:
        assert reader.execute("select * from executive.best_shops").fetchall() == [("Market", 280), ("Harbour", 160)]
        assert reader.execute("select count(*) from frontline.shop_day").fetchall() == [(8,)]
        [(said,)] = reader.execute(
            "select comment from duckdb_columns() where table_name = 'region_month' and column_name = 'margin'"
        ).fetchall()
        assert said.startswith("Margin (margin): What stays of each euro.")
        [(said,)] = reader.execute("select comment from duckdb_tables() where table_name = 'region_month'").fetchall()
        assert said.endswith("DRAFT: nothing of it is signed.")
        types = reader.execute(
            "select data_type from duckdb_columns() where table_name = 'region_month' order by column_index"
        ).fetchall()
        assert types == [("DATE",), ("VARCHAR",), ("BIGINT",), ("DOUBLE",)]
    assert names_in(to.parent) == ["executive.duckdb"]


def test_an_open_reader_keeps_its_snapshot_and_a_new_one_sees_the_new_file(project: Path, warehouse: Path, tmp_path: Path) -> None:
    to = tmp_path / "executive.duckdb"
    with Layer.load(project, warehouse) as layer:
        layer.publish(to=to)
    script = textwrap.dedent(f"""
        import duckdb, sys
        reader = duckdb.connect({str(to)!r}, read_only=True)
        for _ in range(2):
            print(reader.execute("select sum(revenue) from executive.region_month").fetchall(), flush=True)
            sys.stdin.readline()
    """)
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None and reader.stdin is not None
        assert reader.stdout.readline() == "[(560,)]\n"
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute("insert into orders values (9, date '2025-03-03', 'S2', 40, 5)").fetchall()
        with Layer.load(project, warehouse) as layer:
            layer.publish(to=to)
        reader.stdin.write("\n")
        reader.stdin.flush()
        assert reader.stdout.readline() == "[(560,)]\n"
        reader.stdin.close()
    with duckdb.connect(str(to), read_only=True) as now:
        assert now.execute("select sum(revenue) from executive.region_month").fetchall() == [(600,)]


def test_a_process_that_is_killed_while_building_leaves_the_old_file(project: Path, warehouse: Path, tmp_path: Path) -> None:
    to = tmp_path / "executive.duckdb"
    with Layer.load(project, warehouse) as layer:
        layer.publish(to=to)
    before = to.read_bytes()
    script = textwrap.dedent(f"""
        import time
        from decisionlayer import Layer
        from decisionlayer.run import aside
        load = aside.FileWriter.load
        def slowly(self, create, rows):
            load(self, create, rows)
            print("loaded", flush=True)
            time.sleep(60)
        aside.FileWriter.load = slowly
        Layer.load({str(project)!r}, {str(warehouse)!r}).publish(to={str(to)!r})
    """)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as publishing:
        assert publishing.stdout is not None
        assert publishing.stdout.readline() == "loaded\n"
        publishing.send_signal(signal.SIGKILL)
    assert to.read_bytes() == before
    assert any(name.startswith(".executive.duckdb.publishing-") for name in names_in(tmp_path))
    with Layer.load(project, warehouse) as layer:
        layer.publish(to=to)
    assert not any(name.startswith(".") for name in names_in(tmp_path))  # what the killed one left is swept away


def test_a_process_that_is_killed_in_place_leaves_the_former_edition(project: Path, warehouse: Path) -> None:
    with Layer.load(project, warehouse) as layer:
        layer.publish()
    with duckdb.connect(str(warehouse), read_only=True) as reader:
        before = everything(reader)
    script = textwrap.dedent(f"""
        import time
        from decisionlayer import Layer
        from decisionlayer.run import duckdb
        execute = duckdb._DuckDBWriter.execute
        def slowly(self, sql, parameters=None):
            found = execute(self, sql, parameters)
            if "dl_publications" in sql and "INSERT" in sql:
                print("nearly", flush=True)
                time.sleep(60)
            return found
        duckdb._DuckDBWriter.execute = slowly
        Layer.load({str(project)!r}, {str(warehouse)!r}).publish()
    """)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as publishing:
        assert publishing.stdout is not None
        assert publishing.stdout.readline() == "nearly\n"
        publishing.send_signal(signal.SIGKILL)
    with duckdb.connect(str(warehouse)) as reader:
        assert everything(reader) == before


@pytest.mark.parametrize("at", ["load", "execute"])
def test_a_failure_while_building_aside_leaves_the_old_file(
    project: Path, warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    to = tmp_path / "executive.duckdb"
    with Layer.load(project, warehouse) as layer:
        layer.publish(to=to)
        before = to.read_bytes()
        original = getattr(aside.FileWriter, at)
        calls = iter(range(1000))

        def failing(self: object, *given: object) -> object:
            if next(calls) == 3:
                raise EngineError(Finding("warehouse-failed", "warehouse", "the disk is full"))
            return original(self, *given)

        monkeypatch.setattr(aside.FileWriter, at, failing)
        with pytest.raises(EngineError, match="the disk is full"):
            layer.publish(to=to)
    assert to.read_bytes() == before
    assert names_in(tmp_path).count("executive.duckdb") == 1
    assert not any("publishing" in name for name in names_in(tmp_path))


def test_the_warehouse_itself_is_never_swapped_away(project: Path, warehouse: Path) -> None:
    with Layer.load(project, warehouse) as layer, pytest.raises(DeclarationError, match=r"holds main\.orders, main\.regions, main\.shops"):
        layer.publish(to=warehouse)
    with duckdb.connect(str(warehouse), read_only=True) as reader:
        assert reader.execute("select count(*) from orders").fetchall() == [(8,)]


def test_a_file_that_is_no_database_is_not_overwritten(project: Path, warehouse: Path, tmp_path: Path) -> None:
    to = tmp_path / "notes.txt"
    to.write_text("my notes, a full page of them\n" * 100)
    with Layer.load(project, warehouse) as layer, pytest.raises(EngineError):
        layer.publish(to=to)
    assert to.read_text().startswith("my notes")


def test_a_file_that_somebody_writes_to_is_not_swapped(project: Path, warehouse: Path, tmp_path: Path) -> None:
    to = tmp_path / "executive.duckdb"
    with Layer.load(project, warehouse) as layer:
        layer.publish(to=to)
        (tmp_path / "executive.duckdb.wal").write_bytes(b"")
        with pytest.raises(EngineError, match="somebody is writing to"):
            layer.publish(to=to)


def test_a_folder_that_is_none_is_refused(project: Path, warehouse: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with Layer.load(project, warehouse) as layer, pytest.raises(EngineError, match="cannot be written"):
        layer.publish(to=tmp_path / "file" / "executive.duckdb")


def test_a_warehouse_that_somebody_reads_is_not_waited_for(project: Path, warehouse: Path, tmp_path: Path) -> None:
    script = f"import duckdb, sys; c = duckdb.connect({str(warehouse)!r}, read_only=True); print('open', flush=True); sys.stdin.readline()"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None and reader.stdin is not None
        assert reader.stdout.readline() == "open\n"
        with Layer.load(project, warehouse) as layer:
            with pytest.raises(EngineError, match="opening the warehouse for writing failed") as failed:
                layer.publish()
            assert "readers do not stop `--to FILE`" in str(failed.value)
            layer.publish(to=tmp_path / "readers.duckdb")
        reader.stdin.close()
    with duckdb.connect(str(tmp_path / "readers.duckdb"), read_only=True) as now:
        assert now.execute("select sum(revenue) from executive.region_month").fetchall() == [(560,)]


def test_a_warehouse_called_like_its_schema_is_refused_in_place_and_read_by_one_name_in_a_file(
    project: Path, warehouse: Path, tmp_path: Path
) -> None:
    called = tmp_path / "there" / "executive.duckdb"
    called.parent.mkdir()
    warehouse.rename(called)
    with Layer.load(project, called) as layer:
        with pytest.raises(DeclarationError, match="the warehouse is called `executive`"):
            layer.publish()
        for name in ("executive", "frontline", "other"):
            to = tmp_path / f"{name}.duckdb"
            for _ in range(2):  # what stands there is known for ours, wherever it stands
                layer.publish(to=to)
            with duckdb.connect(str(to), read_only=True) as reader:
                assert reader.execute("select sum(revenue) from executive.region_month").fetchall() == [(560,)]
                assert reader.execute("select count(*) from frontline.shop_day").fetchall() == [(8,)]
                assert reader.execute("select count(*) from executive.dl_publications").fetchall() == [(10,)]


def test_a_link_stays_and_what_it_leads_to_is_swapped(project: Path, warehouse: Path, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    link = tmp_path / "readers.duckdb"
    link.symlink_to(tmp_path / "store" / "edition.duckdb")
    for _ in range(2):
        Layer.load(project, str(warehouse)).publish(to=link)
        assert link.is_symlink()
        assert names_in(tmp_path / "store") == ["edition.duckdb"]


def test_a_pipe_is_no_file_to_publish_to(project: Path, warehouse: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(EngineError, match="is no DuckDB file"):
        Layer.load(project, str(warehouse)).publish(to=tmp_path / "pipe")
    assert (tmp_path / "pipe").is_fifo()
