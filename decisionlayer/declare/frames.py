"""Frames: versioned ways of seeing. A calendar, a reporting line or a table of exchange rates, told by the one body that is there."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from decisionlayer.declare.base import Day, Declaration, DeclaredName, Texts
from decisionlayer.declare.metrics import RateKind


class Calendar(Declaration):
    """A calendar: years that start in a month, years of whole weeks, or a file with one line a day.

    ``year_starts`` makes ``month``, ``quarter``, ``half`` and ``year``; ``weeks`` with ``year_ends`` makes ``week``,
    ``period``, ``quarter``, ``half`` and ``year``, and ``weeks: iso`` ``week`` and ``year``; ``file`` what ``grains``
    names, finest first, each with its column.
    """

    year_starts: str | None = None
    weeks: str | None = None
    year_ends: str | None = None
    year_named: Literal["start", "end"] | None = None
    file: str | None = None
    grains: dict[DeclaredName, str] = Field(default_factory=dict)


class Hierarchy(Declaration):
    """A reporting line of an entity: from a source or a file, by ``levels``, widest first, or by the way to the ``parent``."""

    of: str
    source: str | None = None
    file: str | None = None
    levels: Texts = ()
    parent: str | None = None


class Fx(Declaration):
    """A table of exchange rates: what one unit of the currency in the column ``from`` is worth in ``to``.

    ``file`` holds one line per currency and period, told by a column ``day``, ``month`` (its first day) or by ``valid_from`` and
    ``valid_to``; ``rates`` names the column of each kind.
    """

    file: str
    from_: str
    to: str
    rates: dict[RateKind, str] = Field(default_factory=dict)


class Frame(Declaration):
    """A way of seeing, with an owner: exactly one of ``calendar``, ``hierarchy`` and ``fx``.

    ``versions`` names a reporting line as it stood on a day.
    """

    frame: DeclaredName
    owner: str | None = None
    calendar: Calendar | None = None
    hierarchy: Hierarchy | None = None
    fx: Fx | None = None
    versions: dict[DeclaredName, Day] = Field(default_factory=dict)
