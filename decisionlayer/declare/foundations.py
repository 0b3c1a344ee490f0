"""What everything stands on: the project, its parties, units and assumptions."""

from __future__ import annotations

from typing import Literal

from decisionlayer.declare.base import Day, Declaration, DeclaredName, ListOf, Number, Prose, Texts, UnitText


class Project(Declaration):
    """The project: its name, the zone and week start in which periods are cut, and where its warehouse is by default."""

    name: DeclaredName
    timezone: str = "UTC"
    week_start: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "monday"
    warehouse: str | None = None


class Party(Declaration):
    """A person, role or team that can own, sign, decide or raise a flag."""

    party: DeclaredName
    kind: Literal["person", "role", "team"] | None = None
    name: Prose | None = None
    since: Day | None = None
    until: Day | None = None
    successor: str | None = None


class UnitBase(Declaration):
    """A counted thing, or whatever SI time and ISO 4217 do not name."""

    unit: DeclaredName
    name: Prose | None = None


class EarlierValue(Declaration):
    """What a price was before, from ``since`` until the next newer one."""

    value: Number
    since: Day | None = None


class Assumption(Declaration):
    """A price or rate that somebody answers for; with dates it holds from ``since`` to ``until``, and ``earlier`` values before."""

    assumption: DeclaredName
    value: Number
    unit: UnitText | None = None
    owner: str | None = None
    why: Prose | None = None
    since: Day | None = None
    until: Day | None = None
    earlier: ListOf[EarlierValue] = ()


class Dialect(Declaration):
    """One of a word's two wordings: what it says, for which metric, with an example."""

    metric: str | None = None
    says: Prose | None = None
    example: Prose | None = None


class Word(Declaration):
    """A word in its two dialects, frontline and executive, and how far they match."""

    word: Prose
    frontline: Dialect | None = None
    executive: Dialect | None = None
    match: Literal["exact", "close", "broader", "narrower", "false_friend"] | None = None
    not_the_same_as: Texts = ()
