"""Reading a published view back, with the meaning of its numbers on board."""

from __future__ import annotations

from decisionlayer.ask import Desk
from decisionlayer.frozen import replace
from decisionlayer.plan.query import Query
from decisionlayer.run import Result


def read_view(desk: Desk, name: str, sql: str) -> Result:
    """Return the answer to ``sql``, a query for all columns of the published view ``name``, whichever of its rows."""
    assert desk.engine is not None
    query = Query.of(**desk.model.views[name].question)
    compiled = desk.compile(query, inline=True)
    statement = replace(compiled.statement, text=sql, parameters={})
    table = desk.engine.fetch(statement)
    return Result(table, statement, desk.passports(compiled.plan, query), desk.about(compiled.plan, query), desk.model.project.timezone)
