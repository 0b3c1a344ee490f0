"""Metrics: one number each, with owner, definition, grain, unit, purpose and exactly one body."""

from __future__ import annotations

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


class Grain(Declaration):
    """The finest question a metric answers: a period, and the paths that it may be split by.

    ``by: []`` is the total only; no ``by``, every dimension of its source.
    """

    time: str | None = None
    by: Texts | None = None


def _term(value: Any) -> Any:
    """Read ``late: late_minutes`` as a term that takes the metric as it is."""
    return short_for("from", value, wanted="a metric or {from: …}")


class Term(Declaration):
    """One input of a translation: a metric, and what is changed about it on the way up."""

    from_: str
    where: Expression | None = None
    population: Expression | None = None
    to: str | None = None
    over_time: OverTime | None = None
    convert: dict[str, Any] | None = None


#: A term; the name of a metric alone takes it as it is.
TermOrMetric = Annotated[Term, BeforeValidator(_term, json_schema_input_type=str | Term)]


class Exclusion(Declaration):
    """Rows that leave every term, under a named reason."""

    when: Expression
    reason: Prose


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
    reweight: dict[str, Any] | None = None
    tolerance: dict[str, Number] | None = None
    control_total: dict[str, Any] | None = None
    manual: ListOf[dict[str, Any]] = ()


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


class Metric(Declaration):
    """One number.

    Its body is the one of ``measure``, ``formula`` and ``conversion`` that is there, or a ``translation`` of one metric.
    """

    metric: DeclaredName
    title: Prose | None = None
    definition: Prose | None = None
    owner: str | None = None
    purpose: Purpose | None = None
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
    decimals: int | None = None
    digits: int | None = None
    over_time: OverTime | None = None
    last_of_each: OneOrMany | None = None
    nulls: Literal["skip"] | None = None
    watch: Texts = ()
    min_base: int | None = None
    respond: Prose | None = None
    translation: Translation | None = None
    since: Day | None = None
    past: Literal["restated", "break"] | None = None
    earlier: ListOf[dict[str, Any]] = ()
    roll_forward: dict[str, Any] | None = None
