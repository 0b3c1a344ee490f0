"""What the model knows of the world: sources with their columns, clocks, links and histories, entities and reporting lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import field

from decisionlayer.findings import Place
from decisionlayer.frozen import dataclass
from decisionlayer.resolve.language.tree import Expr
from decisionlayer.resolve.language.types import DataType
from decisionlayer.resolve.quantities.units import Unit
from decisionlayer.resolve.values.stored_rows import Relation


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
    instant. ``arrival`` is the column that says when a row arrived, ``within`` how old the newest may be.
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
    within: dt.timedelta | None = None
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
