"""The estate: SQL from outside that computes numbers of its own, and who looks after it."""

from __future__ import annotations

from decisionlayer.declare.base import Declaration, DeclaredName, OneOrMany


class Estate(Declaration):
    """Files of SQL that nobody compiles: dashboards, notebooks, exports. ``sql`` are patterns from the project's folder."""

    estate: DeclaredName
    owner: str | None = None
    sql: OneOrMany = ()
