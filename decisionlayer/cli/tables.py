"""Tables for people: they fit the terminal, say the unit, and print what is missing as words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from decisionlayer.run.result import Result

#: More rows than this are counted, not printed.
MOST_ROWS = 200


def result_table(result: Result, *, width: int, colour: bool = False, most: int = MOST_ROWS) -> str:
    """Return the rows as a table of at most ``width`` characters a line.

    A NULL group prints as ``Unassigned``, a missing number as ``–``; percents as percent; a metric's unit stands under its name.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold", padding=(0, 1))
    columns = result.statement.columns
    units = [_unit(result, column.metric) for column in columns]
    digits = [_digits(result, column.metric) for column in columns]
    for column, unit in zip(columns, units, strict=True):
        title = column.name.replace("__", ".")
        head = f"{title}\n{unit}" if unit else title
        table.add_column(Text(head), justify="right" if column.role == "metric" else "left", overflow="fold")
    rows = result.rows()
    for row in rows[:most]:
        table.add_row(*(
            Text(shown(value, group=column.role == "group", unit=unit, digits=places))
            for value, column, unit, places in zip(row, columns, units, digits, strict=True)
        ))  # fmt: skip
    console = Console(width=max(width, 20), no_color=not colour, highlight=False, force_terminal=colour, legacy_windows=False)
    with console.capture() as captured:
        console.print(table)
    lines = [line.rstrip() for line in captured.get().rstrip("\n").split("\n")]
    if len(rows) > most:
        lines.append(f"… {len(rows) - most:,} more rows; --format csv prints them all")
    return "\n".join(lines)


def _unit(result: Result, metric: str | None) -> str:
    if metric is None:
        return ""
    return str(result.passports.get(metric, {}).get("unit") or "")


def _digits(result: Result, metric: str | None) -> int | None:
    found = result.passports.get(metric or "", {}).get("digits")
    return found if isinstance(found, int) else None


def shown(value: object, *, group: bool, unit: str = "", digits: int | None = None) -> str:
    """Return one value as a person reads it.

    >>> shown(None, group=True), shown(None, group=False), shown(0.8137, group=False, unit="percent"), shown(12345, group=False)
    ('Unassigned', '–', '81.4', '12,345')
    """
    if value is None:
        return "Unassigned" if group else "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if group:
        return _moment(value) if isinstance(value, dt.datetime) else str(value)
    if unit == "percent" and isinstance(value, int | float | Decimal):
        return f"{float(value) * 100:,.{1 if digits is None else digits}f}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Decimal):
        return f"{value:,f}" if digits is None else f"{value:,.{digits}f}"
    if isinstance(value, float):
        if digits is not None:
            return f"{value:,.{digits}f}"
        return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:,.2f}" if abs(value) >= 1 else f"{value:.4f}"
    return _moment(value) if isinstance(value, dt.datetime) else str(value)


def _moment(value: dt.datetime) -> str:
    return value.strftime("%Y-%m-%d %H:%M" + (":%S" if value.second else "") + ("%z" if value.tzinfo else ""))


def plain_table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, width: int) -> str:
    """Return texts as a table of at most ``width`` characters a line."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold", padding=(0, 1))
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console = Console(width=max(width, 20), no_color=True, highlight=False, legacy_windows=False)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().rstrip("\n").split("\n"))
