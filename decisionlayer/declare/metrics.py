"""Metrics: one number each, with owner, definition, grain, unit, purpose and exactly one body."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from decisionlayer.declare.base import (
    Day,
    Declaration,
    DeclaredName,
    Expression,
    ListOf,
    Number,
    OneOrMany,
    Prose,
    Texts,
    UnitOfRows,
    short_for,
)

Purpose = Literal["action", "choice"]
#: How a stock is read along time.
OverTime = Literal["last", "first", "avg", "min", "max"]
#: The kinds of exchange rate: the mean of a period, the one at its end, the one of the day of the row.
RateKind = Literal["average", "closing", "transaction"]


class Grain(Declaration):
    """The finest question a metric answers: a period, and the paths that it may be split by.

    ``by: []`` is the total only; no ``by``, every dimension of its source.
    """

    time: str | None = None
    by: Texts | None = None


def _term(value: Any) -> Any:
    """Read ``late: late_minutes`` as a term that takes the metric as it is."""
    return short_for("from", value, wanted="a metric or {from: …}")


class Exchange(Declaration):
    """Money into another currency: by which table of rates, and by which kind of rate in it."""

    fx: str
    rate: RateKind


class Term(Declaration):
    """One input of a translation: a metric, and what is changed about it on the way up."""

    from_: str
    where: Expression | None = None
    population: Expression | None = None
    to: str | None = None
    over_time: OverTime | None = None
    convert: Exchange | None = None


#: A term; the name of a metric alone takes it as it is.
TermOrMetric = Annotated[Term, BeforeValidator(_term, json_schema_input_type=str | Term)]


class Exclusion(Declaration):
    """Rows that leave every term, under a named reason."""

    when: Expression
    reason: Prose


class Reweight(Declaration):
    """A quotient as it would be under one mix of classes: that of the whole question (``whole``), or stated shares."""

    by: str
    mix: Literal["whole"] | dict[str, Number]


class Tolerance(Declaration):
    """How much may go wrong before it is an error: the share of rows or amount that stands under ``Unassigned``."""

    unassigned: Number


class ControlTotal(Declaration):
    """A number from elsewhere that this one must tie to, for each of ``by``, within so much of the unit."""

    metric: str
    by: Texts = ()
    within: Number = Decimal(0)


class Manual(Declaration):
    """A step that a person does by hand on the way: who, what, and how many hours it takes."""

    by: str
    does: Prose
    hours: Number | None = None


class Translation(Declaration):
    """The owned switch: what enters a choice metric, what is changed on the way, why, and what is lost."""

    owner: str | None = None
    why: Prose | None = None
    loses: Prose | None = None
    from_: str | None = None
    where: Expression | None = None
    population: Expression | None = None
    to: str | None = None
    terms: dict[DeclaredName, TermOrMetric] = Field(default_factory=dict)
    exclude: ListOf[Exclusion] = ()
    regroup: str | None = None
    reweight: Reweight | None = None
    tolerance: Tolerance | None = None
    control_total: ControlTotal | None = None
    manual: ListOf[Manual] = ()


class EarlierTerm(Declaration):
    """What was different about one term."""

    from_: str | None = None
    where: Expression | None = None
    population: Expression | None = None
    to: str | None = None
    over_time: OverTime | None = None
    convert: Exchange | None = None


class EarlierTranslation(Declaration):
    """What was different about a translation; its terms differ part by part."""

    owner: str | None = None
    why: Prose | None = None
    loses: Prose | None = None
    from_: str | None = None
    where: Expression | None = None
    population: Expression | None = None
    to: str | None = None
    terms: dict[DeclaredName, Annotated[EarlierTerm, BeforeValidator(_term, json_schema_input_type=str | EarlierTerm)]] = (
        Field(default_factory=dict)
    )
    exclude: ListOf[Exclusion] | None = None
    regroup: str | None = None
    reweight: Reweight | None = None
    tolerance: Tolerance | None = None
    control_total: ControlTotal | None = None
    manual: ListOf[Manual] | None = None


class Events(Declaration):
    """The rows on one side of a conversion: a source, by its first clock unless ``clock`` names another, narrowed by ``where``."""

    source: str
    clock: str | None = None
    where: Expression | None = None


def _events(value: Any) -> Any:
    return short_for("source", value, wanted="a source or {source: …}")


#: One side of a conversion; the name of a source alone takes its rows as they are.
EventsOrSource = Annotated[Events, BeforeValidator(_events, json_schema_input_type=str | Events)]


class Conversion(Declaration):
    """The share of ``from`` rows after which the same entity has a ``to`` row ``within`` a time.

    ``same`` names what must be equal on both sides: one name, or ``{name of from: name of to}``.
    """

    from_: EventsOrSource
    to: EventsOrSource
    entity: str
    within: str | None = None
    same: ListOf[str | dict[str, str]] = ()
    give: Literal["share", "converted", "open", "closed"] = "share"
    counts: Literal["from_events", "to_events"] = "from_events"


class Near(Declaration):
    """The level that is best."""

    near: Number


class RollForward(Declaration):
    """The flows that lead from one level of a stock to the next: opening + ``in`` - ``out`` = closing."""

    in_: Texts = ()
    out: Texts = ()


class _Defined(Declaration):
    """What a definition says, whichever one it is: that of a metric as it is, or one that held before."""

    title: Prose | None = None
    definition: Prose | None = None
    owner: str | None = None
    unit: UnitOfRows | None = None
    better: Literal["higher", "lower", "none"] | Near | None = None
    source: str | None = None
    clock: str | None = None
    grain: Grain | None = None
    measure: Expression | None = None
    formula: Expression | None = None
    conversion: Conversion | None = None
    population: Expression | None = None
    where: Expression | None = None
    missing: Annotated[Literal["zero", "null"], WithJsonSchema({"enum": ["zero", "null", None]})] | None = None
    over_time: OverTime | None = None
    last_of_each: OneOrMany | None = None
    nulls: Literal["skip"] | None = None
    past: Literal["restated", "break"] | None = None


class Earlier(_Defined):
    """A definition that held from ``since`` until the next newer one: only what was different is said, and its own ``past``.

    A key that is a mapping of its own (``translation``, ``terms``) is different part by part.
    """

    since: Day
    translation: EarlierTranslation | None = None


class Metric(_Defined):
    """One number.

    Its body is the one of ``measure``, ``formula`` and ``conversion`` that is there, or a ``translation`` of one metric.
    """

    metric: DeclaredName
    purpose: Purpose | None = None
    decimals: int | None = None
    digits: int | None = None
    watch: Texts = ()
    min_base: int | None = None
    respond: Prose | None = None
    translation: Translation | None = None
    since: Day | None = None
    earlier: ListOf[Earlier] = ()
    roll_forward: RollForward | None = None
