"""The result of a question: an Arrow table whose fields carry the meaning of their numbers."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding, in_order
from decisionlayer.frozen import dataclass
from decisionlayer.names import did_you_mean
from decisionlayer.plan.setting import Setting
from decisionlayer.resolve.language.types import DataType, Kind
from decisionlayer.resolve.meaning.comparing import Circumstances, Comparison, compare, settled
from decisionlayer.run.cells import column_texts, python_values, without_other_levels
from decisionlayer.run.rounding import rounding_lines
from decisionlayer.sql.statement import Statement

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow as pa

#: The key of our metadata on Arrow fields and schemas; its value is JSON.
METADATA = b"decisionlayer"

#: A notebook shows so many rows and counts the rest.
MOST_ROWS_OF_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Fact:
    """A value with its passport: of which metric, in which unit, for which cell.

    ``later - earlier`` is the change from one fact to another, and is refused with every reason where the two do not mean the same.
    """

    metric: str
    value: object
    cell: Mapping[str, object]
    unit: str
    purpose: str
    meaning: str
    passport: Mapping[str, object]
    setting: Setting | None = field(default=None, repr=False, compare=False)

    @property
    def circumstances(self) -> Circumstances | None:
        """Under which it was taken: time, structure, rows and all else that must be alike before it is compared; None if unknown."""
        return None if self.setting is None else self.setting.of(self.metric, self.cell)

    def compared_with(self, before: Fact) -> Comparison:
        """Return the change from another fact to this one, or every reason why the two are not to be compared."""
        return compare(before, self)

    def __sub__(self, before: Fact) -> Decimal | None:
        """Return the change from another fact to this one, None where a value is missing.

        Raises QueryError with every reason: ``not-comparable mixed-units unequal-periods unsettled-structure``.
        """
        return settled(compare(before, self))


class Passport(dict[str, object]):
    """A passport whose ``ledger`` is asked of the warehouse when somebody reads it, and not before."""

    def __init__(self, known: Mapping[str, object], ledger: Callable[[str], Mapping[str, object]]) -> None:
        super().__init__(known)
        self._ledger = ledger

    def __missing__(self, key: str) -> object:
        if key != "ledger":
            raise KeyError(key)
        self[key] = self._ledger(str(self["metric"]))
        return self[key]


class Result:
    """The rows of one answer, in the order asked, with the SQL that made them and a passport for each metric.

    Group columns come first, named as asked with ``.`` as ``__``; then the metrics. A NULL group holds the rows whose key is
    unknown, missing or orphaned; people read it as ``Unassigned``.
    """

    def __init__(
        self,
        table: pa.Table,
        statement: Statement,
        passports: Mapping[str, Mapping[str, object]],
        about: Mapping[str, object],
        zone: str,
        setting: Setting | None = None,
        ledger: Callable[[str], Mapping[str, object]] | None = None,
    ) -> None:
        self._ledger = ledger
        self._setting = setting
        self._findings: tuple[Finding, ...] = ()
        self._table = _typed(table, statement, passports, about, zone)
        self._statement = statement
        self._passports = passports
        self._about = about

    @property
    def sql(self) -> str:
        """The SQL that was run."""
        return self._statement.text

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self._statement.columns)

    @property
    def statement(self) -> Statement:
        """The statement that was run, with its columns and parameters."""
        return self._statement

    @property
    def about(self) -> Mapping[str, object]:
        """What belongs to the answer as a whole: the project, its meaning, the mark, what a reader must know."""
        return self._about

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of these numbers must know: cut periods, approximate sums, the draft mark."""
        notes = self._about.get("notes", ())
        return tuple(str(note) for note in notes) if isinstance(notes, Sequence) else ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found in the numbers themselves, such as a mix that misleads; none of it stops the answer."""
        return self._findings

    def with_findings(self, findings: Iterable[Finding]) -> Result:
        """Return the same answer with more that was found in its numbers."""
        told = copy(self)
        told._findings = in_order((*self._findings, *findings))
        return told

    @property
    def totals(self) -> Mapping[str, object]:
        """What each metric is in all, where the groups overlap and make more than that; empty where they do not."""
        totals = self._about.get("totals", {})
        return totals if isinstance(totals, Mapping) else {}

    def arrow(self) -> pa.Table:
        """Return the rows as an Arrow table; each metric's field carries its passport as JSON under ``decisionlayer``."""
        return self._table

    def reader(self) -> pa.RecordBatchReader:
        """Return the rows as a stream of Arrow batches."""
        return self._table.to_reader()

    def pandas(self) -> pandas.DataFrame:
        """Return the rows as a pandas frame. Raises QueryError ``missing-package`` without pandas."""
        _need("pandas")
        return self._table.to_pandas()

    def polars(self) -> polars.DataFrame:
        """Return the rows as a polars frame. Raises QueryError ``missing-package`` without polars."""
        _need("polars")
        import polars

        frame = polars.from_arrow(self._table)
        assert isinstance(frame, polars.DataFrame)
        return frame

    def rows(self) -> list[tuple[Any, ...]]:
        """Return the rows as tuples of Python values, in the order of ``columns``."""
        lists = [python_values(column, name) for column, name in zip(self._table.columns, self.columns, strict=True)]
        return list(zip(*lists, strict=True)) if lists else []

    def passport(self, metric: str) -> Mapping[str, object]:
        """Return the passport of a metric of this answer. Raises QueryError ``unknown-name`` for any other."""
        if metric not in self._passports:
            raise QueryError(Finding(
                "unknown-name", f"metric {metric}", f"this answer holds no metric `{metric}`",
                help=did_you_mean(metric, self._passports),
            ))  # fmt: skip
        known = self._passports[metric]
        return known if self._ledger is None or "ledger" in known else Passport(known, self._ledger)

    @property
    def passports(self) -> Mapping[str, Mapping[str, object]]:
        """The passports of all metrics of this answer, by name."""
        return self._passports

    def facts(self) -> list[Fact]:
        """Return each number as a fact, row by row; one for each metric and cell, NULLs included."""
        groups = [column.name for column in self._statement.columns if column.role == "group"]
        metrics = [column for column in self._statement.columns if column.role == "metric"]
        names = self.columns
        facts = []
        for row in self.rows():
            values = dict(zip(names, row, strict=True))
            cell = {name: values[name] for name in groups}
            for column in metrics:
                passport = of_cell(self._passports[column.name], cell)
                facts.append(Fact(
                    column.name, values[column.name], cell, str(passport["unit"] or ""),
                    str(passport["purpose"] or ""), str(passport["meaning"]), passport,
                    # What stands beside a metric is a change already, or of another time.
                    self._setting if column.name == passport["metric"] else None,
                ))  # fmt: skip
        return facts

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        return f"<Result: {len(self)} rows of {', '.join(self.columns)}>"

    def _repr_html_(self) -> str:
        shown = self._table.slice(0, MOST_ROWS_OF_A_PAGE)
        heads, cells, sides = [], [], []
        for column, values in zip(self._statement.columns, shown.columns, strict=True):
            is_number = column.role == "metric"
            passport = self._passports.get(column.name, {}) if is_number else {}
            unit, texts = column_texts(column.name, is_number, passport, python_values(values, column.name))
            side = "text-align: right; white-space: nowrap" if is_number else "text-align: left"
            title = html.escape(str(passport.get("definition") or column.name))
            # Names may break where their words do, so that a table of long names fits a phone.
            name = html.escape(column.name.replace("__", ".")).replace("_", "_<wbr>")
            head = f"{name}<br><small>{html.escape(unit)}</small>"
            heads.append(f'<th scope="col" style="{side.partition(";")[0]}" title="{title}">{head}</th>')
            cells.append(texts)
            sides.append(side)
        rounding: list[str] = []
        if self._statement.is_leveled:
            if len(self) <= MOST_ROWS_OF_A_PAGE:
                rounding = self.rounding(cells)
            named = {column.name: texts for column, texts in zip(self._statement.columns, cells, strict=True) if column.role == "group"}
            cells = [*without_other_levels(named).values(), *cells[len(named) :]]
        lines = []
        for row in zip(*cells, strict=True):
            line = "".join(f'<td style="{side}">{html.escape(text)}</td>' for text, side in zip(row, sides, strict=True))
            lines.append(f"<tr>{line}</tr>")
        rest = len(self) - len(lines)
        more = f"<p>… {rest:,} more rows</p>" if rest > 0 else ""
        told = (*rounding, *self.notes, *(f"{found.rule.id or found.code}: {found.message}" for found in self.findings))
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in told)
        table = f"<table><thead><tr>{''.join(heads)}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
        return f'<div style="overflow-x: auto">{table}</div>{more}{notes}'

    def _levelled(self, texts: Sequence[Sequence[str]]) -> tuple[dict[str, list[Any]], dict[str, Any]]:
        """Return the keys and the numbers of a table by levels, as they are and as they are printed in ``texts``."""
        columns = list(zip(self._statement.columns, self._table.columns, texts, strict=True))
        keys = {one.name: python_values(values, one.name) for one, values, _ in columns if one.role != "metric"}
        return keys, {
            one.name: (self._passports.get(one.name, {}), python_values(values, one.name), own)
            for one, values, own in columns
            if one.role == "metric"
        }

    def rounding(self, texts: Sequence[Sequence[str]]) -> list[str]:
        """Return where the printed parts of a table by levels are off its printed totals; ``texts`` are the columns as printed."""
        return list(rounding_lines(*self._levelled(texts))) if self._statement.is_leveled else []


def of_cell(passport: Mapping[str, object], cell: Mapping[str, object]) -> Mapping[str, object]:
    """Return a passport as it is for one cell: with what this cell was before its metric was restated."""
    before = passport.get("previously")
    if not isinstance(before, list):
        return passport
    own = next((each["value"] for each in before if each["cell"] == cell), None)
    return {**passport, "previously": own}


def arrow_type(type: DataType, zone: str) -> pa.DataType:
    """Return the Arrow type of a column of ours; instants are shown in the project's zone."""
    import pyarrow as pa

    match type.kind:
        case Kind.boolean:
            return pa.bool_()
        case Kind.integer:
            return pa.int64()
        case Kind.decimal:
            return pa.decimal128(38, type.scale)
        case Kind.float:
            return pa.float64()
        case Kind.text:
            return pa.string()
        case Kind.date:
            return pa.date32()
        case Kind.timestamp:
            return pa.timestamp("us")
        case Kind.instant:
            return pa.timestamp("us", tz=zone)
        case Kind.unknown:
            return None


def no_numbers(table: pa.Table, statement: Statement) -> tuple[Finding, ...]:
    """Return a finding ``nan-in-data`` for each metric whose values are not all finite; NULL is no NaN."""
    import pyarrow as pa
    import pyarrow.compute as pc

    findings = []
    for column, found in zip(statement.columns, table.columns, strict=True):
        if column.role != "metric" or not pa.types.is_floating(found.type):
            continue
        lost = len(found) - found.null_count - (pc.sum(pc.is_finite(found)).as_py() or 0)
        if lost:
            name = column.metric or column.name
            findings.append(Finding(
                "nan-in-data", f"metric {name}",
                f"`{name}` is NaN or infinite in {lost:,} of {len(found):,} {'row' if len(found) == 1 else 'rows'} of the answer",
                why="its rows hold NaN or infinity, or its values grow beyond every number; neither can be added or compared",
                help="`decisionlayer check --data` names the columns that hold them; make them NULL where the data is loaded",
            ))  # fmt: skip
    return tuple(findings)


def _typed(
    table: pa.Table,
    statement: Statement,
    passports: Mapping[str, Mapping[str, object]],
    about: Mapping[str, object],
    zone: str,
) -> pa.Table:
    """Return the table with the declared types and with the meaning in the metadata of its fields."""
    import pyarrow as pa

    fields, columns = [], []
    for column, found in zip(statement.columns, table.columns, strict=True):
        wanted = arrow_type(column.type, zone)
        meaning: Mapping[str, object] = (
            passports[column.name] if column.role == "metric" else {"role": "group"}
        )
        fields.append(pa.field(
            column.name, wanted if wanted is not None else found.type, metadata={METADATA: _json(meaning)},
        ))  # fmt: skip
        columns.append(found if wanted is None or found.type == wanted else found.cast(wanted))
    return pa.Table.from_arrays(columns, schema=pa.schema(fields, metadata={METADATA: _json(about)}))


def _json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, sort_keys=True, default=str, ensure_ascii=False).encode()


def _need(package: str) -> None:
    from importlib.util import find_spec

    if find_spec(package) is None:
        raise QueryError(Finding(
            "missing-package", package, f"`{package}` is not installed",
            help=f"pip install {package}, or read the rows with .arrow() or .rows()",
        ))  # fmt: skip


