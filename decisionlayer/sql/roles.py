"""One table in several roles within one SELECT, written so that DuckDB 2.0 keeps them apart.

Where two SELECTs of a statement have the same joins, the optimizer works these out once (``common_subplan``), and finds their columns by
table and column alone. A table that is joined as origin and as destination has each column twice: of ``MAX(destination.name)`` in one
SELECT and ``MAX(origin.name)`` in the other both come out as the same one. A constant that says the role makes them two tables; nobody
reads it, so it costs nothing.

::

    before: LEFT JOIN airports AS destination ON destination.faa = flights.dest
    after:  LEFT JOIN (SELECT *, 'destination' AS read_as FROM airports) AS destination ON destination.faa = flights.dest
"""

from __future__ import annotations

from decisionlayer.sql.naming import literal
from decisionlayer.sql.select import verbatim

#: The column that says the role. Where a table has one of this name that is read, it comes first and is the one that is found.
READ_AS = "read_as"


def told_apart(relation: str, role: str) -> str:
    """Return a relation of a FROM clause, before its alias, as one of its own under this role."""
    return f"(SELECT *, {verbatim(literal(role))} AS {READ_AS} FROM {relation})"
