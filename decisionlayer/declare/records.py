"""Records: what was signed, allowed, decided and said, one file each. Commands write them, nobody by hand.

A record is told by its first key, names who it is ``by`` and the day on which it was ``dated``, and the heads of the log
that it follows (``after``). Its *hash* is taken over its canonical form and stands in its file's name, so that no record can
be changed, and none that another one follows can vanish, without being seen.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

from pydantic import Field

from decisionlayer.declare.base import Day, Declaration, Expression, Moment, Number, OneOrMany, Prose, Texts

#: The version of the canonical form; it goes up when the same record would get another hash.
FORMAT: Final = 1


class Sign(Declaration):
    """A signature: ``by`` stands for what each name means now, until a day.

    ``meaning`` holds the fingerprint that was signed, ``parts`` those of its parts, so that a later change can say what it changed.
    ``frames`` are the last days that the tables and calendars beneath knew, so that what is added after them can be told apart.
    """

    sign: OneOrMany
    meaning: dict[str, str] = Field(default_factory=dict)
    parts: dict[str, dict[str, str]] = Field(default_factory=dict)
    frames: dict[str, Day] = Field(default_factory=dict)
    by: str
    dated: Day
    until: Day
    after: Texts = ()


class Restate(Declaration):
    """A past that is read otherwise from now on: the value that was published and the one that takes its place."""

    restate: str
    since: Day | None = None
    start: Moment | None = None
    end: Moment | None = None
    was: Number
    now: Number
    why: Prose
    by: str
    dated: Day
    after: Texts = ()


class Waive(Declaration):
    """A finding that is allowed for one thing, until a day."""

    waive: str
    for_: str
    why: Prose
    by: str
    dated: Day
    until: Day
    after: Texts = ()


class Decide(Declaration):
    """What was chosen, why, what is expected of it, and the brief that it was chosen on."""

    decide: str
    choose: str
    why: Prose
    expects: dict[str, Number] = Field(default_factory=dict)
    brief: str | None = None
    by: str
    dated: Day
    after: Texts = ()


class Outcome(Declaration):
    """What was found when a decision was looked at again."""

    outcome: str
    found: dict[str, Number]
    by: str
    dated: Day
    after: Texts = ()


class HandOver(Declaration):
    """Who answers for some things from now on."""

    hand_over: OneOrMany
    to: str
    by: str
    dated: Day
    after: Texts = ()


class Flag(Declaration):
    """A thing does not reflect reality: said by whoever sees it, with how far it would change a term if it is upheld."""

    flag: str
    id: str
    where: Expression | None = None
    start: Moment | None = None
    end: Moment | None = None
    severity: Literal["note", "disputes", "blocks"]
    text: Prose
    if_upheld: dict[str, Number] = Field(default_factory=dict)
    by: str
    dated: Day
    after: Texts = ()


class Answer(Declaration):
    """What is said to a flag, and what was done."""

    answer: str
    text: Prose
    did: Prose | None = None
    by: str
    dated: Day
    after: Texts = ()


class Close(Declaration):
    """A flag is settled; only whoever raised it says so."""

    close: str
    by: str
    dated: Day
    after: Texts = ()


Record: TypeAlias = Sign | Restate | Waive | Decide | Outcome | HandOver | Flag | Answer | Close

#: The key that a record begins with, which is also its folder, and its model.
RECORDS: Final[dict[str, type[Declaration]]] = {
    "sign": Sign, "restate": Restate, "waive": Waive, "decide": Decide, "outcome": Outcome, "hand_over": HandOver,
    "flag": Flag, "answer": Answer, "close": Close,
}  # fmt: skip
_KINDS: Final = {model: kind for kind, model in RECORDS.items()}


def kind_of_record(record: Record) -> str:
    """Return the key that a record begins with."""
    return _KINDS[type(record)]


def said_by(record: Record) -> dict[str, Any]:
    """Return what a record says, by the keys that people read, in its own order; ``after`` always, nothing else that is empty."""
    keys = {field.alias or name: getattr(record, name) for name, field in type(record).model_fields.items()}
    return {key: value for key, value in keys.items() if key == "after" or value not in (None, (), {})}


def record_hash(record: Record) -> str:
    """Return the hash of a record: 16 hexadecimal digits over what it says, whatever it is spelt like."""
    told = json.dumps([FORMAT, _plain(said_by(record))], ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(told.encode("ascii")).hexdigest()[:16]


def record_file(record: Record) -> str:
    """Return the name of a record's file, from the folder of records: ``sign/2026-07-01-9c0e41d2aa07b613.yml``."""
    return f"{kind_of_record(record)}/{record.dated.isoformat()}-{record_hash(record)}.yml"


def _plain(value: Any) -> Any:
    """A value as JSON; a number as its digits, told apart from text."""
    match value:
        case Decimal():
            return {"number": format(value.normalize(), "f")}
        case dt.date():
            return value.isoformat()
        case dict():
            return {key: _plain(one) for key, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case _:
            return value
