"""Levels, as they are meant: each is the answer to the question by that split alone, and the rows of all stand in one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cmp_to_key
from typing import TypeAlias

from decisionlayer.resolve.model import Model
from tests.reference.language import Value

Answer: TypeAlias = tuple[tuple[str, ...], list[tuple[Value, ...]]]


def levels_of(model: Model, keys: Mapping[str, object]) -> list[list[str]] | None:
    """Return the levels that a question asks, None for a question by one split."""
    if keys.get("levels"):
        return [list(level) for level in keys["levels"]]  # type: ignore[attr-defined]
    if not keys.get("totals"):
        return None
    by: list[str] = []
    for asked in keys["by"]:  # type: ignore[attr-defined]
        line = model.hierarchies.get(asked)
        by += [asked] if line is None else [f"{asked}.{level}" for level in line.levels]
    return [by[:length] for length in range(len(by), -1, -1)]


def of_all(
    levels: list[list[str]], keys: Mapping[str, object], answer: Callable[..., Answer], is_grouped: Callable[[list[str]], bool]
) -> Answer:
    """Return the rows of all levels: every group column, NULL where a level has it not, then ``level``, then the numbers."""
    plain = {key: value for key, value in keys.items() if key not in ("levels", "totals", "by", "order", "limit", "rest")}
    order = [str(name) for name in keys.get("order", ())]  # type: ignore[attr-defined]
    alone = []
    for level in levels:
        own = dict(plain)
        if keys.get("rest") and is_grouped(level):  # each has first groups of its own, and a rest
            ranked = [name for name in order if name.removeprefix("-") != "level"]
            own |= {"rest": True, "limit": keys.get("limit"), "order": ranked}
        alone.append((", ".join(level) or "total", *answer(by=level, **own)))
    asked = {name.replace(".", "__") for level in levels for name in level} | {"rest"}
    numbers = [column for column in alone[0][1] if column not in asked]
    groups = list(dict.fromkeys(column for _, columns, _ in alone for column in columns if column not in (*numbers, "rest")))
    groups += ["rest"] if keys.get("rest") else []
    columns = (*groups, "level", *numbers)
    rows = []
    for name, own_columns, found in alone:
        for row in found:
            known = {**dict(zip(own_columns, row, strict=True)), "level": name}
            rows.append(tuple(known.get(column) for column in columns))
    wanted = [(columns.index(name.removeprefix("-").replace(".", "__")), name.startswith("-")) for name in order]
    runs = [*wanted, *((index, False) for index in range(len(groups) + 1))]
    rows.sort(key=cmp_to_key(lambda one, other: _compare(one, other, runs)))
    limit = None if keys.get("rest") else keys.get("limit")
    return columns, rows if limit is None else rows[:limit]  # type: ignore[misc]


def _compare(one: tuple[Value, ...], other: tuple[Value, ...], runs: list[tuple[int, bool]]) -> int:
    for index, down in runs:
        a, b = one[index], other[index]
        if a != b:
            if a is None or b is None:
                return 1 if a is None else -1
            return (1 if a > b else -1) * (-1 if down else 1)  # type: ignore[operator]
    return 0
