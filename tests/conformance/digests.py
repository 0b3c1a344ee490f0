"""What a table says, in a line: as many rows, the same words and times, and numbers that add up to the same."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any


def digest(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Return the number of rows, a hash of what is no number, and for each column of numbers how many there are and their sum.

    The sum is of the numbers and of their squares, each times its place in the alphabet of what stands beside it: a number in
    another row is another sum.
    """
    in_order = sorted(range(len(columns)), key=lambda at: columns[at])
    numeric = [at for at in in_order if any(_is_number(row[at]) for row in rows)]
    words = [at for at in in_order if at not in numeric]
    beside = sorted([tuple(_word(row[at]) for at in words) for row in rows])
    place = {each: number for number, each in enumerate(dict.fromkeys(beside), 1)}
    told = hashlib.sha256("\n".join(map(repr, ([columns[at] for at in words], beside))).encode()).hexdigest()[:16]
    sums = {}
    for at in numeric:
        known = [(place[tuple(_word(row[each]) for each in words)], float(row[at])) for row in rows if row[at] is not None]
        sums[columns[at]] = [len(known), math.fsum(number * value for number, value in known), math.fsum(v * v for _, v in known)]
    return {"rows": len(rows), "words": told, "numbers": sums}


def differs(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterable[str]:
    """Yield in what two digests differ; numbers within one in a million."""
    for key in ("rows", "words"):
        if one[key] != other[key]:
            yield f"{key}: {one[key]} and {other[key]}"
    if one["numbers"].keys() != other["numbers"].keys():
        yield f"columns of numbers: {sorted(one['numbers'])} and {sorted(other['numbers'])}"
        return
    for column, sums in one["numbers"].items():
        both = zip(sums, other["numbers"][column], strict=True)
        if not all(math.isclose(mine, theirs, rel_tol=1e-6, abs_tol=1e-9) for mine, theirs in both):
            yield f"{column}: {sums} and {other['numbers'][column]}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _word(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None).isoformat()
    return dt.datetime.combine(value, dt.time()).isoformat() if isinstance(value, dt.date) else repr(value)
