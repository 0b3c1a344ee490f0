"""Names: which are legal, and which known name a mistyped one probably meant.

A name is a letter or underscore followed by letters, digits and single underscores.
``__`` is kept for result columns (``carrier.name`` comes back as ``carrier__name``), so no name may hold it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")

#: Periods are asked like dimensions, so no dimension or role may bear their names. Finest first.
PERIODS = ("millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year")


def is_name(text: str) -> bool:
    """Say whether ``text`` may name a thing.

    >>> is_name("late_minutes"), is_name("late__minutes"), is_name("2nd")
    (True, False, False)
    """
    return bool(NAME.match(text)) and "__" not in text


def column_name(path: str) -> str:
    """Return the result column of an asked path: dots become double underscores.

    >>> column_name("origin.region.name")
    'origin__region__name'
    """
    return path.replace(".", "__")


#: Names of more letters than this are compared without counting them first.
_LONGEST = 64
#: How many candidates are compared letter by letter, those with most letters in common first.
_MOST_COMPARED = 40


def near(name: str, candidates: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """Return up to ``most`` candidates that ``name`` probably meant, nearest first; empty when none is near.

    A candidate is near when it has the same letters in nearly the same order, or holds the name, or ends in it.

    >>> near("late_minuts", ["late_minutes", "on_time_share", "seats_flown"])
    ('late_minutes',)
    >>> near("name", ["carrier.name", "haul"])
    ('carrier.name',)
    """
    wanted = name.casefold()
    letters = _letters(wanted)
    ending = wanted.rpartition(".")[2]
    hopeful: list[tuple[float, float, str, str]] = []
    for candidate in set(candidates):
        other = candidate.casefold()
        # Letters in common, wherever they stand: no ratio is greater, and counting them takes a hundredth of its time.
        length = len(wanted) + len(other) or 1
        at_most = 2 * (letters & _letters(other)).bit_count() / length if length <= _LONGEST else 1.0
        least = 0.8 if other.rpartition(".")[2] == ending or (len(wanted) > 3 and wanted in other) else 0.0
        if at_most > 0.6 or least:
            hopeful.append((-max(at_most, least), least, candidate, other))
    scored: list[tuple[float, str]] = []
    for at_most, least, candidate, other in sorted(hopeful)[:_MOST_COMPARED]:
        if len(scored) == most and at_most > scored[-1][0]:
            break  # neither this one nor any after it can be nearer than those that are found
        score = max(SequenceMatcher(None, wanted, other).ratio(), least)
        if score > 0.6:
            scored = sorted([*scored, (-score, candidate)])[:most]
    return tuple(candidate for _, candidate in scored)


@lru_cache(maxsize=1 << 15)
def _letters(text: str) -> int:
    """Return the letters of a text as bits, one for each time that a letter comes; far letters share theirs."""
    bits = 0
    for letter in text[:_LONGEST]:
        place = 1 << (ord(letter) % 32 * _LONGEST)
        while bits & place:
            place <<= 1
        bits |= place
    return bits


def counted(number: int, noun: str) -> str:
    """Return how many there are of something.

    >>> counted(1, "view"), counted(1200, "metric")
    ('1 view', '1,200 metrics')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """Return a sentence with the near names, or one that lists a few of all when nothing is near.

    >>> did_you_mean("carier", ["carrier", "origin"])
    'Did you mean carrier?'
    >>> did_you_mean("x", ["carrier", "origin"])
    'There are: carrier, origin.'
    >>> did_you_mean("x", [])
    'There are none.'
    """
    known = sorted(set(candidates))
    close = near(name, known)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    if not known:
        return "There are none."
    shown = ", ".join(known[:8])
    return f"There are: {shown}{' …' if len(known) > 8 else '.'}"
