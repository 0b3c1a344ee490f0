"""A statement: SQL text ready to run, with its parameters, columns and what each column means."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from typing import TypeAlias

from decisionlayer.frozen import dataclass
from decisionlayer.resolve.language.types import DataType

Bound: TypeAlias = str | int | float | bool | Decimal | dt.date | dt.datetime | None


@dataclass(frozen=True, slots=True)
class StatementColumn:
    """A column of the result: its name, type, and whether it is a ``group`` or a ``metric`` (then, which)."""

    name: str
    type: DataType
    role: str
    metric: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL text for one dialect. ``parameters`` are bound by name (``$name``); ``tables`` are the relations that it reads.

    ``is_leveled`` says that the column ``level`` tells what a row is split by.
    """

    text: str
    dialect: str
    columns: tuple[StatementColumn, ...]
    parameters: Mapping[str, Bound] = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    is_leveled: bool = False
