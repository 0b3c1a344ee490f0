"""A DuckDB file built aside and swapped in by rename: readers see the old file or the new one, whole, and nothing between.

A reader that has the old file open keeps it until he closes it. Whatever happens before the rename, a crash included,
leaves the old file as it was; what a crash left behind is swept away by the next publication.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from decisionlayer.errors import EngineError
from decisionlayer.findings import Finding
from decisionlayer.run.duckdb import _DuckDBWriter, _failures, refuse_other_files, steady

if TYPE_CHECKING:
    import pyarrow as pa


class FileWriter(_DuckDBWriter):
    """What may be done to a file that is being built: statements, and rows that come as Arrow."""

    def load(self, create: str, rows: pa.RecordBatchReader) -> None:
        """Run ``create``, a statement that reads the rows under the name ``arriving``."""
        self._connection.register("arriving", rows)
        try:
            self.execute(create)
        finally:
            self._connection.unregister("arriving")


@contextmanager
def built_aside(path: Path) -> Iterator[FileWriter]:
    """Open a new DuckDB file for writing; at the end of the block it takes the place of ``path``, unless something failed.

    Where ``path`` is a link, what it leads to is replaced, and the link stays.

    Raises EngineError ``warehouse-failed`` when the folder cannot be written, or somebody is writing to the old file.
    """
    import duckdb

    path = Path(os.path.realpath(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path)
        aside = Path(tempfile.mkdtemp(prefix=f"{_prefix(path)}{os.getpid()}-", dir=path.parent))
    except OSError as wrong:
        raise EngineError(_cannot(path, wrong)) from wrong
    try:
        built = aside / path.name
        with _failures(str(path), ""):
            connection = steady(duckdb.connect(str(built)), str(path))
        try:
            writer = FileWriter(connection, str(path))
            yield writer
            writer.execute("CHECKPOINT")
        finally:
            connection.close()
        try:
            _swap(built, path)
        except OSError as wrong:
            raise EngineError(_cannot(path, wrong)) from wrong
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def looked_into(path: Path) -> Iterator[Any]:
    """Open an existing DuckDB file for reading, on a connection of its own, and close it at the end of the block.

    Raises EngineError ``warehouse-failed`` when it is no DuckDB file or somebody holds it.
    """
    import duckdb

    refuse_other_files(path)
    with _failures(str(path), ""):
        connection = steady(duckdb.connect(str(path), read_only=True), str(path))
    try:
        yield _DuckDBWriter(connection, str(path))
    finally:
        connection.close()


def _swap(built: Path, path: Path) -> None:
    log = path.with_name(f"{path.name}.wal")
    if log.exists():
        # Beside the new file, the old one's log would be replayed into it.
        raise EngineError(Finding(
            "warehouse-failed", "warehouse", f"somebody is writing to {path}: its log {log.name} lies beside it",
            help="close the program that writes to it; if it crashed, open and close the file once with DuckDB",
        ))  # fmt: skip
    with built.open("rb") as written:
        os.fsync(written.fileno())
    built.replace(path)
    with suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _prefix(path: Path) -> str:
    return f".{path.name}.publishing-"


def _sweep(path: Path) -> None:
    """Remove what publications that were killed left beside ``path``; those that still run are left alone."""
    for left in path.parent.iterdir():
        process = left.name.removeprefix(_prefix(path)).partition("-")[0]
        if left.name.startswith(_prefix(path)) and process.isdigit() and not _is_alive(int(process)):
            shutil.rmtree(left, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _cannot(path: Path, wrong: OSError) -> Finding:
    return Finding(
        "warehouse-failed", "warehouse", f"{path} cannot be written: {wrong.strerror or wrong}",
        why="what was there before is untouched", help="check the folder, its rights and the space on the disk",
    )  # fmt: skip
