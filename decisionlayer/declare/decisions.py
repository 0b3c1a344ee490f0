"""Decisions and views: what the numbers are for, and what is published."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from decisionlayer.declare.base import (
    Day,
    Declaration,
    DeclaredName,
    Expression,
    ListOf,
    Moment,
    Number,
    OneOrMany,
    Prose,
    Texts,
)


class Scale(Declaration):
    """The level that is worth 0 and the level that is worth 1."""

    worst: Number
    best: Number


class Criterion(Declaration):
    """A choice metric by which options are weighed."""

    metric: str
    scale: Scale | None = None
    weight: Number | None = None
    veto: Number | None = None


class Discount(Declaration):
    """What money later is worth less: the rate for ``each`` period; a flow counts as paid at the period's end."""

    rate: Number
    each: str


class Horizon(Declaration):
    """A period over which the options are seen."""

    name: Prose
    period: str | None = None
    start: Moment | None = None
    end: Moment | None = None
    against: str | None = None
    basis: str | None = None
    structure: Any | None = None
    definition: str | None = None
    discount: Discount | None = None


class Options(Declaration):
    """What may be chosen: the values of a dimension, all or listed, and the status quo or why there is none."""

    dimension: str | None = None
    list: Texts | None = None
    status_quo: str | None = None
    because: Prose | None = None


class Decision(Declaration):
    """A question, one decider, options, criteria on choice metrics, horizons."""

    decision: DeclaredName
    question: Prose | None = None
    kind: Literal["choice", "action"] = "choice"
    decider: OneOrMany = ()
    agree: OneOrMany = ()
    recommend: OneOrMany = ()
    perform: OneOrMany = ()
    mode: Literal["support", "replicate"] = "support"
    options: Options | None = None
    criteria: ListOf[Criterion] = ()
    horizons: ListOf[Horizon] = ()
    cadence: str | None = None
    review_on: Day | None = None
    expects: ListOf[dict[str, Any]] = ()


class View(Declaration):
    """What is published: metrics by dimensions at a stated grain, for an audience.

    From ``metrics`` on, the keys of a question; its ``definition`` is written ``definition_basis``, for a view has words of its own.
    """

    view: DeclaredName
    audience: Literal["executive", "frontline"] = "executive"
    owner: str | None = None
    definition: Prose | None = None
    as_: Literal["view", "table", "rollup"] = "view"
    min_group: int | None = None
    metrics: Texts = ()
    by: Texts = ()
    where: Expression | None = None
    having: Expression | None = None
    start: Moment | None = None
    end: Moment | None = None
    order: Texts = ()
    limit: int | None = None
    paths: dict[str, dict[str, str]] = Field(default_factory=dict)
    compare: ListOf[Literal["previous", "year_ago", "same_weekday_last_year", "target"]] = ()
    basis: str | None = None
    structure: Any | None = None
    definition_basis: Literal["as_then", "restated"] | None = None
    known_on: Day | None = None
    fill: Literal["spine"] | None = None
    rest: bool = False
    extremes: bool = False
    levels: ListOf[Texts] | None = None
    totals: bool = False
