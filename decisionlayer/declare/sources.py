"""Sources: tables, queries and files, with what one row is, a key, clocks, links, columns and dimensions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from decisionlayer.declare.base import (
    Declaration,
    DeclaredName,
    Expression,
    OneOrMany,
    Prose,
    Texts,
    UnitText,
    named_list,
    short_for,
)

Grain = Literal["millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year"]


class Clock(Declaration):
    """A time column: the finest period it can tell apart, and the zone of the wall clock it was written in.

    Without ``zone`` it was written in the project's zone.
    """

    grain: Grain
    zone: str | None = None


class Link(Declaration):
    """A many-to-one reference to an entity: ``column``, or ``columns`` in the order of the entity's key."""

    entity: str
    column: str | None = None
    columns: Texts | None = None


class Column(Declaration):
    """A column's type and unit; ``is`` says that its values are already averages, ratios, quantiles or distinct counts."""

    type: str | None = None
    unit: UnitText | None = None
    is_: Literal["amount", "average", "ratio", "quantile", "distinct"] | None = None


class MetricDimension(Declaration):
    """A metric as a dimension of the entity that its source describes; ``by`` is the metric's path to it, where it has several."""

    metric: str
    by: str | None = None
    within: Literal["range"] | None = None


class Bridge(Declaration):
    """What happens to a total that is split across the many side: ``overlap``, or ``allocate`` by a column.

    The many side is the ``source`` of the bridge's own name, unless another is named; ``link`` says which of its links leads here.
    """

    split: Literal["overlap", "allocate"]
    by: str | None = None
    source: str | None = None
    link: str | None = None


class Validity(Declaration):
    """The half-open columns between which a row of an entity with history holds."""

    from_: str
    to: str


class Freshness(Declaration):
    """When a row arrived, and how old the newest may be."""

    at: str
    within: str


def _clock(value: Any) -> Any:
    return short_for("grain", value, wanted="a grain or {grain: …, zone: …}")


def _link(value: Any) -> Any:
    """Read ``carrier: carrier`` (role: column) as a link whose entity has the role's name; resolved where the role is known."""
    long = short_for("column", value, wanted="a column or {entity: …, column: …}")
    return {"entity": "", **long} if isinstance(value, str) else long


def _column(value: Any) -> Any:
    return short_for("type", value, wanted="a type or {type: …, unit: …}")


#: A clock, a link or a column; the grain, the column or the type alone says what most need to say.
ClockOrGrain = Annotated[Clock, BeforeValidator(_clock, json_schema_input_type=Grain | Clock)]
LinkOrColumn = Annotated[Link, BeforeValidator(_link, json_schema_input_type=str | Link)]
ColumnOrType = Annotated[Column, BeforeValidator(_column, json_schema_input_type=str | Column)]
#: A dimension: an expression over the source's own columns, or a metric of the entity that the source describes.
DimensionBody = Expression | MetricDimension


class Source(Declaration):
    """A table, query or file: exactly one of ``table``, ``sql`` and ``file``."""

    source: DeclaredName
    one_row_is: Prose | None = None
    describes: DeclaredName | None = None
    table: str | None = None
    sql: str | None = None
    file: str | None = None
    key: OneOrMany | None = None
    time: dict[str, ClockOrGrain] = Field(default_factory=dict)
    links: dict[DeclaredName, LinkOrColumn] = Field(default_factory=dict)
    columns: dict[str, ColumnOrType] = Field(default_factory=dict)
    dimensions: Annotated[
        dict[DeclaredName, DimensionBody],
        BeforeValidator(named_list, json_schema_input_type=dict[DeclaredName, DimensionBody] | tuple[DeclaredName, ...]),
    ] = Field(default_factory=dict)
    bridges: dict[str, Bridge] = Field(default_factory=dict)
    valid: Validity | None = None
    history: Literal["as_was", "as_is"] | None = None
    snapshot: bool = False
    fresh: Freshness | None = None
    owner: str | None = None

    def dimension_expressions(self) -> dict[str, Expression]:
        """Return the dimensions that are plain expressions, by name."""
        return {name: text for name, text in self.dimensions.items() if isinstance(text, str)}
