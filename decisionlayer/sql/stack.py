"""Several questions as one query: the rows of each under the name of its horizon, whole periods only."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Sequence

from decisionlayer.frozen import dataclass
from decisionlayer.resolve.language.tree import Expr
from decisionlayer.resolve.language.types import DATE
from decisionlayer.sql.ddl import plain
from decisionlayer.sql.dialects import DUCKDB
from decisionlayer.sql.expressions import Speller
from decisionlayer.sql.functions import ADD, Text
from decisionlayer.sql.naming import literal

#: How long a period of a day or more is, as the engine adds it to a day.
_LENGTHS = {
    "day": "INTERVAL 1 DAY", "week": "INTERVAL 7 DAY", "month": "INTERVAL 1 MONTH", "quarter": "INTERVAL 3 MONTH",
    "year": "INTERVAL 1 YEAR",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layer:
    """The rows of one horizon. Its period is a column of ``query``, or the day on which it begins when it does not repeat.

    ``after`` is the first day after a period, over that column; None where periods are no whole days, or do not repeat.
    """

    horizon: str
    query: str
    period: str | dt.date
    after: Expr | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A query for the ``first_day`` and ``last_day`` with data of one source, whose clock counts in ``grain``."""

    query: str
    grain: str


def stack(layers: Sequence[Layer], spans: Sequence[Span], options: Sequence[str], criteria: Sequence[str]) -> str:
    """Return one query over all layers: ``horizon``, ``period``, the columns of the ``options``, those of the ``criteria``.

    It is ordered by horizon as given, period, then options.

    Of a layer that repeats, only periods are kept whose first and last day lie within the data of every source in ``spans``.

    ::

        horizon      | period     | carrier | kept_promise
        last quarter | 2013-10-01 | 9E      |         0.71
        the year     | 2013-01-01 | 9E      |         0.66
    """
    steps, selects = [], []
    columns = (*options, *criteria)
    if spans and any(layer.after is not None for layer in layers):
        steps.append(_step("data_span", "one row: the days that every source has rows for, the second one excluded", _span(spans)))
    for position, layer in enumerate(layers, start=1):
        steps.append(_step(f"horizon_{position}", f"horizon: {_one_line(layer.horizon)}", layer.query))
        selects.append(_select(position, layer, columns, spanned=bool(spans)))
    listed = ", ".join(plain(column) for column in ("horizon", "period", *columns))
    inner = "\nUNION ALL\n".join(selects)
    return "\n".join([
        "WITH", ",\n".join(steps), f"SELECT {listed} FROM (", textwrap.indent(inner, "  "), ") AS horizons",
        f"ORDER BY position, period NULLS LAST{''.join(f', {plain(column)} NULLS LAST' for column in options)}",
    ])  # fmt: skip


def _select(position: int, layer: Layer, columns: Sequence[str], *, spanned: bool) -> str:
    listed = "".join(f", {plain(column)}" for column in columns)
    period = literal(layer.period) if isinstance(layer.period, dt.date) else plain(layer.period)
    head = f"SELECT {position} AS position, {literal(layer.horizon)} AS horizon, {period} AS period{listed}"
    text = f"{head}\nFROM horizon_{position}"
    if layer.after is None or not spanned:
        return text
    within = f"{period} >= first_day AND {_spelt(layer.after)} <= after_last"
    return f"{text} CROSS JOIN data_span\nWHERE {within}"


def _spelt(after: Expr) -> str:
    """Return an expression over a column of days as text."""
    speller = Speller(
        DUCKDB, name=lambda name: Text(plain(name.text)), type=lambda _: DATE, physical=lambda _: "DATE"
    )  # fmt: skip
    return speller.text(after).within(ADD)


def _span(spans: Sequence[Span]) -> str:
    each = "\nUNION ALL\n".join(
        f"SELECT first_day, CAST(last_day + {_LENGTHS.get(span.grain, _LENGTHS['day'])} AS DATE) AS after_last "
        f"FROM (\n{textwrap.indent(span.query, '  ')}\n) AS source_{position}"
        for position, span in enumerate(spans, start=1)
    )
    return f"SELECT MAX(first_day) AS first_day, MIN(after_last) AS after_last FROM (\n{textwrap.indent(each, '  ')}\n) AS spans"


def _step(name: str, says: str, text: str) -> str:
    return f"-- {says}\n{name} AS (\n{textwrap.indent(text, '  ')}\n)"


def _one_line(text: str) -> str:
    return " ".join(text.split())
