"""Machine formats: csv, json, arrow and parquet, to stdout or to a file."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from decisionlayer.cli.options import Misuse
from decisionlayer.run.result import Result

TEXT_FORMATS = ("table", "csv", "json")
BINARY_FORMATS = ("arrow", "parquet")


def choose(asked: str | None, allowed: Sequence[str]) -> str:
    """Return the asked format, the first allowed one when none is asked; misuse otherwise."""
    if asked is None:
        return allowed[0]
    if asked not in allowed:
        raise Misuse(f"--format takes {', '.join(allowed[:-1])} or {allowed[-1]} here, not {asked!r}" if len(allowed) > 1
                     else f"--format takes {allowed[0]} here, not {asked!r}")  # fmt: skip
    return asked


def as_json(result: Result) -> str:
    """Return ``{"columns", "rows", "passports"}``; dates and times as ISO 8601, decimals as numbers."""
    rows = [[_plain(value) for value in row] for row in result.rows()]
    passports = {name: dict(passport) for name, passport in result.passports.items()}
    return json.dumps(
        {"columns": list(result.columns), "rows": rows, "passports": passports}, ensure_ascii=False, default=str, allow_nan=False
    )


def _plain(value: object) -> object:
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def as_csv(result: Result) -> str:
    """Return a header and the rows; NULL is an empty field, and an empty text is quoted, so that the two differ."""
    text = io.StringIO()
    plain = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NOTNULL if sys.version_info >= (3, 12) else csv.QUOTE_MINIMAL)
    plain.writerow(result.columns)
    for row in result.rows():
        plain.writerow([value.isoformat() if isinstance(value, dt.date | dt.datetime) else value for value in row])
    return text.getvalue()


def write_binary(result: Result, format: str, output: str | None) -> None:
    """Write Arrow IPC (a stream) or Parquet to ``output`` or, when it is piped, to stdout; misuse on a terminal."""
    if output is None and sys.stdout.isatty():
        raise Misuse(f"--format {format} is no text for a terminal; add --output FILE, or pipe it")
    data = _bytes(result, format)
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        write_file(output, data)


def write_file(output: str, data: bytes) -> None:
    """Write a file whole or not at all."""
    target = Path(output)
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        aside.write_bytes(data)
        aside.replace(target)
    except OSError as wrong:
        aside.unlink(missing_ok=True)
        raise Misuse(f"{output} cannot be written: {wrong.strerror}") from wrong


def _bytes(result: Result, format: str) -> bytes:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    table = result.arrow()
    if format == "parquet":
        import pyarrow.parquet as pq

        pq.write_table(table, sink)
    else:
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())
