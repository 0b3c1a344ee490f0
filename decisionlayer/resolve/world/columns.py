"""Columns and clocks of a source, read from their declarations: types, units, zones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from zoneinfo import ZoneInfo

from decisionlayer import declare
from decisionlayer.declare import Entry
from decisionlayer.names import PERIODS, did_you_mean
from decisionlayer.resolve.about import About
from decisionlayer.resolve.collect import Collector
from decisionlayer.resolve.foundations import is_zone, no_such_zone, read_unit
from decisionlayer.resolve.language.types import DATE, TIMESTAMP, UNKNOWN, DataType, Kind, parse_type
from decisionlayer.resolve.model import Clock, Project, SourceColumn

_TYPES = ("boolean", "integer", "float", "decimal(18,2)", "text", "date", "timestamp", "instant")
_CALLED_ELSEWHERE = {
    "int": "integer", "bigint": "integer", "smallint": "integer", "int64": "integer", "long": "integer",
    "double": "float", "real": "float", "float64": "float", "decimal": "decimal(18,2)", "numeric": "decimal(18,2)",
    "number": "decimal(18,2)", "money": "decimal(18,2)", "string": "text", "varchar": "text", "char": "text", "str": "text",
    "bool": "boolean", "datetime": "timestamp", "timestamptz": "instant", "time": "timestamp",
}  # fmt: skip


def read_columns(
    entry: Entry, item: declare.Source, units: frozenset[str], collector: Collector
) -> Mapping[str, SourceColumn]:
    """Return the declared columns that can be used; ``wrong-type`` and findings of units break the column alone."""
    columns: dict[str, SourceColumn] = {}
    for name, column in item.columns.items():
        about = About(entry)
        kind: DataType | None = UNKNOWN if column.type is None else parse_type(column.type)
        if kind is None:
            assert column.type is not None
            here = ("columns", name, "type") if entry.origin.parts.get(("columns", name, "type")) else ("columns", name)
            meant = _CALLED_ELSEWHERE.get(column.type.strip().casefold())
            about.say(
                "wrong-type",
                f"`{column.type}` is no type of a column",
                *here,
                help=f"write `{meant}`" if meant else did_you_mean(column.type, _TYPES),
            )
        unit = None if column.unit is None else read_unit(about, column.unit, units, "columns", name, "unit")
        if not collector.take(about.findings, f"column {entry.name}.{name}") and kind is not None:
            columns[name] = SourceColumn(name, kind, unit, column.is_ or "amount")
    return columns


# -- clocks -----------------------------------------------------------------------------------------------------------

_TIMES = (Kind.date, Kind.timestamp, Kind.instant)


def read_clocks(entry: Entry, item: declare.Source, project: Project, collector: Collector) -> tuple[Clock, ...]:
    """Return the clocks that can be used, in order; read the columns first, for a clock may fall with its column."""
    clocks: list[Clock] = []
    for column in item.time:
        about = About(entry)
        clock = _clock(about, item, column, project)
        if not collector.take(about.findings, f"clock {entry.name}.{column}") and clock is not None:
            clocks.append(clock)
        elif not about.findings:
            collector.block(f"clock {entry.name}.{column}", collector.broken.get(f"column {entry.name}.{column}", ()))
    return tuple(clocks)


_NONE = dt.timedelta()


@cache
def keeps_whole(zone: str, other: str, grain: str) -> bool:
    """Say whether each ``grain`` (minute or hour) of one zone has been one of the other since 1985.

    >>> keeps_whole("UTC", "America/New_York", "hour"), keeps_whole("UTC", "Asia/Kolkata", "hour")
    (True, False)
    """
    if zone == other:
        return True
    length = dt.timedelta(hours=1) if grain == "hour" else dt.timedelta(minutes=1)
    here, there = ZoneInfo(zone), ZoneInfo(other)
    for year in range(1985, 2038):
        for month in (1, 4, 7, 10):
            moment = dt.datetime(year, month, 1, tzinfo=dt.UTC)
            apart = (moment.astimezone(there).utcoffset() or _NONE) - (moment.astimezone(here).utcoffset() or _NONE)
            if apart % length:
                return False
    return True


def _made_of(column: str, kind: Kind) -> str:
    """Return how a column that is no time, such as a year as a number, becomes one in a source's query."""
    made = f"make_date({column}, 1, 1)" if kind is Kind.integer else f"cast({column} as date)"
    return f"`sql: select *, {made} as day from …`"


def _clock(about: About, item: declare.Source, column: str, project: Project) -> Clock | None:
    """Return one clock. Dates have no zone and tell no hours; instants know their own; wall clocks are in a named one."""
    written = item.time[column]
    is_daily = PERIODS.index(written.grain) >= PERIODS.index("day")
    declared = item.columns[column].type if column in item.columns else None
    kind = parse_type(declared) if declared is not None else (DATE if is_daily else TIMESTAMP)
    if kind is None:  # said where the columns are
        return None
    at = ("time", column)
    if kind.kind not in _TIMES:
        about.say(
            "wrong-type",
            f"the clock `{column}` is declared as {kind}, which tells no time",
            *at,
            help="a clock is a date, a timestamp or an instant; make one where the source reads its rows, such as "
            + _made_of(column, kind.kind),
        )
        return None
    if written.zone is not None and not is_zone(written.zone):
        no_such_zone(about, written.zone, *at, "zone")
        return None
    if kind.kind is Kind.date and not is_daily:
        about.say(
            "finer-than-grain",
            f"the clock `{column}` is a date, and a date cannot tell one {written.grain} from another",
            *at,
            why="every row of a day would fall on its first " + written.grain,
            help="write `grain: day`, or declare the column as a timestamp",
        )
        return None
    if kind.kind is Kind.instant and written.zone is not None:
        about.say(
            "wrong-argument",
            f"the clock `{column}` is an instant, which is the same in every zone",
            *at,
            "zone",
            help="leave `zone` out",
        )
        return None
    if is_daily and written.zone not in (None, project.timezone):
        about.say(
            "wrong-argument",
            f"the clock `{column}` tells days of {written.zone}, and the project's days are those of {project.timezone}",
            *at,
            "zone",
            why="a day of one zone is made of parts of two days of the other",
            help="keep the column's hours and declare a finer grain, or leave `zone` out if the days are the project's own",
        )
        return None
    zone = (written.zone or project.timezone) if kind.kind is Kind.timestamp else None
    told_in = zone or "UTC"
    if written.grain in ("minute", "hour") and not keeps_whole(told_in, project.timezone, written.grain):
        about.say(
            "finer-than-grain",
            f"the clock `{column}` tells each {written.grain} of {told_in}, which lies in two {written.grain}s of {project.timezone}",
            *at,
            why="at midnight, rows of one day could not be told from those of the next",
            help="declare a finer grain, if the column tells it",
        )
        return None
    return Clock(column, written.grain, kind, zone)
