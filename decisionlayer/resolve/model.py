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

from decisionlayer.findings import Finding, Place
from decisionlayer.frozen import dataclass
from decisionlayer.resolve.frames.calendars import Calendar
from decisionlayer.resolve.language.tree import Expr
from decisionlayer.resolve.language.types import DataType
from decisionlayer.resolve.matches import CLOSED as CLOSED
from decisionlayer.resolve.matches import CONVERTED as CONVERTED
from decisionlayer.resolve.matches import Match as Match
from decisionlayer.resolve.stored_rows import DataFile as DataFile
from decisionlayer.resolve.stored_rows import Lines as Lines
from decisionlayer.resolve.stored_rows import Relation as Relation
from decisionlayer.resolve.stored_rows import SqlText as SqlText
from decisionlayer.resolve.stored_rows import Table as Table
from decisionlayer.resolve.stored_rows import Tree as Tree
from decisionlayer.resolve.timeunits import Almanac
from decisionlayer.resolve.units import Unit


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A physical column; ``holds`` says that its values are amounts, averages, ratios, quantiles or distinct counts."""

    name: str
    type: DataType
    unit: Unit | None = None
    holds: str = "amount"


@dataclass(frozen=True, slots=True)
class Clock:
    """A time column: its finest period, its physical type, and the zone of its wall clock (None when it is a date)."""

    column: str
    grain: str
    type: DataType
    zone: str | None


@dataclass(frozen=True, slots=True)
class Link:
    """A many-to-one reference: the columns, in the order of the entity's key.

    ``frame`` says that it leads to a reporting line, which is asked by its levels and has no key of its own; ``at`` is the day on
    which a version of the line stood.
    """

    role: str
    entity: str
    columns: tuple[str, ...]
    frame: str | None = None
    at: dt.date | None = None


@dataclass(frozen=True, slots=True)
class MetricOf:
    """A metric of each thing that a source describes: all that is asked ``by`` its key, or what is in the question's range only."""

    metric: str
    by: str
    in_range: bool = False


@dataclass(frozen=True, slots=True)
class Dimension:
    """An attribute of a source: an expression over its own columns (names of one part), or a metric of the thing described."""

    name: str
    expr: Expr
    type: DataType
    unit: Unit | None = None
    metric: MetricOf | None = None


@dataclass(frozen=True, slots=True)
class Validity:
    """The half-open columns between which a row of an entity with history holds; an end that is NULL is open.

    Both are of one ``type``; ``zone`` is that of their wall clock, None for dates and instants. ``history`` says how the entity
    is read when a question does not say: ``as_was`` or ``as_is``.
    """

    starts: str
    ends: str
    type: DataType
    zone: str | None
    history: str


@dataclass(frozen=True, slots=True)
class Bridge:
    """The declared way from one to many: to the rows of ``source`` whose link ``role`` leads here.

    A total split across it is shared out by the column ``by``; without one, whatever belongs to several parts counts in each.
    """

    name: str
    source: str
    role: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A source: where its rows are, what one row is, and what leads from it.

    ``valid`` says between which columns its rows hold, when it describes an entity with history: then the key is unique at each
    instant. ``arrival`` is the column that says when a row arrived.
    """

    name: str
    relation: Relation
    one_row_is: str
    key: tuple[str, ...]
    clocks: tuple[Clock, ...]
    links: Mapping[str, Link]
    columns: Mapping[str, SourceColumn]
    dimensions: Mapping[str, Dimension]
    describes: str | None
    owner: str | None
    snapshot: bool
    place: Place
    meaning: str = ""
    wording: str = ""
    valid: Validity | None = None
    arrival: Clock | None = None
    bridges: Mapping[str, Bridge] = field(default_factory=dict)

    def clock(self, column: str | None) -> Clock | None:
        """Return the named clock, or the first one when none is named; None when there is none."""
        if column is None:
            return self.clocks[0] if self.clocks else None
        return next((clock for clock in self.clocks if clock.column == column), None)


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing that rows are about; ``source`` describes it, one row each, under ``key``."""

    name: str
    source: str
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """A reporting line: which entity it is of, its levels, widest first, and its versions by name.

    Its lines are a source and an entity of their own, which ``of`` links to under the hierarchy's name.
    """

    name: str
    of: str
    source: str
    levels: tuple[str, ...]
    versions: Mapping[str, dt.date]
    owner: str | None
    place: Place


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
class Assumption:
    """A price or rate that somebody answers for."""

    name: str
    value: Decimal
    unit: Unit
    owner: str | None
    why: str
    place: Place
    meaning: str = ""
    wording: str = ""


class Purpose(Enum):
    """What a number is for: acting now, or choosing."""

    action = "action"
    choice = "choice"


@dataclass(frozen=True, slots=True)
class Grain:
    """The finest question a metric answers: its period (None: any that its clock has) and its paths (None: every one)."""

    time: str | None
    by: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Measure:
    """Arithmetic over aggregates of one source.

    Names in ``expr``, ``population`` and ``where`` are paths from the source: ``("dep_delay",)`` is its own column or
    dimension, ``("aircraft", "seats")`` a column or dimension of the entity behind the link. ``clock`` is the column of its
    clock, None for a source without one. ``over_time`` says that it is measured at each instant of its clock, and how these
    are read along time; ``last_of_each`` are the paths of which each has a last instant of its own. With ``match`` it is a
    conversion, and the names in ``expr`` are those of ``Match``.
    """

    source: str
    expr: Expr
    population: Expr | None
    where: Expr | None
    clock: str | None
    over_time: str | None = None
    last_of_each: tuple[tuple[str, ...], ...] = ()
    match: Match | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """One input of a formula: a metric, narrowed by ``where``, its population replaced when ``replaces``, times ``factor``.

    ``population`` None with ``replaces`` means all rows. Names in ``where`` and ``population`` are paths from the source of
    each measure beneath. ``over_time`` replaces that of every measure beneath.
    """

    metric: str
    where: Expr | None = None
    population: Expr | None = None
    replaces: bool = False
    factor: Fraction = Fraction(1)
    over_time: str | None = None


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression over other metrics and assumptions, each aggregated at the asked grain first.

    Every name in ``expr`` has one part: a key of ``terms``, or the name of an assumption in ``assumptions``. A metric used
    without a translation is a term of its own name.
    """

    expr: Expr
    terms: Mapping[str, Term]
    assumptions: tuple[str, ...] = ()


Body: TypeAlias = Measure | Formula


@dataclass(frozen=True, slots=True)
class Translation:
    """The owned switch of meaning; ``source_metrics`` are the metrics that enter, in order."""

    owner: str | None
    why: str
    loses: str
    source_metrics: tuple[str, ...]


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
    of its column. ``approximate`` says that a floating column is added, so parts tie within rounding only.
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
    meaning: str = ""
    wording: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """A glossary word: the metric and the saying in each dialect, and how far they match."""

    word: str
    frontline_metric: str | None
    frontline_says: str
    executive_metric: str | None
    executive_says: str
    match: str | None


@dataclass(frozen=True, slots=True)
class Criterion:
    """A choice metric by which options are weighed."""

    metric: str
    worst: Decimal | None
    best: Decimal | None
    weight: Decimal | None
    veto: Decimal | None


@dataclass(frozen=True, slots=True)
class Horizon:
    """A period over which the options are seen: whole periods of a grain, or from ``start`` to ``end``.

    ``against`` is what it is compared with: ``previous`` or ``year_ago``.
    """

    name: str
    period: str | None
    start: str | None
    end: str | None
    against: str | None = None


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
class View:
    """What is published; ``question`` holds the keys of a question as they were written.

    ``where`` and ``having`` are its filters, read; None when there is none or when it cannot be read.
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


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Model:
    """Everything resolved, by name, with all findings; ``meaning`` is the fingerprint of all meanings together.

    ``broken`` maps ``"metric late_minutes"`` to the findings that keep every verb from using it. ``licence`` does the same
    for findings that keep it from being published only. A broken thing may be absent from its mapping.
    """

    project: Project
    parties: Mapping[str, Party] = field(default_factory=dict)
    units: frozenset[str] = frozenset()
    assumptions: Mapping[str, Assumption] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    entities: Mapping[str, Entity] = field(default_factory=dict)
    hierarchies: Mapping[str, Hierarchy] = field(default_factory=dict)
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    words: tuple[Word, ...] = ()
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    views: Mapping[str, View] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    broken: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    licence: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    meaning: str = ""
