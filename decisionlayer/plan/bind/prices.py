"""Prices with dates: which value of an assumption a cell takes.

A price holds for what a formula reads in a cell, so a cell lies in the time of one value or has no number. Where the whole question lies
in it the price is a constant. Else each cell takes the value that holds when what it reads begins, and no period may be cut by a change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import pairwise

from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass
from decisionlayer.plan.bind.grids import Grid, Interval, moved_wall
from decisionlayer.plan.bind.intervals import read_by
from decisionlayer.plan.bind.ranges import Range, at_midnight, begins
from decisionlayer.plan.bind.timing import forgets_time, time_looks
from decisionlayer.plan.bind.tree import Node, Tree
from decisionlayer.plan.bind.walls import ends_tonight, reach_walls
from decisionlayer.resolve.drafting.looks import ACCUMULATIONS, Look
from decisionlayer.resolve.language.tree import Expr, Name
from decisionlayer.resolve.model import Assumption, Formula, Life, Model, Project

#: Each formula of a question with the names of its prices with dates.
Prices = Mapping[tuple[Node, str], "Price"]


@dataclass(frozen=True, slots=True)
class Price:
    """The lives of a price that a question takes in, newest first, and when what a cell reads begins (None: there is one life)."""

    lives: tuple[Life, ...]
    first: Expr | None = None


def prices_of(
    tree: Tree, key: tuple[str, str] | None, range: Range, today: dt.date | None, model: Model, findings: list[Finding]
) -> Prices:
    """Return what each price with dates is in the cells of a question, by the formula that names it.

    ``needs-period`` where a cell lies in the time of two values, ``bad-question`` where none is in force.
    """
    found: dict[tuple[Node, str], Price] = {}
    refused: set[tuple[str, tuple[Look, ...]]] = set()
    for node, assumption in _dated(tree, model):
        looks = time_looks(node)
        asked = None if key is None or forgets_time(node) else Grid(key[1], model.project)
        price = _price(assumption, looks, asked, "" if key is None else key[0], range, today, model.project)
        if isinstance(price, Price):
            found[node, assumption.name] = price
        elif (assumption.name, looks) not in refused:
            refused.add((assumption.name, looks))
            findings.append(price)
    return found


def told_of_prices(prices: Prices, model: Model) -> tuple[str, ...]:
    """Return a note for each price that a question takes in several values."""
    several = dict.fromkeys(name for (_, name), price in prices.items() if len(price.lives) > 1)
    return tuple(f"`{name}` is {model.assumptions[name].told}" for name in several)


def _dated(tree: Tree, model: Model) -> Iterator[tuple[Node, Assumption]]:
    for node in tree.nodes:
        if isinstance(node.metric.body, Formula) and not node.since:
            for name in node.metric.body.assumptions:
                if name in model.assumptions and model.assumptions[name].lives:
                    yield node, model.assumptions[name]


def _price(
    assumption: Assumption, looks: tuple[Look, ...], asked: Grid | None, column: str, range: Range, today: dt.date | None, project: Project
) -> Price | Finding:
    first, before = _reach(looks, asked, range, today, project)
    lives = tuple(life for life in assumption.lives if _overlaps(life, first, before))
    if not _covered(lives, first, before):
        return _not_in_force(assumption, first, before)
    if len(lives) == 1:
        return Price(lives)
    changes = [at_midnight(life.since) for life in lives[:-1] if life.since is not None]
    gathers = next((look.function for look in looks if look.function in ACCUMULATIONS), None)
    moved = all(look.unit is not None and project.almanac.is_whole(asked.unit, look.unit) for look in looks) if asked else False
    if asked is None or gathers is not None or not moved or any(begins(day, asked.unit, project) != day for day in changes):
        return _across(assumption, asked, gathers, lives)
    own: Expr = Name((column,))
    interval = read_by(looks, Interval(own, asked.next(own)), asked, asked)
    assert interval.first is not None
    return Price(lives, interval.first)


def _reach(
    looks: tuple[Look, ...], asked: Grid | None, range: Range, today: dt.date | None, project: Project
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Return from when until when a question's cells read at most; None is without an end."""
    start, end = (None if edge is None else edge.wall for edge in (range.start, range.end))
    if not looks:
        return start, end  # every row of the range, those after today too
    if asked is None:
        if end is not None:
            end = ends_tonight(start, end, today)
        return reach_walls(looks, start, end, project)
    first = before = None
    if start is not None:
        opening = begins(start, asked.unit, project)
        first = reach_walls(looks, start, moved_wall(opening, 1, asked.unit, project), project, asked.unit)[0]
    if end is not None:
        before = reach_walls(looks, begins(end - dt.timedelta(microseconds=1), asked.unit, project), end, project, asked.unit)[1]
    return first, before


def _overlaps(life: Life, first: dt.datetime | None, before: dt.datetime | None) -> bool:
    since, after = (None if day is None else at_midnight(day) for day in (life.since, life.after))
    return (before is None or since is None or since < before) and (first is None or after is None or first < after)


def _covered(lives: tuple[Life, ...], first: dt.datetime | None, before: dt.datetime | None) -> bool:
    """Whether a value is in force at every time between two; ``lives`` are newest first."""
    if not lives:
        return False
    newest, oldest = lives[0], lives[-1]
    ends = newest.after is None or (before is not None and before <= at_midnight(newest.after))
    starts = oldest.since is None or (first is not None and at_midnight(oldest.since) <= first)
    return starts and ends and all(newer.since == older.after for newer, older in pairwise(lives))


def _across(assumption: Assumption, asked: Grid | None, gathers: str | None, lives: tuple[Life, ...]) -> Finding:
    changed = max(life.since for life in lives[:-1] if life.since is not None)
    what = f"`{gathers}`" if gathers else "a cell" if asked is None else f"a {asked.unit}"
    return Finding(
        "needs-period", "question", f"`{assumption.name}` changes on {changed}, and {what} reads across it",
        why=f"it is {assumption.told}: one number would be made with two prices",
        help=f"ask by a period that begins on {changed}, such as the day, or a range that ends before it",
    )  # fmt: skip


def _not_in_force(assumption: Assumption, first: dt.datetime | None, before: dt.datetime | None) -> Finding:
    since = "the beginning" if first is None else f"{first:%Y-%m-%d}"
    until = "the end" if before is None else f"{before - dt.timedelta(microseconds=1):%Y-%m-%d}"
    return Finding(
        "bad-question", "question", f"`{assumption.name}` has no value for all that the question reads, from {since} to {until}",
        assumption.place, why=f"it is {assumption.told}",
        help="ask within its dates by `start` and `end`, or declare what held before or holds after",
    )  # fmt: skip
