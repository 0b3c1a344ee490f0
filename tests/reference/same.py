"""When two answers are the same: exact numbers by value, floats to nine digits, times by the point that they mean."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence


def is_same(left: object, right: object) -> bool:
    """Say whether two values of a result are the same; NULL is the same as NULL only, and true is no number."""
    if left is None or right is None or isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dt.datetime) and isinstance(right, dt.datetime):
        # in UTC, because Python holds a time in an hour that comes twice to be equal to none in another zone
        return (left.tzinfo is None) == (right.tzinfo is None) and _in_utc(left) == _in_utc(right)
    if isinstance(left, str | dt.date) or isinstance(right, str | dt.date):
        return type(left) is type(right) and left == right
    if isinstance(left, float) or isinstance(right, float):
        return math.isclose(float(left), float(right), rel_tol=1e-9, abs_tol=1e-12)  # type: ignore[arg-type]
    return left == right


def same_rows(left: Sequence[Sequence[object]], right: Sequence[Sequence[object]]) -> bool:
    """Say whether two lists of rows are the same, in the same order."""
    return len(left) == len(right) and all(
        len(a) == len(b) and all(is_same(x, y) for x, y in zip(a, b, strict=True))
        for a, b in zip(left, right, strict=True)
    )


def _in_utc(moment: dt.datetime) -> dt.datetime:
    return moment if moment.tzinfo is None else moment.astimezone(dt.UTC)
