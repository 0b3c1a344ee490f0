"""What numbers are for: words, decisions with their criteria and horizons, and views."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from decisionlayer.findings import Place
from decisionlayer.frozen import dataclass
from decisionlayer.resolve.language.tree import Expr
from decisionlayer.resolve.values.purpose import Purpose


@dataclass(frozen=True, slots=True)
class Word:
    """A glossary word: the metric and the saying in each dialect, and how far they match."""

    word: str
    frontline_metric: str | None
    frontline_says: str
    executive_metric: str | None
    executive_says: str
    match: str | None
    frontline_example: str = ""
    executive_example: str = ""
    not_the_same_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Criterion:
    """A choice metric by which options are weighed."""

    metric: str
    worst: Decimal | None
    best: Decimal | None
    weight: Decimal | None
    veto: Decimal | None


@dataclass(frozen=True, slots=True)
class Discount:
    """What money later is worth less: the rate for each period of ``each``, which counts as paid at its end."""

    rate: Decimal
    each: str


@dataclass(frozen=True, slots=True)
class Horizon:
    """A period over which the options are seen: whole periods of a grain, or from ``start`` to ``end``.

    ``against`` is what it is compared with: ``previous`` or ``year_ago``. ``basis``, ``structure`` and ``definition`` are
    those of a question, as they were written.
    """

    name: str
    period: str | None
    start: str | None
    end: str | None
    against: str | None = None
    basis: str | None = None
    structure: str | None = None
    definition: str | None = None
    discount: Discount | None = None

    @property
    def reads(self) -> Mapping[str, str]:
        """How it reads what has changed, as keys of a question; empty where it says nothing."""
        said = {"basis": self.basis, "structure": self.structure, "definition": self.definition}
        return {key: value for key, value in said.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Decision:
    """A question, one decider, options, criteria on choice metrics, horizons.

    ``expects`` holds one mapping per option: ``option`` and the level that each named metric is expected to reach.
    """

    name: str
    question: str
    kind: Purpose
    decider: str | None
    agree: tuple[str, ...]
    mode: str
    dimension: str | None
    options: tuple[str, ...] | None
    status_quo: str | None
    because: str
    criteria: tuple[Criterion, ...]
    horizons: tuple[Horizon, ...]
    review_on: dt.date | None
    place: Place
    meaning: str = ""
    wording: str = ""
    recommend: tuple[str, ...] = ()
    perform: tuple[str, ...] = ()
    cadence: str | None = None
    expects: tuple[Mapping[str, str | Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class TargetPart:
    """One part of a target: its rows, its level, its planned denominator, and an offer that is open."""

    where: Expr
    value: Decimal
    base: Decimal | None
    accepted_by: str | None
    offer: Decimal | None
    offered_by: str | None

    @property
    def stands_at(self) -> Decimal:
        """The level that the part stands at today: an open offer in the place of its value."""
        return self.value if self.offer is None else self.offer


@dataclass(frozen=True, slots=True)
class Target:
    """A level promised for a metric, a scope and a time, ``start`` and ``end`` inclusive as written.

    ``rebuilt`` is what its parts, as they stand, make up; None without parts.
    """

    name: str
    metric: str
    value: Decimal
    where: Expr | None
    start: str
    end: str
    stretch: Decimal | None
    proposed_by: str | None
    accepted_by: str | None
    parts: tuple[TargetPart, ...]
    rebuilt: Fraction | None
    place: Place
    meaning: str = ""
    wording: str = ""


@dataclass(frozen=True, slots=True)
class Estate:
    """SQL from outside: patterns of files from the project's folder, and who looks after them."""

    name: str
    owner: str | None
    files: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class View:
    """What is published; ``question`` holds the keys of a question as they were written.

    ``where`` and ``having`` are its filters, read; None when there is none or when it cannot be read. No cell may be over fewer rows than
    ``min_group``.
    """

    name: str
    audience: str
    owner: str | None
    definition: str
    stored_as: str
    question: Mapping[str, object]
    place: Place
    meaning: str = ""
    wording: str = ""
    where: Expr | None = None
    having: Expr | None = None
    min_group: int | None = None


def texts(value: object) -> tuple[str, ...]:
    """Return a list of texts that stands in the question of a view; nothing for what is none."""
    return tuple(str(item) for item in value) if isinstance(value, tuple | list) else ()


def heard(title: str) -> str:
    """Return a title as people hear it: without case, and however its words are spaced."""
    return " ".join(title.casefold().split())
