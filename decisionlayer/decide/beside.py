"""The naive reading set beside each choice metric of an answer, cell by cell: ``<metric>__naive`` and ``<metric>__naive_gap``.

::

    site  | effort | effort__naive | effort__naive_gap
    North |   7.20 |          7.20 |              0.00
    South |  13.50 |         13.50 |              0.00      and without the split: 11.40 | 10.35 | -1.05
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from decisionlayer.ask import Desk
from decisionlayer.decide.naive import undo
from decisionlayer.decide.others import of_the_rest
from decisionlayer.decide.readings import Cells, Reading, Undone, figures, key_columns
from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.plan.levels import levels_of, name_of
from decisionlayer.plan.query import Query
from decisionlayer.resolve.language.types import FLOAT, DataType, Kind
from decisionlayer.resolve.meaning.comparing import difference, exact
from decisionlayer.resolve.model import Metric, Purpose
from decisionlayer.run import Result
from decisionlayer.run.cells import of_difference
from decisionlayer.run.result import arrow_type
from decisionlayer.sql.statement import StatementColumn

if TYPE_CHECKING:
    import pyarrow as pa

def with_naive(desk: Desk, query: Query) -> Result:
    """Return the answer to a question with the naive reading and its gap beside each choice metric.

    Raises what asking raises; QueryError ``bad-question`` where no metric is for choosing, or the rows are no plain cells.
    """
    if query.extremes:
        raise QueryError(Finding(
            "bad-question", "question", "`naive` has no reading of `extremes`",
            why="the least and the greatest of a dimension are no numbers that anybody passes up", help="leave out `naive` or `extremes`",
        ))  # fmt: skip
    governed = desk.answer(replace(query, naive=False))
    metrics = [desk.model.metrics[name] for name in query.metrics]
    choices = [metric for metric in metrics if metric.purpose is Purpose.choice]
    if not choices:
        raise QueryError(Finding(
            "bad-question", "question", "none of the metrics is for choosing, so there is nothing that could be read naively",
            help="ask for a choice metric, or leave `naive` out",
        ))  # fmt: skip
    return _Beside(desk, query, governed).result(choices)


class _Beside:
    """The governed answer, and what is set beside it."""

    def __init__(self, desk: Desk, query: Query, governed: Result) -> None:
        self.desk = desk
        self.query = query
        self.governed = governed
        self.rows = governed.rows()
        self.columns = list(governed.statement.columns)
        self.values: list[list[object]] = []
        self.passports: dict[str, Mapping[str, object]] = dict(governed.passports)
        self.notes: list[str] = []
        levels = levels_of(query, desk.model, []) if query.levels or query.totals else None
        #: The question of each level by the name of the level, "" where there is one split, "True" that of the rest; and the
        #: column that names it.
        self.levels = {
            "" if levels is None else name_of(by): query.alone(by) for by in levels or (query.by,)
        }
        if query.rest:
            self.levels["True"] = of_the_rest(desk, query, governed)
        told = "level" if levels is not None else "rest" if query.rest else None
        self.level = None if told is None else self.governed.columns.index(told)

    def result(self, choices: list[Metric]) -> Result:
        for metric in choices:
            self._add(metric)
        statement = replace(self.governed.statement, columns=tuple(self.columns))
        about = {**self.governed.about, "notes": [*self.governed.notes, *self.notes]}
        return Result(self._table(), statement, self.passports, about, self.desk.model.project.timezone)

    def _add(self, metric: Metric) -> None:
        at = self.governed.columns.index(metric.name)
        undone: list[Undone] = []
        naive: dict[str, tuple[tuple[int, ...], Cells]] = {}
        is_passed = False
        for level, query in self.levels.items():
            steps = list(undo(self.desk, metric, query))
            undone += [step for step in steps if step.name not in {other.name for other in undone}]
            reading = steps[-1].reading if steps else Reading()
            is_passed = is_passed or bool(reading.passed)
            keys = tuple(self.governed.columns.index(column) for column in key_columns(query.by, self.governed.columns))
            naive[level] = keys, figures(self.desk, reading, metric.name, query)
        type = FLOAT if is_passed else metric.type
        read = [_read(self._of(row, naive), type) for row in self.rows]
        gaps = [_gap(row[at], value, type) for row, value in zip(self.rows, read, strict=True)]
        self._column(metric, f"{metric.name}__naive", type, read, undone)
        gap = f"{metric.name}__naive_gap"
        self._column(metric, gap, type, gaps, undone)
        self.passports[gap] = {**self.passports[gap], "unit": of_difference(self.passports[gap]["unit"])}
        taken = ", ".join(step.name for step in undone) or "nothing: it stands on rows, which have no frontline reading"
        self.notes.append(f"{metric.name}__naive takes back {taken}")

    def _of(self, row: tuple[object, ...], naive: Mapping[str, tuple[tuple[int, ...], Cells]]) -> object:
        """Return the naive reading of a row: of the cell that it is in its own level."""
        own = str(row[self.level]) if self.level is not None else ""
        keys, values = naive[own if own in naive else ""]
        return values.get(tuple(row[key] for key in keys))

    def _column(self, metric: Metric, name: str, type: DataType, values: list[object], undone: list[Undone]) -> None:
        self.columns.append(StatementColumn(name, type, "metric", metric.name))
        self.values.append(values)
        known = self.governed.passport(metric.name)
        self.passports[name] = {
            **known,
            "reading": "naive",
            "takes_back": [{"step": step.name, "cause": step.cause} for step in undone],
            "unit": None if any(step.cause in ("units", "calendar") for step in undone) else known["unit"],
            # It is another number than the governed one, so it does not bear its meaning.
            "meaning": f"naive {known['meaning']}",
            "digits": known["digits"],
        }

    def _table(self) -> pa.Table:
        import pyarrow as pa

        table = self.governed.arrow()
        zone = self.desk.model.project.timezone
        for column, values in zip(self.columns[table.num_columns :], self.values, strict=True):
            table = table.append_column(column.name, pa.array(values, type=arrow_type(column.type, zone)))
        return table


def _read(value: object, type: DataType) -> object:
    return float(value) if type.kind is Kind.float and value is not None else value  # type: ignore[arg-type]


def _gap(governed: object, naive: object, type: DataType) -> object:
    gap = difference(exact(governed), exact(naive))
    if gap is None or type.kind is Kind.decimal:
        return gap
    return float(gap) if type.kind is Kind.float else int(gap)
