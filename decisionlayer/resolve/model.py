"""The model: everything declared, with its names settled, its expressions read and its units computed.

A model may hold broken things: ``broken`` says which and why, so that all findings come in one run and a question that
stands on none of them is still answered. All values here are frozen; nothing in them is text that still has to be read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import TypeAlias
from weakref import WeakKeyDictionary

from decisionlayer.findings import Finding, Place
from decisionlayer.frozen import dataclass
from decisionlayer.resolve.frames.calendars import Calendar
from decisionlayer.resolve.frames.rates import Rates
from decisionlayer.resolve.frames.timeunits import Almanac
from decisionlayer.resolve.language.tree import Call, Expr, Literal
from decisionlayer.resolve.language.types import DataType
from decisionlayer.resolve.log import Log
from decisionlayer.resolve.quantities.units import Unit
from decisionlayer.resolve.values.described import Bridge as Bridge
from decisionlayer.resolve.values.described import Clock as Clock
from decisionlayer.resolve.values.described import Dimension as Dimension
from decisionlayer.resolve.values.described import Entity as Entity
from decisionlayer.resolve.values.described import Hierarchy as Hierarchy
from decisionlayer.resolve.values.described import Link as Link
from decisionlayer.resolve.values.described import MetricOf as MetricOf
from decisionlayer.resolve.values.described import Source as Source
from decisionlayer.resolve.values.described import SourceColumn as SourceColumn
from decisionlayer.resolve.values.described import Validity as Validity
from decisionlayer.resolve.values.editions import Edition as Edition
from decisionlayer.resolve.values.matches import CLOSED as CLOSED
from decisionlayer.resolve.values.matches import CONVERTED as CONVERTED
from decisionlayer.resolve.values.matches import Match as Match
from decisionlayer.resolve.values.money import Amount as Amount
from decisionlayer.resolve.values.money import Exchange as Exchange
from decisionlayer.resolve.values.money import RollForward as RollForward
from decisionlayer.resolve.values.purpose import Purpose as Purpose
from decisionlayer.resolve.values.stored_rows import DataFile as DataFile
from decisionlayer.resolve.values.stored_rows import Lines as Lines
from decisionlayer.resolve.values.stored_rows import Relation as Relation
from decisionlayer.resolve.values.stored_rows import SqlText as SqlText
from decisionlayer.resolve.values.stored_rows import Table as Table
from decisionlayer.resolve.values.stored_rows import Tree as Tree
from decisionlayer.resolve.values.switched import ControlTotal as ControlTotal
from decisionlayer.resolve.values.switched import Manual as Manual
from decisionlayer.resolve.values.switched import Regroup as Regroup
from decisionlayer.resolve.values.switched import Reweight as Reweight
from decisionlayer.resolve.values.uses import Criterion as Criterion
from decisionlayer.resolve.values.uses import Decision as Decision
from decisionlayer.resolve.values.uses import Discount as Discount
from decisionlayer.resolve.values.uses import Estate as Estate
from decisionlayer.resolve.values.uses import Horizon as Horizon
from decisionlayer.resolve.values.uses import Target as Target
from decisionlayer.resolve.values.uses import TargetPart as TargetPart
from decisionlayer.resolve.values.uses import View as View
from decisionlayer.resolve.values.uses import Word as Word


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who can own, sign or decide, from ``since`` to ``until``, both whole days."""

    name: str
    kind: str | None
    title: str
    since: dt.date | None
    until: dt.date | None
    successor: str | None


@dataclass(frozen=True, slots=True)
class Life:
    """A value of a price, and the days in which it holds: ``since`` included, ``after`` not; None is without an end."""

    value: Decimal
    since: dt.date | None
    after: dt.date | None

    def __str__(self) -> str:
        until = None if self.after is None else self.after - dt.timedelta(days=1)
        return f"{self.value:f}{f' from {self.since}' if self.since else ''}{f' until {until}' if until else ''}"


@dataclass(frozen=True, slots=True)
class Assumption:
    """A price or rate that somebody answers for. With dates it has ``lives``, newest first, and ``value`` is the newest."""

    name: str
    value: Decimal
    unit: Unit
    owner: str | None
    why: str
    place: Place
    meaning: str = ""
    wording: str = ""
    lives: tuple[Life, ...] = ()

    @property
    def told(self) -> str:
        """Its value in words, or each with its dates."""
        return ", ".join(str(life) for life in self.lives) if self.lives else f"{self.value:f}"

    @property
    def longest(self) -> Decimal:
        """The value with most digits after the point: its type holds every other."""
        values = [life.value for life in self.lives] or [self.value]
        return min(values, key=lambda value: int(value.as_tuple().exponent))


@dataclass(frozen=True, slots=True)
class Grain:
    """The finest question a metric answers: its period (None: any that its clock has) and its paths (None: every one)."""

    time: str | None
    by: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Rows that leave under a named reason: those for which ``when`` is true, unknown being not true.

    Names in ``when`` are paths from the source of each measure beneath.
    """

    when: Expr
    reason: str

    def stays(self) -> Expr:
        """Return the condition that a row does not leave; true or false, never unknown."""
        return Call("not", (Call("coalesce", (self.when, Literal(False))),))


@dataclass(frozen=True, slots=True)
class Measure:
    """Arithmetic over aggregates of one source.

    Names in ``expr``, ``population`` and ``where`` are paths from the source: ``("dep_delay",)`` is its own column or
    dimension, ``("aircraft", "seats")`` a column or dimension of the entity behind the link. ``clock`` is the column of its
    clock, None for a source without one. ``over_time`` says that it is measured at each instant of its clock, and how these
    are read along time; ``last_of_each`` are the paths of which each has a last instant of its own. With ``match`` it is a
    conversion, and the names in ``expr`` are those of ``Match``. ``excludes`` are what its own translation leaves out of its
    population.
    """

    source: str
    expr: Expr
    population: Expr | None
    where: Expr | None
    clock: str | None
    over_time: str | None = None
    last_of_each: tuple[tuple[str, ...], ...] = ()
    match: Match | None = None
    excludes: tuple[Exclusion, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """One input of a formula: a metric, narrowed by ``where``, its population replaced when ``replaces``, times ``factor``.

    ``population`` None with ``replaces`` means all rows. Names in ``where`` and ``population`` are paths from the source of
    each measure beneath. ``over_time`` replaces that of every measure beneath. ``excludes`` narrow the population of each,
    whether it is replaced or not. ``convert`` makes all money beneath another currency.
    """

    metric: str
    where: Expr | None = None
    population: Expr | None = None
    replaces: bool = False
    factor: Fraction = Fraction(1)
    over_time: str | None = None
    excludes: tuple[Exclusion, ...] = ()
    convert: Exchange | None = None


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression over other metrics and assumptions, each aggregated at the asked grain first.

    Every name in ``expr`` has one part: a key of ``terms``, or the name of an assumption in ``assumptions``. A metric used
    without a translation is a term of its own name. ``over_time`` says which of its ``instants`` (``day``, or the longer period that it
    is limited to) an accumulation is asked for by a longer period: None is the last one.
    """

    expr: Expr
    terms: Mapping[str, Term]
    assumptions: tuple[str, ...] = ()
    over_time: str | None = None
    instants: str = "day"


Body: TypeAlias = Measure | Formula


@dataclass(frozen=True, slots=True)
class Translation:
    """The owned switch of meaning; ``source_metrics`` are the metrics that enter, in order.

    ``regroup`` is the structure of every question about the metric; ``tolerance`` how much of it may stand in no group.
    """

    owner: str | None
    why: str
    loses: str
    source_metrics: tuple[str, ...]
    regroup: Regroup | None = None
    reweight: Reweight | None = None
    tolerance: Decimal | None = None
    control_total: ControlTotal | None = None
    manual: tuple[Manual, ...] = ()


class Additivity(Enum):
    """How parts of a metric make up its whole.

    ``additive``: parts add up. ``ratio``: it ties through its components. ``holistic``: only rows can rebuild it (distinct
    counts, quantiles). ``extreme``: the whole is the least or greatest part. ``stock``: groups add up, periods do not.
    """

    additive = "additive"
    ratio = "ratio"
    extreme = "extreme"
    holistic = "holistic"
    stock = "stock"


@dataclass(frozen=True, slots=True)
class Metric:
    """One number, resolved.

    ``limit`` is the computed grain: for a formula the coarsest time and the intersection of its parts. ``type`` is the type
    of its column. ``approximate`` says that a floating column is added, so parts tie within rounding only. ``watch`` are the
    dimensions in which a mix may mislead, ``min_base`` is how many a quotient should have below the line.
    ``editions`` are its definitions in time, newest first, the first being this one; none where it was never said since when it
    holds. An earlier definition is a metric of its own in the model, and says ``edition_of`` which metric. ``unit_column`` is the
    path to the column in which each row says its own unit; ``unit`` is None then. ``skips_nulls`` says that rows with an empty part
    are left out on purpose.
    """

    name: str
    title: str
    definition: str
    owner: str | None
    purpose: Purpose | None
    unit: Unit | None
    better: str | Decimal | None
    respond: str
    grain: Grain
    limit: Grain
    body: Body
    translation: Translation | None
    missing: str | None
    decimals: int | None
    digits: int | None
    additivity: Additivity
    approximate: bool
    type: DataType
    place: Place
    editions: tuple[Edition, ...] = ()
    edition_of: str | None = None
    meaning: str = ""
    wording: str = ""
    watch: tuple[str, ...] = ()
    min_base: int | None = None
    unit_column: tuple[str, ...] | None = None
    skips_nulls: bool = False
    roll_forward: RollForward | None = None

    @property
    def excludes(self) -> tuple[Exclusion, ...]:
        """What its translation leaves out, the same of every term, as the first of them reads it."""
        if isinstance(self.body, Measure):
            return self.body.excludes
        return next((term.excludes for term in self.body.terms.values()), ())

    @property
    def unit_said(self) -> str | None:
        """The unit as people read it; None where none is known."""
        if self.unit_column is not None:
            return f"as `{'.'.join(self.unit_column)}` of each row says"
        return None if self.unit is None else str(self.unit)


@dataclass(frozen=True, slots=True)
class Project:
    """The project and how it cuts time; ``warehouse`` is where its data is unless somebody says otherwise."""

    name: str
    timezone: str
    week_start: str
    warehouse: str | None = None
    calendars: Mapping[str, Calendar] = field(default_factory=dict, compare=False)

    @property
    def almanac(self) -> Almanac:
        """The units of time that the project may speak of."""
        return Almanac(self.calendars, self.week_start)

    def calendar(self, name: str) -> Calendar:
        """Return a calendar that a unit of time names, declared or everyone's."""
        found = self.almanac.calendar(name)
        assert found is not None, name
        return found


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Model:
    """Everything resolved, by name, with all findings; ``meaning`` is the fingerprint of all meanings together.

    ``broken`` maps ``"metric late_minutes"`` to the findings that keep every verb from using it. ``licence`` does the same
    for findings that keep it from being published only. A broken thing may be absent from its mapping. ``log`` holds the
    records, and ``today`` is the day for which the model was resolved; no fingerprint hangs on either.
    """

    project: Project
    parties: Mapping[str, Party] = field(default_factory=dict)
    units: frozenset[str] = frozenset()
    assumptions: Mapping[str, Assumption] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    entities: Mapping[str, Entity] = field(default_factory=dict)
    hierarchies: Mapping[str, Hierarchy] = field(default_factory=dict)
    rates: Mapping[str, Rates] = field(default_factory=dict)
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    words: tuple[Word, ...] = ()
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    views: Mapping[str, View] = field(default_factory=dict)
    targets: Mapping[str, Target] = field(default_factory=dict)
    estates: Mapping[str, Estate] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    broken: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    licence: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    meaning: str = ""
    log: Log = field(default_factory=Log)
    today: dt.date | None = None

    @property
    def is_dated(self) -> bool:
        """Whether any metric had another definition before; every question asks, and a model may hold ten thousand metrics."""
        known = _DATED.get(self)
        if known is None:
            known = _DATED[self] = any(metric.editions for metric in self.metrics.values())
        return known

    @property
    def named_metrics(self) -> Mapping[str, Metric]:
        """The metrics that people know by name: all but the definitions that a metric had before."""
        return {name: metric for name, metric in self.metrics.items() if metric.edition_of is None}


#: What was looked up of whole models, kept as long as they are.
_DATED: WeakKeyDictionary[Model, bool] = WeakKeyDictionary()
