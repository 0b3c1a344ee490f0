"""What is printed ties: where printed parts do not add up to the printed total, a line says by how much (R9).

Nothing is spread over the parts: each of them is printed as the number that it is.

::

    shop        level   amount          three thirds of 100
    A           shop      33.3
    B           shop      33.3
    C           shop      33.3
                total    100.0          rounding: amount by shop adds up to 99.9 as printed, and its total is printed as 100.0
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from decisionlayer.names import column_name
from decisionlayer.resolve.meaning.comparing import exact
from decisionlayer.resolve.quantities.printed import read_printed, rounded_away

#: What floating numbers may be off by, as a part of what is added.
_NEAR = 1e-9


def rounding_lines(
    groups: Mapping[str, Sequence[object]], numbers: Mapping[str, tuple[Mapping[str, object], Sequence[object], Sequence[str]]]
) -> Iterator[str]:
    """Yield a line for each number of a table by levels whose printed parts are off its printed totals.

    ``groups`` are the columns of keys with ``level`` among them; ``numbers`` the passport, the values and the texts of each other
    column. Numbers whose parts do not make the whole have no such line: ratios, distinct counts, parts that are cut off.
    """
    levels = [str(level) for level in groups["level"]]
    places: dict[str, dict[tuple[object, ...], list[int]]] = {}
    for coarse in dict.fromkeys(levels):
        fine = _parts_of(coarse, levels)
        if fine is None:
            continue
        keys = [column for column in groups if column != "level" and any(_is_key(column, part) for part in _split(coarse))]
        for place, level in enumerate(levels):
            if level in (coarse, fine):
                cell = tuple(groups[key][place] for key in keys)
                places.setdefault(coarse, {}).setdefault(cell, []).append(place)
    for name, (passport, values, texts) in numbers.items():
        if passport.get("additivity") != "additive" or passport.get("metric") != name or passport.get("reading"):
            continue
        for coarse, cells in places.items():
            off = [found for rows in cells.values() if (found := _off(rows, levels, coarse, values, texts)) is not None]
            if off:
                yield _line(name, coarse, str(_parts_of(coarse, levels)), off)


def _parts_of(coarse: str, levels: Sequence[str]) -> str | None:
    """Return the level that a level is split by next, none for the finest."""
    own = _split(coarse)
    finer = [level for level in dict.fromkeys(levels) if _split(level) > own]
    return min(finer, key=lambda level: len(_split(level)), default=None)


def _split(level: str) -> frozenset[str]:
    return frozenset() if level == "total" else frozenset(level.split(", "))


def _is_key(column: str, part: str) -> bool:
    return column == column_name(part) or column.startswith(f"{column_name(part)}__")


def _off(
    rows: Sequence[int], levels: Sequence[str], coarse: str, values: Sequence[object], texts: Sequence[str]
) -> tuple[Decimal, str, str] | None:
    """Return by how much a total is off its parts as printed, with the texts of both; None where they tie, or are not its parts."""
    wholes, parts = ([row for row in rows if (levels[row] == coarse) is is_whole] for is_whole in (True, False))
    if len(wholes) != 1 or not parts:
        return None
    whole = wholes[0]
    if not _ties([values[row] for row in parts], values[whole]):
        return None
    off = rounded_away([texts[row] for row in parts], texts[whole])
    return None if not off else (off, f"{read_printed(texts[whole]) - off:,}", texts[whole])


def _ties(parts: Sequence[object], whole: object) -> bool:
    """Say whether parts make a whole, so that what is off is rounding and nothing else."""
    known = [value for part in parts if (value := exact(part)) is not None]
    total = exact(whole)
    if total is None:
        return not known
    if any(isinstance(value, float) for value in (*parts, whole)):
        size = math.fsum(abs(float(value)) for value in known)
        return abs(math.fsum(map(float, known)) - float(total)) <= _NEAR * max(size, 1e-300)
    return sum(known, Decimal(0)) == total


def _line(name: str, coarse: str, fine: str, off: Sequence[tuple[Decimal, str, str]]) -> str:
    whole = "its total" if coarse == "total" else f"its total by {coarse}"
    if len(off) == 1:
        _, parts, total = off[0]
        return f"rounding: {name} by {fine} adds up to {parts} as printed, and {whole} is printed as {total}"
    most = max(abs(each) for each, _, _ in off)
    differ = f"differ from what its parts by {fine} add up to as printed, by at most {most:,f}"
    return f"rounding: {len(off)} totals of {name} by {coarse} {differ}"
