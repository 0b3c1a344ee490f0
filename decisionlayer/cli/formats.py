"""Results as text and as bytes: tables for people; csv, json, arrow and parquet for machines; to stdout or to a file."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from decisionlayer.cli.console import wants_colour, width
from decisionlayer.cli.misuse import Misuse
from decisionlayer.resolve.trust.standing import UNSIGNED
from decisionlayer.run.result import Result

if TYPE_CHECKING:
    from decisionlayer.layer import Layer

TEXT_FORMATS = ("table", "csv", "json")
BINARY_FORMATS = ("arrow", "parquet")


def named_by(output: str | None) -> list[str] | None:
    """Return the format that a file's ending names, so that no table for people stands in a file called ``.parquet``.

    >>> named_by("out/answer.parquet"), named_by("answer.txt"), named_by(None)
    (['parquet'], None, None)
    """
    ending = Path(output or "").suffix.lower().removeprefix(".")
    return [ending] if ending in (*TEXT_FORMATS, *BINARY_FORMATS) else None


def writes_to(format: str, output: str | None) -> str | None:
    """Return the file that a format is written to, None for stdout; misuse when bytes would go to a terminal."""
    if output is not None:
        if Path(output).is_dir():
            raise Misuse(f"{output} is a folder", "name a file in it")
        if not Path(output).absolute().parent.is_dir():
            raise Misuse(f"there is no folder {Path(output).parent}", "make it first")
    elif format in BINARY_FORMATS and sys.stdout.isatty():
        raise Misuse(f"--format {format} is no text for a terminal", "add --output FILE, or pipe it")
    return output


def as_text(result: Result, format: str, *, to_file: bool = False) -> str:
    """Return a result in one of the text formats."""
    match format:
        case "csv":
            return as_csv(result)
        case "json":
            return as_json(result)
        case _:
            from decisionlayer.cli.tables import result_table

            return result_table(result, width=width(), colour=wants_colour() and not to_file)


def as_json(result: Result) -> str:
    """Return ``{"columns": [...], "rows": [[...]], "passports": {...}}``, a line for each row; ``findings`` where there are any.

    Dates and times are ISO 8601 text; decimals are numbers with all their digits; NULL is null.
    """
    columns = json.dumps(list(result.columns), ensure_ascii=False)
    rows = ",\n  ".join("[" + ", ".join(_json(value) for value in row) + "]" for row in result.rows())
    passports = json.dumps({name: dict(p) for name, p in result.passports.items()}, ensure_ascii=False, default=str)
    found = json.dumps([finding.as_json() for finding in result.findings], ensure_ascii=False)
    told = f',\n "findings": {found}' if result.findings else ""
    return f'{{"columns": {columns},\n "rows": [{rows}],\n "passports": {passports}{told}}}'


def _json(value: object) -> str:
    match value:
        case Decimal():
            return format(value, "f")
        case dt.date() | dt.time():
            return json.dumps(value.isoformat())
        case _:
            return json.dumps(value, ensure_ascii=False, allow_nan=False)


def as_csv(result: Result) -> str:
    """Return a header and the rows; NULL is an empty field, an empty text is ``""``, so that the two differ.

    Numbers have all their digits and no thousands separators, dates and times are ISO 8601. A lone NULL column is ``""``:
    an empty line would be no row to most readers.
    """
    lines = [",".join(_csv(name) for name in result.columns)]
    lines += [",".join(_csv(value) for value in row) or '""' for row in result.rows()]
    return "\n".join(lines) + "\n"


def _csv(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case Decimal():
            return format(value, "f")
        case dt.date() | dt.time():
            return value.isoformat()
        case str() if value == "" or any(sign in value for sign in ',"\n\r') or value != value.strip():
            return '"' + value.replace('"', '""') + '"'
        case _:
            return str(value)


def walks(layer: Layer, question: Mapping[str, Any]) -> str:
    """Return the walk to each naive number that a question asks for, as text; nothing for a question with a split."""
    if not question.get("naive") or question.get("by") or question.get("levels"):
        return ""
    from decisionlayer.decide import naive_walk

    choices = [name for name in question["metrics"] if layer.model.metrics[name].translation is not None]
    asked = {key: value for key, value in question.items() if key not in ("metrics", "naive", "order", "limit", "compare", "having")}
    return "".join(f"\n\n{naive_walk(layer, name, **asked).render(min(width(), 100))}" for name in choices)


def marked(about: Mapping[str, object]) -> list[str]:
    """Return a note with the mark of an answer, where somebody has signed any of it; what nobody signed is a draft and says nothing.

    >>> marked({"mark": "OFFICIAL: signed by finance, until 2027-06-30."})
    ['official: signed by finance, until 2027-06-30']
    """
    mark, colon, words = str(about.get("mark", "")).rstrip(".").partition(":")
    return [f"{mark.lower()}{colon}{words}"] if words and not words.strip().startswith(UNSIGNED) else []


def drafts(passports: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Return a note for each metric that may be asked and not published, with what it lacks.

    >>> drafts({"orders": {"lacks": ["nobody answers for it", "it has no unit"]}})
    ['`orders` cannot be published: nobody answers for it, and 1 more; `check` lists them']
    """
    notes = []
    for metric, passport in passports.items():
        lacks = passport.get("lacks")
        if isinstance(lacks, list) and lacks:
            more = f", and {len(lacks) - 1} more; `check` lists them" if len(lacks) > 1 else ""
            notes.append(f"`{metric}` cannot be published: {lacks[0]}{more}")
    return notes


def write(result: Result, format: str, output: str | None) -> None:
    """Write a result in any format to a file, whole or not at all; Arrow IPC (a stream) and Parquet also to stdout."""
    if output is not None:
        data = _bytes(result, format) if format in BINARY_FORMATS else _lined(as_text(result, format, to_file=True))
        write_file(output, data)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(_bytes(result, format))
        sys.stdout.buffer.flush()


def _lined(text: str) -> bytes:
    return (text if text.endswith("\n") else text + "\n").encode()


def write_file(output: str, data: bytes) -> None:
    """Write a file whole or not at all; a device or a pipe, such as ``/dev/stdout``, as it comes. Raises Misuse when neither can be.

    A link stays one: what it leads to is written.
    """
    target = Path(output)
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(data)
            return
        target = target.resolve()
    except OSError as wrong:
        raise Misuse(f"{output} cannot be written: {(wrong.strerror or str(wrong)).lower()}") from wrong
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        aside.write_bytes(data)
        aside.replace(target)
    except OSError as wrong:
        raise Misuse(f"{output} cannot be written: {(wrong.strerror or str(wrong)).lower()}") from wrong
    finally:
        aside.unlink(missing_ok=True)


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
