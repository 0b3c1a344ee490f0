"""The options that verbs share, each written once. Keys of a question are options of the same name.

Every option is read as a list, so that one said twice is seen and refused instead of half swallowed.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Annotated, Any, TypeAlias

import typer

from decisionlayer.cli.misuse import Misuse
from decisionlayer.cli.values import read_limit, read_params, read_paths

Project: TypeAlias = Annotated[
    list[str] | None, typer.Option("--project", metavar="DIR", help="The project's folder; without it, the one you stand in.")
]
Warehouse: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--warehouse", metavar="URL", help="Where the data is: duckdb:///warehouse.duckdb, or the file alone."),
]
Format: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--format", metavar="NAME", help="table, csv, json, arrow, parquet or sarif, where it makes sense."),
]
Output: TypeAlias = Annotated[
    list[str] | None, typer.Option("--output", "-o", metavar="FILE", help="Write into this file instead of printing.")
]
Metrics: TypeAlias = Annotated[list[str] | None, typer.Argument(metavar="METRIC", hidden=True)]


def _key(*names: str, metavar: str, help: str, hidden: bool = False) -> Any:
    return Annotated[list[str] | None, typer.Option(*names, metavar=metavar, help=help, hidden=hidden)]


#: The keys of a question, as options. The last ones are answered by a later version; until then they say so.
QUESTION: Mapping[str, Any] = {
    "more": _key("--metrics", "-m", metavar="METRIC", help="Also a metric; repeat it."),
    "by": _key("--by", "-b", metavar="PATH", help="Split by month, carrier.name, origin …; repeat it."),
    "where": _key("--where", metavar="FILTER", help="Only these rows: \"origin = 'JFK'\"."),
    "having": _key("--having", metavar="FILTER", help='Only these results: "late_minutes > 300".'),
    "start": _key("--start", metavar="TIME", help="From 2013, 2013-02 or 2013-02-28T06 on, which is included."),
    "end": _key("--end", metavar="TIME", help="To the end of it: 2013-12 is all December."),
    "order": _key("--order", metavar="COLUMN", help="Sort by it; -COLUMN turns it round; repeat it."),
    "limit": _key("--limit", metavar="N", help="At most so many rows."),
    "param": _key("--param", metavar="NAME=VALUE", help="The value of :NAME in a filter; '…' is text; repeat it."),
    "paths": _key("--paths", metavar="PATH:METRIC=PATH", help="Which way a metric or source takes to an ambiguous path."),
    "today": _key("--today", metavar="DATE", help="The day that counts as today."),
    "compare": _key("--compare", metavar="WITH", help="Not answered yet.", hidden=True),
    "basis": _key("--basis", metavar="BASIS", help="as_reported, restated or restated@DATE: definitions and structure at once."),
    "structure": _key("--structure", metavar="HOW", help="Read entities with history as_was, as_is or at:2025-12-31."),
    "definition": _key("--definition", metavar="HOW", help="as_then or restated."),
    "known_on": _key("--known-on", metavar="DATE", help="Leave out rows that arrived after this day."),
    "levels": _key("--levels", metavar="PATHS", help="Several splits at once: month,shop.city, or total; repeat it."),
    "fill": _key("--fill", metavar="HOW", help="Not answered yet.", hidden=True),
    "rest": Annotated[bool, typer.Option("--rest", help="Give what lies beyond --limit as one row more.")],
    "extremes": Annotated[bool, typer.Option("--extremes", help="Give the least and the greatest of each dimension.")],
    "ledger": Annotated[bool, typer.Option("--ledger", help="Put on the passports where every row went, each looked for by its key.")],
    "totals": Annotated[bool, typer.Option("--totals", help="Also every beginning of --by, down to the total.")],
    "naive": Annotated[bool, typer.Option("--naive", help="Also what the frontline's number would have said, and how far it is off.")],
}
_FLAGS = ("rest", "extremes", "totals", "naive", "ledger")
_LISTS = ("by", "order", "compare")


def asks(verb: Callable[..., None]) -> Callable[..., None]:
    """Give a verb the options of a question; it gets what was asked as one mapping, ``question``, without empty keys."""

    @wraps(verb)
    def asking(metrics: list[str] | None = None, **said: Any) -> None:
        keys = {key: said.pop(key) for key in tuple(said) if key in QUESTION}
        verb(question=read_question(metrics, keys), **said)

    own = [p for p in inspect.signature(verb, eval_str=True).parameters.values() if p.name != "question"]
    keyword = inspect.Parameter.KEYWORD_ONLY
    first = inspect.Parameter("metrics", keyword, default=None, annotation=Metrics)
    keys = [
        inspect.Parameter(name, keyword, default=False if name in _FLAGS else None, annotation=kind)
        for name, kind in QUESTION.items()
    ]
    parameters = [first, *keys, *(p.replace(kind=keyword) for p in own)]
    asking.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    asking.__annotations__ = {p.name: p.annotation for p in parameters}
    return asking


def read_question(metrics: Sequence[str] | None, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of a question as ``Layer.query`` takes them; what was not said is left out.

    >>> read_question(["late_minutes"], {"by": ["month,origin", "carrier.name"], "limit": ["3"]})
    {'metrics': ['late_minutes'], 'by': ['month', 'origin', 'carrier.name'], 'limit': 3}
    """
    asked: dict[str, Any] = {"metrics": listed("the list of metrics", [*(metrics or ()), *(said.get("more") or ())])}
    for key, value in said.items():
        if key in _LISTS:
            asked[key] = listed(f"--{key}", value or ())
        elif key == "levels":
            asked[key] = list(value or ())
        elif key == "limit":
            asked[key] = read_limit(once("--limit", value))
        elif key == "param":
            asked["params"] = read_params(value)
        elif key == "paths":
            asked[key] = read_paths(value)
        elif isinstance(value, bool):
            asked[key] = value
        elif key != "more":
            asked[key] = once(f"--{key.replace('_', '-')}", value)
    return {key: value for key, value in asked.items() if value is not None and value is not False and value not in ([], {})}


def listed(what: str, texts: Sequence[str]) -> list[str]:
    """Return the items of a list that was said piece by piece or with commas; no name holds a comma."""
    items: list[str] = []
    for text in texts:
        found = [item for item in map(str.strip, text.split(",")) if item]
        if not found or "-" in found:
            raise Misuse(f"{what} has an empty name in it", "take it out")
        items += found
    return items


def once(option: str, values: Sequence[str] | None, before: Sequence[str] | None = None) -> str | None:
    """Return the one value of an option, said after the verb or before it; None when it was not said."""
    said = [*(before or ()), *(values or ())]
    if len(set(said)) > 1:
        raise Misuse(f"{option} is said twice, as {said[0]} and as {said[1]}", "say it once")
    if said and not said[0].strip():
        raise Misuse(f"{option} is empty", "give it a value, or leave it out")
    return said[0] if said else None
