"""Random calendars: years of months, years of weeks, and files whose terms are of any length and which may end amid the data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.properties.choosing import Choice

DAY = dt.timedelta(days=1)
NAMED = ("end", "start")


@dataclass(frozen=True)
class Frame:
    """A calendar as it is declared, its grains, and the file that it stands in."""

    declared: Mapping[str, Any]
    grains: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def units(self) -> list[str]:
        return [f"{self.declared['frame']}.{grain}" for grain in self.grains]


def frames(choice: Choice) -> list[Frame]:
    """Draw no calendar, or one or two."""
    drawn = choice.several([of_months, of_weeks, of_file, of_iso], *choice.of((0,), (1,), (1,), (2,)))
    return [make(choice) for make in drawn]


def of_months(choice: Choice) -> Frame:
    rule = {"year_starts": choice.of("july", "april", "february", "december"), "year_named": choice.among(NAMED)}
    return Frame({"frame": "fiscal", "owner": "desk", "calendar": rule}, ("month", "quarter", "half", "year"))


def of_weeks(choice: Choice) -> Frame:
    ends = choice.of("saturday nearest january 31", "last sunday of december", "last saturday of february", "saturday nearest march 15")
    rule = {"weeks": choice.of("4-5-4", "4-4-5", "5-4-4"), "year_ends": ends, "year_named": choice.among(NAMED)}
    return Frame({"frame": "retail", "owner": "desk", "calendar": rule}, ("week", "period", "quarter", "half", "year"))


def of_iso(_: Choice) -> Frame:
    return Frame({"frame": "iso", "owner": "desk", "calendar": {"weeks": "iso"}}, ("week", "year"))


def of_file(choice: Choice) -> Frame:
    """Return terms of one day to two months, some all as long as each other, two to five of which make a school year."""
    lengths = choice.of((30, 31, 45, 7, 1, 60), (28,), (60,), (30, 31, 45, 7, 1, 60))
    day = choice.of(dt.date(2023, 11, 1), dt.date(2024, 2, 15), dt.date(2023, 1, 1), dt.date(2024, 3, 10))
    last = choice.of(dt.date(2025, 2, 1), dt.date(2024, 11, 3), dt.date(2024, 12, 31))
    lines, year, term, left = ["day,term,school"], 0, 0, 0
    while day <= last:
        if left == 0:
            year, left = year + 1, choice.of(2, 3, 5)
        term, left = term + 1, left - 1
        for _ in range(choice.among(lengths)):
            if day <= last:
                lines.append(f"{day},t{term},y{year}")
                day += DAY
    rule = {"file": "terms.csv", "grains": {"term": "term", "year": "school"}}
    return Frame({"frame": "terms", "owner": "desk", "calendar": rule}, ("term", "year"), {"terms.csv": "\n".join(lines) + "\n"})
