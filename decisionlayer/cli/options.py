"""The options that verbs share, each written once. Keys of a question are options of the same name."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, TypeAlias

import typer

QUESTION = "The question"

Project: TypeAlias = Annotated[
    str | None, typer.Option("--project", metavar="DIR", help="The project's folder; the one you stand in unless you say.")
]
Warehouse: TypeAlias = Annotated[
    str | None, typer.Option("--warehouse", metavar="URL", help="Where the data is, as duckdb:///warehouse.duckdb.")
]
Format: TypeAlias = Annotated[
    str | None, typer.Option("--format", metavar="NAME", help="How to print: table, csv, json, arrow or parquet, where it makes sense.")
]
Output: TypeAlias = Annotated[
    str | None, typer.Option("--output", "-o", metavar="FILE", help="Write the result into this file instead of printing it.")
]
Metrics: TypeAlias = Annotated[list[str] | None, typer.Argument(metavar="[METRIC]...", help="The metrics, by name.")]
MoreMetrics: TypeAlias = Annotated[
    list[str] | None, typer.Option("--metrics", "-m", metavar="METRIC", help="Also a metric; repeat it.", rich_help_panel=QUESTION)
]
By: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--by", "-b", metavar="PATH", help="Split by: month, carrier.name, origin …; repeat it.", rich_help_panel=QUESTION),
]
Where: TypeAlias = Annotated[
    str | None, typer.Option("--where", metavar="FILTER", help="Only these rows: \"origin = 'JFK'\".", rich_help_panel=QUESTION)
]
Having: TypeAlias = Annotated[
    str | None, typer.Option("--having", metavar="FILTER", help="Only these results: late_minutes > 300.", rich_help_panel=QUESTION)
]
Start: TypeAlias = Annotated[
    str | None, typer.Option("--start", metavar="TIME", help="From, as 2013, 2013-02, 2013-02-28T06; included.", rich_help_panel=QUESTION)
]
End: TypeAlias = Annotated[
    str | None, typer.Option("--end", metavar="TIME", help="To; 2013-12 is all December.", rich_help_panel=QUESTION)
]
OrderBy: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--order", metavar="COLUMN", help="Sort by; -COLUMN turns it round; repeat it.", rich_help_panel=QUESTION),
]
Limit: TypeAlias = Annotated[
    int | None, typer.Option("--limit", metavar="N", help="At most so many rows.", rich_help_panel=QUESTION)
]
Params: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--param", metavar="NAME=VALUE", help="The value of :NAME in a filter; '…' forces text; repeat it.", rich_help_panel=QUESTION
    ),
]
Paths: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--paths", metavar="PATH:METRIC=PATH", help="Settles an ambiguous path for a metric or source.", rich_help_panel=QUESTION
    ),
]
Today: TypeAlias = Annotated[
    str | None, typer.Option("--today", metavar="DATE", help="The day that counts as today.", rich_help_panel=QUESTION)
]
Compare: TypeAlias = Annotated[
    list[str] | None, typer.Option("--compare", metavar="WITH", help="A later version compares.", rich_help_panel=QUESTION)
]
Basis: TypeAlias = Annotated[
    str | None, typer.Option("--basis", metavar="BASIS", help="A later version restates.", rich_help_panel=QUESTION)
]


class Misuse(Exception):
    """The command was written wrongly; says how to write it."""


_INTEGER = re.compile(r"[+-]?\d{1,18}\Z")
_DECIMAL = re.compile(r"[+-]?(\d+\.\d*|\.\d+)\Z")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}


def read_params(texts: list[str] | None) -> dict[str, object]:
    """Return parameters by name, typed by how they are written: whole and decimal numbers, dates, true, false, null, else text.

    >>> read_params(["n=3", "rate=0.5", "day=2013-01-31", "region=Northeast", "code='007'"])["code"]
    '007'
    """
    read: dict[str, object] = {}
    for text in texts or []:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise Misuse(f"--param takes NAME=VALUE, not {text!r}")
        if name in read:
            raise Misuse(f"--param says {name} twice")
        read[name] = _typed(value)
    return read


def _typed(value: str) -> object:
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1].replace("''", "'")
    if _INTEGER.match(value):
        return int(value)
    if _DECIMAL.match(value):
        return Decimal(value)
    if value in _WORDS:
        return _WORDS[value]
    if _DAY.match(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            return value
    return value


def read_paths(texts: list[str] | None) -> dict[str, dict[str, str]]:
    """Return the settled paths, by asked path and by metric or source.

    >>> read_paths(["origin.name:visits=from_airport.name"])
    {'origin.name': {'visits': 'from_airport.name'}}
    """
    read: dict[str, dict[str, str]] = {}
    for text in texts or []:
        asked, colon, choice = text.partition(":")
        who, equals, way = choice.partition("=")
        if not (asked and colon and who and equals and way):
            raise Misuse(f"--paths takes PATH:METRIC=PATH, not {text!r}")
        read.setdefault(asked, {})[who] = way
    return read
