"""The scan: every number that SQL from outside computes, run beside the governed one that it competes with.

| what is found | rule |
|---|---|
| the same on every row that is there | DL506 |
| another number, or the same in all by accident | DL503 |
| a governed name over something else | DL505 |
| a column that nobody reads, a table or a column that is held twice | DL502, DL504 |
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from decisionlayer.ask import Desk
from decisionlayer.errors import DecisionLayerError
from decisionlayer.exchange.estate.copies import columns_held_twice, held_twice
from decisionlayer.exchange.estate.idle import read_by_nobody
from decisionlayer.exchange.estate.matching import Governed, called, governed, rivals
from decisionlayer.exchange.estate.reading import Statement, read_sql
from decisionlayer.exchange.estate.shown import Shown
from decisionlayer.exchange.estate.surroundings import Surroundings
from decisionlayer.findings import Finding, Place
from decisionlayer.frozen import dataclass
from decisionlayer.names import counted
from decisionlayer.plan.query import Query
from decisionlayer.resolve.bodies.by_row import key_splits, split_by_row
from decisionlayer.resolve.model import Estate
from decisionlayer.sql.apart import added_up, rows_apart

#: So many rows are named; the rest are counted.
_NAMED = 5
#: What a row adds to a sum or a count where it is left out.
_ADDS = frozenset({"sum", "count", "countif"})


def scan(desk: Desk, root: str | Path) -> tuple[Finding, ...]:
    """Return what is found in the estates of a project, whose folder is ``root``, and in the warehouse beside them.

    Codes: ``shadow same-as-governed ungoverned-name unread-column held-twice`` and, of what cannot be read, ``not-a-query
    unreadable unknown-name``. SQL that is declared is run as it is, reduced to its aggregates, in the warehouse of the project.
    """
    found: list[Finding] = []
    statements: list[Statement] = []
    among = Surroundings.of(desk, Path(root)) if desk.model.estates else Surroundings()
    for estate in desk.model.estates.values():
        for file in _files(estate, Path(root), found):
            statement = _read(file, Path(root), estate, among)
            statements.append(statement)
            found += statement.findings
    numbers = governed(desk.model, among) if statements else ()
    for statement in statements:
        for shown in statement.shown:
            found += _judged(desk, shown, numbers)
    named = frozenset(pair for statement in statements for pair in statement.named)
    found += read_by_nobody(desk, named)
    found += held_twice(desk)
    found += columns_held_twice(desk)
    return tuple(found)


def _files(estate: Estate, root: Path, found: list[Finding]) -> list[Path]:
    files: dict[Path, None] = {}
    for pattern in estate.files:
        try:
            matched = sorted(path for path in root.glob(pattern) if path.is_file())
        except (ValueError, NotImplementedError):  # an absolute or empty pattern
            matched = []
        if not matched:
            found.append(Finding(
                "unknown-name", f"estate {estate.name}", f"`{pattern}` of estate `{estate.name}` is no file of the project", estate.place,
                help="write a pattern from the project's folder, as dashboards/*.sql",
            ))  # fmt: skip
        files.update(dict.fromkeys(matched))
    return list(files)


def _read(path: Path, root: Path, estate: Estate, among: Surroundings) -> Statement:
    file = path.relative_to(root).as_posix()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as wrong:
        told = Finding("unreadable", f"estate {estate.name}", f"`{file}` cannot be read: {wrong}", Place(file))
        return Statement((), frozenset(), (told,))
    return read_sql(text, file, f"estate {estate.name}", among)


# -- one number ----------------------------------------------------------------------------------------------------------


def _judged(desk: Desk, shown: Shown, numbers: tuple[Governed, ...]) -> Iterator[Finding]:
    near = rivals(shown, numbers)
    if not near:
        metric = called(shown, desk.model)
        if metric is not None:
            yield Finding(
                "ungoverned-name", f"metric {metric.name}",
                f"`{shown.place.file}` shows `{shown.name}` from `{'.'.join(shown.table)}`, and `{metric.name}` is counted otherwise",
                shown.place, why="whoever reads the name takes it for the governed number",
                help=f"show `{metric.name}` itself, or give the column another name",
            )  # fmt: skip
        return
    one = near[0]
    try:
        # Several may be equally near: the one that it is, if it is one of them, else the first.
        found = [_beside(desk, shown, each) for each in near]
    except DecisionLayerError as failed:
        yield Finding(
            "shadow", f"metric {one.metric.name}",
            f"`{shown.place.file}` computes `{shown.name}` from the columns of `{one.metric.name}`, and could not be run beside it",
            shown.place, why=failed.findings[0].message if failed.findings else "", help=f"show `{one.metric.name}` itself",
        )  # fmt: skip
        return
    yield _told(shown, next((each for each in found if each.is_same and each.rows is not None and not each.rows.count), found[0]))


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows by their keys as text: how many they are, and the first of them."""

    count: int
    first: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Beside:
    """SQL and a governed number, run beside each other: both totals, and the keys of the rows on which they differ.

    ``rows`` is None where nobody can say which rows they are.
    """

    one: Governed
    theirs: object
    ours: object
    rows: _Rows | None

    @property
    def is_same(self) -> bool:
        return _is_same(self.theirs, self.ours)


def _beside(desk: Desk, shown: Shown, one: Governed) -> _Beside:
    theirs = _total(desk, shown)
    return _Beside(one, theirs, _governed_total(desk, one), _rows_apart(desk, shown, one, theirs))


def _told(shown: Shown, found: _Beside) -> Finding:
    metric, source = found.one.metric, found.one.source
    if found.is_same and found.rows is None:
        said = f"as {_figure(found.theirs)}, as `{metric.name}` is, and its rows cannot be told apart"
        return Finding(
            "untraced-sql", f"metric {metric.name}", f"`{shown.place.file}` computes `{shown.name}` {said}", shown.place,
            why="what is the same in all may differ row by row", help=f"show `{metric.name}` itself, or look at it yourself",
        )  # fmt: skip
    if found.is_same and found.rows is not None and not found.rows.count:
        return Finding(
            "same-as-governed", f"metric {metric.name}",
            f"`{shown.place.file}` computes `{shown.name}`, which is `{metric.name}` on every row that is there: {_figure(found.ours)}",
            shown.place, why="the day somebody changes one of the two, they part without a word", help=f"show `{metric.name}` itself",
        )  # fmt: skip
    said = f"as {_figure(found.theirs)}, and `{metric.name}` is {_figure(found.ours)}"
    if found.is_same:
        said = f"as {_figure(found.theirs)}, as `{metric.name}` is, and the two differ row by row"
    rows = found.rows or _Rows(0, ())
    more = f" and {rows.count - len(rows.first):,} more" if rows.count > len(rows.first) else ""
    count = counted(rows.count, "row")
    apart = f"{count} of `{source.name}`: {', '.join(rows.first)}{more}" if rows.count else ""
    gap = "" if found.is_same else _gap(found.theirs, found.ours)
    return Finding(
        "shadow", f"metric {metric.name}", f"`{shown.place.file}` computes `{shown.name}` from `{source.name}` {said}",
        shown.place, why=_difference(shown, found.one), damage="; ".join(part for part in (gap, apart) if part),
        help=f"show `{metric.name}` itself, or declare in which way this one is to differ as a metric of its own",
    )  # fmt: skip


def _difference(shown: Shown, one: Governed) -> str:
    """Say what of the measured columns the two do not share, and which rows SQL keeps."""
    told = []
    if lacks := sorted(one.measured - shown.measured):
        told.append(f"it leaves out {', '.join(lacks)}")
    if more := sorted(shown.measured - one.measured):
        told.append(f"it takes in {', '.join(more)}")
    if not told:
        told.append("it reads the same columns and computes something else of them")
    told.append(f"it keeps rows where {' and '.join(shown.conditions)}" if shown.conditions else "it keeps all rows")
    return "; ".join(told)


def _total(desk: Desk, shown: Shown) -> object:
    assert desk.engine is not None
    return desk.engine.rows(shown.total())[0][0]


def _governed_total(desk: Desk, one: Governed) -> object:
    return desk.answer(Query(metrics=(one.metric.name,))).rows()[0][0]


def _rows_apart(desk: Desk, shown: Shown, one: Governed, whole: object) -> _Rows | None:
    """Return the rows on which the two differ; a row that one leaves out adds nothing to it.

    None where they cannot be told: the source has no key, the key does not come up through the queries, or what it
    brings up is another number in all.
    """
    assert desk.engine is not None
    theirs = shown.by_row(one.ground.key) if one.source.key else None
    if theirs is None:
        return None
    if shown.is_sum and not _is_same(desk.engine.rows(added_up(theirs))[0][0] or 0, whole or 0):
        return None
    asked = split_by_row(desk.model, one.source, (one.metric.name,))
    query = Query(metrics=(one.metric.name,), by=key_splits(one.source))
    ours = desk.beside(asked).compile(query, inline=True).statement.text
    rows = desk.engine.rows(rows_apart(theirs, ours, len(one.source.key), adds=shown.functions <= _ADDS, most=_NAMED))
    count = rows[0][1] if rows else 0
    assert isinstance(count, int)
    return _Rows(count, tuple(str(key) for key, _ in rows))


def _is_same(one: object, other: object) -> bool:
    if isinstance(one, int | float | Decimal) and isinstance(other, int | float | Decimal):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return one == other


def _figure(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case int():
            return f"{value:,}"
        case float() | Decimal():
            return f"{value:,.4f}".rstrip("0").rstrip(".")
        case _:
            return str(value)


def _gap(theirs: object, ours: object) -> str:
    if isinstance(theirs, int | float | Decimal) and isinstance(ours, int | float | Decimal):
        gap = Decimal(str(theirs)) - Decimal(str(ours))
        return f"{'+' if gap > 0 else ''}{_figure(gap)}"
    return ""


