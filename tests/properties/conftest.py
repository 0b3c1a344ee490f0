from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from tests.properties.pace import TALLY


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    connection.execute("set timezone = 'Pacific/Honolulu'").fetchall()
    connection.execute("set threads = 1").fetchall()  # a second one would only wait for these few rows
    yield connection
    connection.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if TALLY:
        terminalreporter.write_line(
            f"properties: {TALLY['companies']} companies, {TALLY['compared']} different questions answered alike, {TALLY['refused']} refused"
        )
