"""The rest: the groups beyond the first ones as one row, read from rows like any other.

::

    metrics: late_minutes   by: month, carrier   order: -late_minutes   limit: 2   rest: yes

    top      the two carriers with most late minutes over the whole range
    rows     each knows whether its carrier is among them; if not, its carrier is NULL and `rest` is true
    cells    by month, carrier and rest

So a ratio of the rest is a ratio of totals, a distinct count is counted anew, and a metric function reads the rest's own past.
Which groups come first is settled once, by the order that is asked; periods do not change it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan.bind.bound import BoundQuestion
from decisionlayer.plan.bind.question import Binding
from decisionlayer.plan.bind.result import BoundRows, Met
from decisionlayer.plan.nodes import Field, First, Order, Output, Present
from decisionlayer.plan.query import Query
from decisionlayer.plan.shape import grain
from decisionlayer.resolve.language.tree import Call, Case, Expr, Name, Param, walk
from decisionlayer.resolve.language.types import BOOLEAN

#: The column of the result that tells the rest from a group whose key is NULL.
REST = "rest"
_TOP, _SHOWN = "top_groups", "is_shown"


@dataclass(frozen=True, slots=True)
class Top:
    """The groups that come first: what rows are looked up in, and which keys tell them."""

    met: Met
    names: frozenset[str]


def top_of(
    query: Query, binding: Binding, question: BoundQuestion, ranked: Callable[[Query], Present | None]
) -> tuple[Top | None, list[Finding]]:
    """Return the groups that come first, None after findings; ``ranked`` plans the question that tells which they are."""
    paths = tuple(split.asked for split in binding.splits if split.period is None)
    findings = _fitting(query, paths, question)
    if findings:
        return None, findings
    found = ranked(_ranking(query, paths, binding))
    if found is None:
        return None, []
    assert query.limit is not None
    first = First(found.input, found.order, query.limit, _SHOWN)
    return Top(Met(first, _TOP, ()), frozenset(grain(first))), []


def with_rest(query: Query, binding: Binding, question: BoundQuestion, top: Top) -> tuple[BoundQuestion | None, list[Finding]]:
    """Return the question with everything beyond its first groups as one; None and the findings of what keeps it from that."""
    met, names = top.met, top.names
    rows = {leaf: _relabelled(each, met, names) for leaf, each in question.rows.items()}
    asked = tuple(each for each in (_relabelled(one, met, names) for one in question.rows_of_cells) if each is not None)
    if None in rows.values() or len(asked) < len(question.rows_of_cells):
        return None, [Finding(
            "bad-question", "question", "`rest` cannot be read where a metric keeps some of the splits and forgets others",
            why="the groups that come first are those of all splits together", help="split by one of them, or leave `rest` out",
        )]  # fmt: skip
    settled = {leaf: each for leaf, each in rows.items() if each is not None}
    groups = (*question.groups, Field(REST, BOOLEAN))
    told = "group" if query.limit == 1 else f"{query.limit} groups"
    return replace(
        question, rows=settled, rows_of_cells=asked, groups=groups, order=_order(question, binding), limit=None,
        notes=(*question.notes, f"what lies beyond the first {told} is one row, where `rest` is true"),
    ), []  # fmt: skip


def _fitting(query: Query, paths: tuple[str, ...], question: BoundQuestion) -> list[Finding]:
    def refused(message: str, help: str) -> list[Finding]:
        return [Finding("bad-question", "question", message, help=help)]

    if query.limit is None:
        return refused("`rest` is what lies beyond a `limit`, and there is none", "say `limit`, or leave `rest` out")
    if not query.metrics or not paths:
        return refused("`rest` gathers groups, and the question has none", "ask metrics by a path, or leave `rest` out")
    if any(group.name.casefold() == REST for group in question.groups) or REST in query.metrics:
        return refused("`rest` is a column of the question already", "ask for that one in a question of its own")
    return []


def _ranking(query: Query, paths: tuple[str, ...], binding: Binding) -> Query:
    """Return the question by which groups come first: the same without periods, and with nothing that is not needed for it."""
    ordered = {text.removeprefix("-") for text in query.order}
    known = {column for column in ordered if column in query.metrics or "__" in column}
    needed = tuple(metric for metric in query.metrics if any(one == metric or one.startswith(f"{metric}__") for one in known))
    compared = tuple(word for word in query.compare if any(f"__{word}" in one for one in known))
    used = {node.name for node in walk(binding.where.expr) if isinstance(node, Param)} if binding.where.expr is not None else set()
    periods = {split.asked for split in binding.splits if split.period is not None}
    return replace(
        query, metrics=needed or query.metrics[:1], by=paths, having=None, compare=compared, fill=None, rest=False,
        order=tuple(text for text in query.order if text.removeprefix("-") not in periods),
        params={name: value for name, value in query.params.items() if name in used},
    )  # fmt: skip


def without_periods(finding: Finding) -> Finding:
    """Return what the ranking question lacks as the asking one hears it: a period that it does name, and that ranks nothing."""
    if finding.code != "needs-period":
        return finding
    why = "`rest` ranks groups over the whole range, without periods"
    return replace(finding, why=why, help="say which periods by `start` and `end`, or leave `rest` out")


def _relabelled(rows: BoundRows, met: Met, names: frozenset[str]) -> BoundRows | None:
    """Return rows by the groups that come first and the rest; as they are where they forget every group, None where some."""
    own = [key for key in rows.keys if key.name in names]
    if not own:
        return rows
    if len(own) < len(names):
        return None
    shown: Expr = Name((_TOP, _SHOWN))
    is_rest = Call("is_null", (shown,))
    changed: Mapping[str, Output] = {
        key.name: replace(key, expr=Case(((Call("not", (is_rest,)), key.expr),), None)) for key in own
    }
    keys = (*(changed.get(key.name, key) for key in rows.keys), Output(REST, BOOLEAN, is_rest))
    return replace(rows, keys=keys, met=replace(met, on=tuple((key.expr, key.name) for key in own)))


def _order(question: BoundQuestion, binding: Binding) -> tuple[Order, ...]:
    """Return the order of rows: by period, then as asked, the rest after its groups."""
    periods = {split.column for split in binding.splits if split.period is not None}
    by_period = [each for each in question.order if each.column in periods]
    return (*by_period, Order(REST), *(each for each in question.order if each.column not in periods))
