"""Extremes: the least and the greatest of each dimension that is asked, in one row. NULLs are neither."""

from __future__ import annotations

from decisionlayer.findings import Finding
from decisionlayer.plan.bases import rows_of
from decisionlayer.plan.bind.bound import BoundQuestion
from decisionlayer.plan.bind.columns import Columns
from decisionlayer.plan.nodes import Aggregate, Field, Present, State
from decisionlayer.plan.query import Query
from decisionlayer.resolve.model import Model


def extremes(query: Query, question: BoundQuestion, model: Model) -> tuple[Present | None, list[Finding]]:
    """Return the plan of the least and greatest values; None and a finding where more is asked than dimensions."""
    beside = [key for key in ("metrics", "having", "order", "limit", "rest", "compare") if getattr(query, key) not in ((), None, False)]
    if beside:
        return None, [Finding(
            "bad-question", "question", f"`extremes` gives one row of dimensions, and `{beside[0]}` is asked beside it",
            help=f"leave `{beside[0]}` out, or ask it in a question of its own",
        )]  # fmt: skip
    rows = question.rows[None]
    states = tuple(
        State(f"{key.name}__{end}", key.type, end, key.expr) for key in rows.keys for end in ("min", "max")
    )
    shown = tuple(Field(state.name, state.type) for state in states)
    return Present(Aggregate(rows_of(Columns.of(model), rows, (), []), (), states), shown, None, (), None), []
