"""What a definition in time is: from which day it holds, and what it says of the periods before."""

from __future__ import annotations

import datetime as dt

from decisionlayer.frozen import dataclass

#: What joins the name of a metric and the first day of an earlier definition; no name that people write has it.
AT = "@"


@dataclass(frozen=True, slots=True)
class Edition:
    """One definition of a metric, in force from ``since`` until the day before the next newer one's.

    ``name`` is that of the metric in the model that holds it. ``past`` says whether periods before may be read under it:
    ``restated`` or ``break``; None where it does not say, as the oldest need not.
    """

    name: str
    since: dt.date
    past: str | None


def edition_name(metric: str, since: dt.date) -> str:
    """Return the name of an earlier definition in the model.

    >>> edition_name("on_time_rate", dt.date(2024, 1, 1))
    'on_time_rate@2024-01-01'
    """
    return f"{metric}{AT}{since.isoformat()}"


@dataclass(frozen=True, slots=True)
class Read:
    """How the definitions of one metric were read in an answer: ``as_then`` or ``restated`` (None: nothing said), and which ones.

    ``crosses`` says that periods on both sides of a change were read. ``dimension`` is the dimension that the metric was read for, None
    where it is a number of the answer.
    """

    metric: str
    definition: str | None
    editions: tuple[Edition, ...]
    crosses: bool
    dimension: str | None = None
