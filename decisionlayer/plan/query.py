"""A question, as a value: what is asked, of when, of which rows, in which order.

The keys are the same in Python, on the command line and in views. ``Query.of`` is the door: it takes what people type, and
explains what does not fit. Inside the house only the frozen value travels.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, fields
from decimal import Decimal
from typing import TypeAlias

from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass, replace
from decisionlayer.names import did_you_mean

Parameter: TypeAlias = str | int | float | bool | Decimal | dt.date | dt.datetime | None

#: How the level of the grand total is called.
TOTAL = "total"

@dataclass(frozen=True, slots=True)
class Query:
    """One question. Without ``by`` it has one row; without ``metrics`` it asks for the distinct values of ``by``.

    ``start`` and ``end`` are ISO 8601 at any precision, both inclusive as written, in the project's zone. ``where`` and
    ``having`` are filters of the language and may hold ``:name`` parameters, whose values are in ``params``. ``order`` names
    result columns, ``-`` before a name turns it round. ``paths`` settles ambiguous paths:
    ``{"origin.name": {"visits": "from_airport"}}``. ``structure`` says how entities with history are read: ``as_was``, ``as_is``
    or ``at DAY``; ``today`` is the day that ``as_is`` means. ``definition`` is ``as_then`` or ``restated``, ``basis`` bundles both.
    ``known_on`` leaves out what arrived after that day. ``compare`` sets other
    cells beside each metric: ``previous``, ``year_ago``, ``same_weekday_last_year`` (docs/adr/0004-time.md).
    ``fill`` is ``spine``: every period of the range or of the data, and every group in each of them.
    ``rest`` gives what lies beyond ``limit`` as one row more, ``extremes`` the least and greatest of each dimension
    (docs/adr/0006-shapes.md).
    ``levels`` asks several splits at once instead of ``by``; ``totals`` those of ``by`` and of each shorter beginning of it,
    down to the total. ``naive`` sets the frontline's reading beside each choice metric, and how far it is off.
    ``ledger`` looks for every row of each metric by its key, and puts where they went on the passport.
    ``late`` is no key of a question: a ledger asks with it for the rows that came after ``known_on``, too, with whatever else was
    known of them by then.
    """

    metrics: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    where: str | None = None
    having: str | None = None
    start: str | None = None
    end: str | None = None
    order: tuple[str, ...] = ()
    limit: int | None = None
    params: Mapping[str, Parameter] = field(default_factory=dict)
    paths: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    today: dt.date | None = None
    structure: str | None = None
    definition: str | None = None
    basis: str | None = None
    known_on: dt.date | None = None
    compare: tuple[str, ...] = ()
    fill: str | None = None
    rest: bool = False
    extremes: bool = False
    levels: tuple[tuple[str, ...], ...] = ()
    totals: bool = False
    naive: bool = False
    ledger: bool = False
    late: bool = False

    @classmethod
    def of(cls, **keys: object) -> Query:
        """Return the question that ``keys`` spell.

        Raises QueryError: ``bad-question`` for an unknown key, a string where a list belongs, or a wrong type;
        ``bad-time`` for an unreadable ``today``.
        """
        findings: list[Finding] = []
        read: dict[str, object] = {}
        known = [f.name for f in fields(cls) if f.name != "late"]
        for key, value in keys.items():
            if key not in known:
                findings.append(Finding(
                    "bad-question", "question", f"a question has no key `{key}`", help=did_you_mean(key, known),
                ))  # fmt: skip
                continue
            if value is None:
                continue
            try:
                read[key] = _READERS[key](key, value)
            except _Misread as wrong:
                findings.append(Finding(wrong.code, "question", wrong.message, help=wrong.help))
        if findings:
            raise QueryError(findings)
        return cls(**read)  # type: ignore[arg-type]

    @property
    def whole_basis(self) -> str | None:
        """The basis with all members: what stands beside a comparison like for like is of the whole."""
        return None if self.basis is None else self.basis.replace("like_for_like", "restated")

    def alone(self, by: Sequence[str]) -> Query:
        """Return the question by one split alone: without its other levels, nor how paths are walked that only those go."""
        others = {path for path in (*self.by, *(each for level in self.levels for each in level)) if path not in (self.where or "")}
        paths = {path: ways for path, ways in self.paths.items() if path in by or path not in others}
        return replace(self, by=tuple(by), levels=(), totals=False, paths=paths)

    def of_all_cells(self) -> Query:
        """Return the question without what chooses among its results."""
        named = set(re.findall(r":(\w+)", self.where or ""))
        params = {name: value for name, value in self.params.items() if name in named}
        return replace(self, having=None, order=(), limit=None, rest=False, params=params)

    def key(self) -> tuple[object, ...]:
        """Return the question as a hashable value, for the cache of compiled statements."""
        params = tuple(sorted((name, type(value).__name__, value) for name, value in self.params.items()))
        paths = tuple(sorted((path, tuple(sorted(choice.items()))) for path, choice in self.paths.items()))
        return (
            self.metrics, self.by, self.where, self.having, self.start, self.end, self.order, self.limit, params, paths,
            self.today, self.structure, self.definition, self.basis, self.known_on, self.compare, self.fill,
            self.rest, self.extremes,
            self.levels, self.totals, self.naive, self.late,
        )  # fmt: skip


def definition_of(query: Query) -> str | None:
    """Return ``as_then`` or ``restated``, as the question says it itself or by its basis; None where it says neither."""
    if query.basis is not None:
        return "as_then" if query.basis == "as_reported" else "restated"
    return query.definition


def is_like_for_like(query: Query) -> bool:
    """Say whether only members of all periods are asked for."""
    return query.basis is not None and query.basis.partition("@")[0] == "like_for_like"


class _Misread(Exception):
    def __init__(self, message: str, help: str = "", code: str = "bad-question") -> None:
        super().__init__(message)
        self.message, self.help, self.code = message, help, code


def _texts(key: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        raise _Misread(f"`{key}` takes a list, not the text {value!r}", f"write {key}=[{value!r}]")
    if not isinstance(value, Iterable):
        raise _Misread(f"`{key}` takes a list of names, not {value!r}")
    items = tuple(value)
    for item in items:
        if not isinstance(item, str) or not item:
            raise _Misread(f"`{key}` takes a list of names, and {item!r} is none")
    repeated = [item for index, item in enumerate(items) if item in items[:index]]
    if repeated:
        raise _Misread(f"`{key}` says {repeated[0]} twice", "say it once")
    return items


def _levels(key: str, value: object) -> tuple[tuple[str, ...], ...]:
    """Return several splits; one may be written as text, ``month, shop.city``, and the grand total as ``total`` or nothing."""
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        raise _Misread(f"`{key}` takes a list of splits, not {value!r}", f'write {key}=[["month", "shop.city"], ["month"], []]')
    found: list[tuple[str, ...]] = []
    for each in value:
        if isinstance(each, str):
            each = [] if each.strip() in ("", TOTAL) else [part.strip() for part in each.split(",")]
        level = _texts(key, each)
        if any(set(level) == set(other) for other in found):
            raise _Misread(f"`{key}` says {', '.join(level) or TOTAL} twice", "say it once")
        found.append(level)
    return tuple(found)


def _text(key: str, value: object) -> str:
    if isinstance(value, dt.datetime | dt.date) and key in ("start", "end"):
        return value.isoformat()
    if not isinstance(value, str):
        raise _Misread(f"`{key}` takes text, not {value!r}")
    if not value.strip():
        raise _Misread(f"`{key}` is empty", f"leave `{key}` out")
    return value


#: What ``compare`` may set beside a metric.
COMPARISONS = ("previous", "year_ago", "same_weekday_last_year", "target")


def _compare(key: str, value: object) -> tuple[str, ...]:
    words = _texts(key, value)
    for word in words:
        if word not in COMPARISONS:
            raise _Misread(f"`{key}` knows no {word!r}", f"there are: {', '.join(COMPARISONS)}")
    return words


def _fill(key: str, value: object) -> str:
    if value != "spine":
        raise _Misread(f"`{key}` knows no {value!r}", "write fill='spine': every period of the range, with rows or without")
    return "spine"


def _limit(key: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _Misread(f"`{key}` takes a whole number of rows, not {value!r}")
    return value


def _flag(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _Misread(f"`{key}` is said or not, {value!r} is neither", f"write {key}=True")
    return value


def _params(key: str, value: object) -> Mapping[str, Parameter]:
    if not isinstance(value, Mapping):
        raise _Misread(f"`{key}` takes names with values, not {value!r}", 'write params={"region": "Northeast"}')
    for name, item in value.items():
        if not isinstance(name, str):
            raise _Misread(f"a parameter's name is text, not {name!r}")
        if item is not None and not isinstance(item, str | int | float | bool | Decimal | dt.date):
            raise _Misread(
                f"parameter `{name}` holds {type(item).__name__}, which no filter can compare",
                "give it text, a number, a date, a time, true, false or nothing",
                "bad-parameter",
            )
        if isinstance(item, float) and (item != item or item in (float("inf"), float("-inf"))):
            raise _Misread(f"parameter `{name}` is {item}, which is no number", code="bad-parameter")
    return dict(value)


def _paths(key: str, value: object) -> Mapping[str, Mapping[str, str]]:
    if not isinstance(value, Mapping) or not all(isinstance(choice, Mapping) for choice in value.values()):
        raise _Misread(
            f"`{key}` takes, for each asked path, a path for each metric or source",
            'write paths={"origin.name": {"visits": "from_airport.name"}}',
        )
    return {str(path): {str(who): str(way) for who, way in choice.items()} for path, choice in value.items()}


def _day(key: str, value: object) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise _Misread(f"`{key}` is {value!r}, which is no date", "write it as 2013-12-31", "bad-time") from None


def _structure(key: str, value: object) -> str:
    """Return ``as_was``, ``as_is`` or ``at DAY``; the day, or the name of a version, is read where frames are known."""
    if isinstance(value, Mapping) and set(value) == {"at"}:
        return f"at {value['at']}"
    text = str(value).strip()
    if text in ("as_was", "as_is"):
        return text
    written = _AT.match(text)
    if isinstance(value, str) and written is not None:
        return f"at {written[1]}"
    raise _Misread(f"`{key}` takes as_was, as_is or {{at: DAY}}, not {value!r}", "write structure={'at': '2025-12-31'}")


def _definition(key: str, value: object) -> str:
    if value not in ("as_then", "restated"):
        raise _Misread(f"`{key}` takes as_then or restated, not {value!r}")
    return str(value)


def _basis(key: str, value: object) -> str:
    name, _, at = str(value).partition("@")
    if name not in BASES or (at and name == "as_reported") or str(value).endswith("@"):
        raise _Misread(
            f"`{key}` takes as_reported, restated or like_for_like, not {value!r}",
            "a day may follow: restated@2025-12-31",
        )
    return str(value)


#: The bundles of how definitions and structures are read.
BASES = ("as_reported", "restated", "like_for_like")
_AT = re.compile(r"\{?\s*at:\s*([^{}\s]+)\s*\}?\Z")
_READERS = {
    "metrics": _texts, "by": _texts, "order": _texts, "where": _text, "having": _text, "start": _text, "end": _text,
    "limit": _limit, "params": _params, "paths": _paths, "today": _day, "structure": _structure,
    "definition": _definition, "basis": _basis, "known_on": _day, "compare": _compare, "fill": _fill,
    "rest": _flag, "extremes": _flag,
    "levels": _levels, "totals": _flag, "ledger": _flag, "naive": _flag,
}  # fmt: skip
