"""The result's columns: groups that every measure agrees on, what may be filtered and ordered by, in which order rows come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass, replace
from decisionlayer.names import did_you_mean
from decisionlayer.plan.bind.expanding import Expansion
from decisionlayer.plan.bind.marks import Mark
from decisionlayer.plan.bind.structure import Moment
from decisionlayer.plan.nodes import Cells, Field, Order, Output, Rows, SemiJoin
from decisionlayer.resolve.language.tree import Expr, names
from decisionlayer.resolve.language.types import UNKNOWN, DataType
from decisionlayer.resolve.model import Metric
from decisionlayer.resolve.reach.paths import Route


@dataclass(frozen=True, slots=True)
class Met:
    """What each row is looked up in by its groups, before it is counted: at most one row of ``cells``, under ``alias``."""

    cells: Cells
    alias: str
    on: tuple[tuple[Expr, str], ...]

    def over(self, rows: Rows) -> SemiJoin:
        """Return rows with what is known of their groups."""
        return SemiJoin(rows, self.cells, self.alias, self.on, null_meets_null=True)


@dataclass(frozen=True, slots=True)
class BoundRows:
    """The rows that a measure, or a question for values, is over: keys and conditions over their scans.

    ``ways`` are the paths that they walk for the question's splits; ``clock`` is what its periods, its range and the versions of
    entities with history are found by; ``moment`` is when they meet those. ``marks`` are what ``conditions`` ask of many
    sides, ``expansions`` are what ``keys`` split across bridges, ``met`` what rows are looked up in by their groups. ``periods`` names
    the keys that are asked as periods, and ``of_time`` holds what is asked of time itself: the range and filters by periods. A
    dimension that is made of a clock is neither.
    """

    source: str
    keys: tuple[Output, ...]
    conditions: tuple[Expr, ...]
    ways: tuple[Route, ...]
    clock: str | None
    moment: Moment
    marks: Mapping[str, Mark]
    expansions: tuple[Expansion, ...] = ()
    met: Met | None = None
    periods: frozenset[str] = frozenset()
    of_time: tuple[Expr, ...] = ()

    def reads(self) -> tuple[Expr, ...]:
        """Return what the keys and conditions read of rows; what they are looked up in is there already."""
        if self.met is None:
            return (*(key.expr for key in self.keys), *self.conditions)
        alias = self.met.alias
        exprs = (*(key.expr for key in self.keys), *(expr for expr, _ in self.met.on), *self.conditions)
        return tuple(dict.fromkeys(name for expr in exprs for name in names(expr) if name.parts[0] != alias))

    def looked_up(self, rows: Rows) -> Rows:
        """Return rows with what they are looked up in."""
        return rows if self.met is None else self.met.over(rows)


def group_columns(rows: Iterable[BoundRows], findings: list[Finding]) -> tuple[Field, ...]:
    """Return the group columns; ``bad-question`` where two would be one, or where measures hold them in types that never meet."""
    groups: dict[str, Field] = {}
    for each in rows:
        names = [key.name for key in each.keys]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            findings.append(Finding(
                "bad-question", "question", f"two splits would both be the column `{twice}`", help="ask for one of them",
            ))  # fmt: skip
            return ()
        for key in each.keys:
            known = groups.setdefault(key.name, Field(key.name, key.type))
            if known.type is UNKNOWN and key.type is not UNKNOWN:
                groups[key.name] = replace(known, type=key.type)
            elif not _meet(known.type, key.type):
                findings.append(Finding(
                    "bad-question", "question",
                    f"`{key.name}` is {known.type} in one source and {key.type} in `{each.source}`: the two do not meet",
                    help="give both columns one type in the warehouse, or ask the metrics one by one",
                ))  # fmt: skip
    return tuple(groups.values())


class ResultColumns:
    """The columns of a result. ``known`` gives column and type for each name by which ``having`` and ``order`` may say one.

    ``asked`` maps each split as it was asked to its column; a key of several columns is known by those only.
    """

    def __init__(
        self,
        groups: tuple[Field, ...],
        asked: Mapping[str, str],
        metrics: tuple[str, ...],
        declared: Mapping[str, Metric],
        compared: tuple[tuple[str, DataType], ...],
        findings: list[Finding],
    ) -> None:
        self.groups = groups
        self.findings = findings
        self.known: dict[str, tuple[str, DataType]] = {group.name: (group.name, group.type) for group in groups}
        by_column = dict(self.known)
        self.known |= {text: by_column[column] for text, column in asked.items() if column in by_column}
        # A metric that is unknown or broken was refused already; its name in `order` is no second mistake.
        self.known |= {name: (name, declared[name].type if name in declared else UNKNOWN) for name in metrics}
        self.known |= {column: (column, type) for column, type in compared}
        self._refuse_alike((*by_column, *metrics))

    def order(self, asked: tuple[str, ...]) -> tuple[Order, ...]:
        """Return the order of rows: as asked, then by every group, so that it is total. ``-`` turns a column round."""
        order: dict[str, Order] = {}
        for text in asked:
            name, descending = (text[1:], True) if text.startswith("-") else (text, False)
            if name not in self.known:
                self.findings.append(Finding(
                    "unknown-name", "question", f"in `order`: `{name}` is no column of the result",
                    help=_turned(name) if name.partition(" ")[0] in self.known else did_you_mean(name, self.known),
                ))  # fmt: skip
                continue
            column = self.known[name][0]
            order.setdefault(column, Order(column, descending))
        for group in self.groups:
            order.setdefault(group.name, Order(group.name))
        return tuple(order.values())

    def _refuse_alike(self, names: tuple[str, ...]) -> None:
        """Refuse two columns that differ in case only: warehouses take them for one."""
        known: dict[str, str] = {}
        for name in names:
            other = known.setdefault(name.casefold(), name)
            if other != name:
                self.findings.append(Finding(
                    "bad-question", "question", f"`{other}` and `{name}` differ in case only, and would be one column",
                    help="ask for them one by one",
                ))  # fmt: skip


def _turned(text: str) -> str:
    """Return how ``kept desc``, as SQL says it, is written here."""
    name, _, way = text.partition(" ")
    return f"write -{name}, the other way round {name}" if way.strip().lower() == "desc" else f"write {name}; -{name} turns it round"


def _meet(one: DataType, other: DataType) -> bool:
    return UNKNOWN in (one, other) or one.kind is other.kind or (one.is_number and other.is_number)
