"""Values as they are typed on a command line: numbers, days, words, and the ways of a path."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from decisionlayer.cli.misuse import Misuse

_INTEGER = re.compile(r"[+-]?\d{1,18}\Z")
_DECIMAL = re.compile(r"[+-]?(\d+\.\d*|\.\d+)\Z")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}


def read_params(texts: Sequence[str] | None) -> dict[str, object]:
    """Return parameters by name, each typed by how it is written.

    Whole numbers, decimals, days (``2013-01-31``), times (``2013-01-31T06:00``), ``true``, ``false`` and ``null`` are what they
    look like; everything else is text, and quotes make text of anything.

    >>> read_params(["n=3", "rate=0.5", "region=Northeast", "code='007'"])
    {'n': 3, 'rate': Decimal('0.5'), 'region': 'Northeast', 'code': '007'}
    """
    read: dict[str, object] = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        name = name.strip().removeprefix(":")
        if not equals or not name:
            raise Misuse(f"--param takes NAME=VALUE, not {text}", "as in --param region=Northeast")
        if name in read:
            raise Misuse(f"--param gives {name} twice", "give it once")
        read[name] = read_value(value)
    return read


def read_value(value: str) -> object:
    """Return one value, typed by how it is written.

    >>> read_value("2013-01-31"), read_value("0042"), read_value("O'Hare"), read_value("")
    (datetime.date(2013, 1, 31), 42, "O'Hare", '')
    """
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1].replace("''", "'")
    if _INTEGER.match(value):
        return int(value)
    if _DECIMAL.match(value):
        return Decimal(value)
    if value in _WORDS:
        return _WORDS[value]
    try:
        if _DAY.match(value):
            return dt.date.fromisoformat(value)
        if _TIME.match(value):
            return dt.datetime.fromisoformat(value)
    except ValueError:
        return value
    return value


def read_paths(texts: Sequence[str] | None) -> dict[str, dict[str, str]]:
    """Return the settled paths, by asked path and by metric or source.

    >>> read_paths(["origin.name:visits=from_airport.name"])
    {'origin.name': {'visits': 'from_airport.name'}}
    """
    read: dict[str, dict[str, str]] = {}
    for text in texts or ():
        asked, colon, choice = text.partition(":")
        who, equals, way = choice.partition("=")
        if not (asked and colon and who and equals and way):
            raise Misuse(f"--paths takes PATH:METRIC=PATH, not {text}", "as in --paths origin.name:visits=from_airport.name")
        if who in read.setdefault(asked, {}):
            raise Misuse(f"--paths settles {asked} for {who} twice", "settle it once")
        read[asked][who] = way
    return read


def read_limit(text: str | None) -> int | None:
    """Return a number of rows.

    >>> read_limit("20")
    20
    """
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,18}", text):
        raise Misuse(f"--limit takes a whole number of rows, not {text}")
    return int(text)
