"""A brief: a decision laid out, as plain data with facts and passports in it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal

from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Brief:
    """What a decider reads: the options over each horizon, how firm the ranking is, and what would flip it.

    ``horizons``, ``crossovers``, ``flags`` and ``passports`` are plain data, in the shape that ``brief --format json`` prints.
    The same declarations, data and days give the same bytes, and ``hash`` is taken over them.
    """

    decision: str
    status: str
    known_on: dt.date | None
    horizons: tuple[Mapping[str, object], ...]
    flags: tuple[Mapping[str, object], ...]
    findings: tuple[Finding, ...]
    question: str = ""
    decider: str = ""
    agree: tuple[str, ...] = ()
    mode: str = "support"
    today: dt.date | None = None
    meaning: str = ""
    status_quo: str | None = None
    because: str = ""
    draft_because: tuple[str, ...] = ()
    crossovers: tuple[Mapping[str, object], ...] = ()
    passports: Mapping[str, Mapping[str, object]] | None = None

    @property
    def hash(self) -> str:
        """The fingerprint of everything in it: ``b1:`` and 16 hexadecimal digits."""
        return "b1:" + hashlib.sha256(written(self._plain()).encode()).hexdigest()[:16]

    def as_json(self) -> str:
        """Return the brief as one JSON object: numbers with all their digits, keys in one order."""
        return written({**self._plain(), "hash": self.hash})

    def _plain(self) -> Mapping[str, object]:
        return {
            "decision": self.decision,
            "question": self.question,
            "decider": self.decider,
            "agree": list(self.agree),
            "mode": self.mode,
            "status": self.status,
            "draft_because": list(self.draft_because),
            "today": self.today,
            "known_on": self.known_on,
            "meaning": self.meaning,
            "status_quo": self.status_quo,
            "because": self.because,
            "horizons": list(self.horizons),
            "crossovers": list(self.crossovers),
            "flags": list(self.flags),
            "findings": [finding.as_json() for finding in self.findings],
            "passports": dict(self.passports or {}),
        }


def written(value: object, indent: str = "") -> str:
    """Return plain data as JSON, one item a line down to where a line holds only numbers and names.

    >>> written({"score": Decimal("0.6025"), "place": None, "on": dt.date(2026, 7, 1)})
    '{"score": 0.6025, "place": null, "on": "2026-07-01"}'
    """
    flat = _flat(value)
    if len(flat) + len(indent) <= 120:
        return flat
    deeper = indent + " "
    match value:
        case Mapping():
            items = [f"{json.dumps(str(key), ensure_ascii=False)}: {written(item, deeper)}" for key, item in value.items()]
            ends = "{}"
        case list() | tuple():
            items = [written(item, deeper) for item in value]
            ends = "[]"
        case _:
            return flat
    lines = f",\n{deeper}".join(items)
    return f"{ends[0]}\n{deeper}{lines}\n{indent}{ends[1]}"


def _flat(value: object) -> str:
    match value:
        case Mapping():
            return "{" + ", ".join(f"{json.dumps(str(key), ensure_ascii=False)}: {_flat(item)}" for key, item in value.items()) + "}"
        case Decimal():
            return format(value, "f")
        case dt.date() | dt.time():
            return json.dumps(value.isoformat())
        case str() | None | bool() | int() | float():
            return json.dumps(value, ensure_ascii=False, allow_nan=False)
        case Sequence() | set() | frozenset():
            return "[" + ", ".join(_flat(item) for item in value) + "]"
        case _:
            return json.dumps(str(value), ensure_ascii=False)
