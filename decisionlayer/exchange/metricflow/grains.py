"""dbt's grains: their order, and whole periods around a moment."""

from __future__ import annotations

import datetime as dt

#: Finest first; the last one begins with the first month of a quarter, a week with its Monday.
GRAINS = (
    "nanosecond", "microsecond", "millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year",
)  # fmt: skip

#: dbt's date parts, and the function of the language that is each. Weeks begin with Monday, which is 1.
PARTS = {
    "year": "year", "quarter": "quarter", "month": "month", "day": "day", "dow": "day_of_week", "doy": "day_of_year",
}  # fmt: skip


def rank(grain: str) -> int:
    """Return how coarse a grain is."""
    return GRAINS.index(grain)


def coarsest(grains: list[str]) -> str:
    """Return the coarsest of some grains."""
    return max(grains, key=rank)


def finest(grains: list[str]) -> str:
    """Return the finest of some grains."""
    return min(grains, key=rank)


def opening(moment: dt.datetime, grain: str) -> dt.datetime:
    """Return the start of the period that a moment lies in.

    >>> opening(dt.datetime(2020, 5, 14, 3), "quarter").isoformat()
    '2020-04-01T00:00:00'
    """
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    match grain:
        case "nanosecond" | "microsecond":
            return moment
        case "millisecond":
            return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        case "second":
            return moment.replace(microsecond=0)
        case "minute":
            return moment.replace(second=0, microsecond=0)
        case "hour":
            return moment.replace(minute=0, second=0, microsecond=0)
        case "week":
            return day - dt.timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case "year":
            return day.replace(month=1, day=1)
        case _:
            return day


def closing(moment: dt.datetime, grain: str) -> dt.datetime:
    """Return the start of the next period after the one that a moment lies in.

    >>> closing(dt.datetime(2020, 5, 14), "month").isoformat()
    '2020-06-01T00:00:00'
    """
    begins = opening(moment, grain)
    match grain:
        case "month" | "quarter" | "year":
            months = {"month": 1, "quarter": 3, "year": 12}[grain]
            index = begins.year * 12 + begins.month - 1 + months
            return begins.replace(year=index // 12, month=index % 12 + 1)
        case "week":
            return begins + dt.timedelta(days=7)
        case "day":
            return begins + dt.timedelta(days=1)
        case "nanosecond" | "microsecond":
            return begins + dt.timedelta(microseconds=1)
        case _:
            seconds = {"millisecond": 0.001, "second": 1, "minute": 60, "hour": 3600}[grain]
            return begins + dt.timedelta(seconds=seconds)
