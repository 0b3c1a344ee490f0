"""DL401 and DL406 in words: a number that nothing says the definition of. What raises them says where; how they read is settled here.

| said of | when |
|---|---|
| `reaches_back` | a question goes back past the day on which today's definition began, and says nothing |
| `two_at_once` | one number is asked of a time that lies under two definitions |
| `split_period` | a period lies under two definitions |
| `before_the_first` | one number is asked of a time before there was any definition |
| `across_a_break` | one definition is asked for what lies beyond a break |
| `unrecorded` | the past is read under a new definition, and no record restates it (DL406) |
| `not_meant_alike` | two numbers of one metric were counted under two definitions |
"""

from __future__ import annotations

import datetime as dt

from decisionlayer.findings import Finding
from decisionlayer.resolve.model import Metric, Model

#: The codes of what is told here.
CODES = ("unsettled-definition", "unrecorded-restatement")

_CODE, _RESTATE = "unsettled-definition", "read everything under one definition: `definition: restated`"
_TWO_RULES = "one number would be made by two rules, and nobody could say which"


def reaches_back(metric: Metric, since: dt.date, older: str | None, model: Model, *, broken: bool) -> Finding:
    """DL401: nothing says how periods are read that lie before today's definition; ``older`` names the one that they had."""
    restated = "" if broken else "`definition: restated` (today's in every period) or "
    said = "" if older is None else model.metrics[older].definition
    before = f"; before, it was: {said.rstrip('.!')}" if said else ""
    return Finding(
        _CODE, "question", f"the question reaches back past {since}, when `{metric.name}` was defined as it is today{before}", metric.place,
        why="nothing says under which definition the periods before are to be read, and the numbers differ",
        help=f"say {restated}`definition: as_then` (each period its own), or a `basis`; or begin with `start: {since}`",
    )  # fmt: skip


def two_at_once(metric: Metric, day: dt.date, *, is_look: bool) -> Finding:
    """DL401: one number is asked of a time that lies under two definitions; ``is_look`` where its formula reads that time."""
    what = "what is read for one number" if is_look else "the question asks one number of a time that"
    side = f"let what is read begin on {day} or end before it" if is_look else f"ask by a period that begins on {day}"
    message = f"{what} lies under two definitions of `{metric.name}`, which changed on {day}"
    return Finding(_CODE, "question", message, metric.place, why=_TWO_RULES, help=f"{side}, or {_RESTATE}")


def split_period(metric: Metric, day: dt.date, unit: str, period: dt.date, *, first: bool) -> Finding:
    """DL401: a period lies under two definitions, or partly ``first`` before there was any."""
    message = (
        f"the {unit} of {period} began before `{metric.name}` was defined, on {day}" if first
        else f"the {unit} of {period} lies under two definitions of `{metric.name}`, which changed on {day}"
    )  # fmt: skip
    return Finding(
        _CODE, "question", message, metric.place, why=_TWO_RULES,
        help=f"ask by a period that begins on {day}, such as day or month, or {_RESTATE}",
    )  # fmt: skip


def before_the_first(metric: Metric, first: dt.date) -> Finding:
    """DL401: one number is asked of a time before there was any definition."""
    message = f"`{metric.name}` was first defined on {first}, and one number is asked of a time before"
    return Finding(_CODE, "question", message, metric.place, why=_TWO_RULES, help=f"begin with `start: {first}`, or {_RESTATE}")


def across_a_break(metric: Metric, chosen: dt.date, day: dt.date) -> Finding:
    """DL401: the definition of ``chosen`` is asked for periods beyond the break of a day."""
    side = "before" if day <= chosen else "from"
    return Finding(
        _CODE, "question", f"`{metric.name}` cannot be read under its definition of {chosen} {side} {day}: `past: break`", metric.place,
        why="the data of the one side do not tell what the definition of the other asks",
        help="say `definition: as_then`, which keeps each period under its own definition and marks the break",
    )  # fmt: skip


def unrecorded(metric: Metric, since: dt.date) -> Finding:
    """DL406: periods before are read under a new definition, and no record says who restated them, and why."""
    return Finding(
        "unrecorded-restatement", "question", f"`{metric.name}` was defined anew on {since}, and no record restates the periods before",
        metric.place, why="a past that is rewritten needs a name, a reason and the effect",
        help=f"let whoever answers for it write `decisionlayer record '{{restate: {metric.name}, since: {since}, "
        "start: …, end: …, was: …, now: …, why: …, by: …}'`, or say `definition: as_then`",
    )  # fmt: skip


def not_meant_alike(metric: str, one: str, other: str, why: str) -> Finding:
    """DL401: two numbers of one metric that are compared were counted under two definitions."""
    return Finding(
        _CODE, "comparison", f"`{metric}` did not mean the same both times: one is under {one}, the other under {other}", why=why,
        help="read both under one definition: `definition: restated`, or a `basis`",
    )  # fmt: skip
