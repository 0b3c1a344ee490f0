"""SQL from outside, taken apart: every number that it shows, over which table, by which columns.

::

    select sum(amount) as revenue from orders where status in ('paid', 'pending')

    shown    function  table   measured  kept by
    revenue  sum       orders  amount    status
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp, parse
from sqlglot.errors import ParseError, SqlglotError

from decisionlayer.exchange.estate.inlining import TooLarge, inlined
from decisionlayer.exchange.estate.shown import DIALECT, Shown, shown_by
from decisionlayer.exchange.estate.surroundings import Surroundings
from decisionlayer.exchange.estate.tracing import Tracer, Untraced, is_star, sources_of
from decisionlayer.findings import Finding, Place
from decisionlayer.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Statement:
    """What one file says: the aggregates that it shows, every (table, column) that it names (``*`` for all), and what is wrong with it."""

    shown: tuple[Shown, ...]
    named: frozenset[tuple[str, str]]
    findings: tuple[Finding, ...]


def read_sql(text: str, file: str, subject: str, among: Surroundings | None = None) -> Statement:
    """Return what the statements of a file show. ``not-a-query`` for one that is no query, ``unreadable`` for what is no SQL.

    ``untraced-sql`` where a number cannot be followed to a table. ``among`` knows the columns of tables, and views.
    """
    place, among = Place(file), among or Surroundings()
    try:
        statements = [statement for statement in parse(text, read=DIALECT) if statement is not None]
    except (SqlglotError, RecursionError) as wrong:
        at = wrong.errors[0] if isinstance(wrong, ParseError) and wrong.errors else {}
        place = Place(file, int(at.get("line") or 1), int(at.get("col") or 1))
        told = Finding("unreadable", subject, f"`{file}` cannot be read as SQL", place, help="mend it, or leave the file out")
        return Statement((), frozenset(), (told,))
    shown: list[Shown] = []
    named: set[tuple[str, str]] = set()
    findings: list[Finding] = []
    lost: dict[str, None] = {}
    for statement in statements:
        if not isinstance(statement, exp.Query):
            findings.append(Finding(
                "not-a-query", subject, f"`{file}` holds a statement that is no query: {statement.key.upper()}", place,
                why="the estate is read, and what changes data is never run", help="leave the file out",
            ))  # fmt: skip
            continue
        among.settle_files(statement, among.root / file)
        try:
            whole = inlined(statement, among.views)
        except (TooLarge, RecursionError):
            lost["it stands on too many queries"] = None
            whole = statement
        named |= set(_named(whole))
        if whole is statement:
            continue
        for each in shown_by(whole, Tracer(among.columns_of), lambda name: _place(text, file, name)):
            if isinstance(each, Untraced):
                lost[str(each)] = None
            else:
                shown.append(each)
    if lost:
        more = f"; and {len(lost) - 1} more" if len(lost) > 1 else ""
        findings.append(Finding(
            "untraced-sql", subject, f"`{file}` shows what cannot be traced to a table: {next(iter(lost))}{more}", place,
            why="whether it is a governed number, computed in another way, is not known",
            help="look at it yourself, or add up over the table",
        ))  # fmt: skip
    return Statement(tuple(shown), frozenset(named), tuple(findings))


def _named(query: exp.Query) -> Iterator[tuple[str, str]]:
    """Yield every table with every column that a query may read of it, without case; ``*`` for all."""
    for select in query.find_all(exp.Select):
        tables = [source.name.casefold() for source in sources_of(select) if isinstance(source, exp.Table)]
        columns = {column.name.casefold() for column in select.find_all(exp.Column) if not is_star(column)}
        if any(is_star(projection) for projection in select.expressions):
            columns.add("*")
        yield from ((table, column) for table in tables for column in columns)


def _place(text: str, file: str, name: str) -> Place:
    for number, line in enumerate(text.splitlines(), start=1):
        column = line.casefold().find(name.casefold())
        if column >= 0:
            return Place(file, number, column + 1)
    return Place(file)
