"""What is asked of the other side of a join alone, written so that DuckDB 2.0 does not work it out from statistics.

Where the statistics of a table say that ``since <= DATE '2024-01-01'`` is true of none of its rows, the optimizer leaves the table
out of the LEFT JOIN and then believes that the join has no rows. A sum over it is taken for 0, so ``HAVING SUM(x) > 1`` keeps
nothing, ``CASE WHEN SUM(x) <= 1`` is true of everything, and to sort the answer fails or packs it into a byte: 70002 came out as 114.
Of values in a row it knows no statistics, and the comparison means the same.

::

    before: ON s.id = f.id AND s.since <= DATE '2024-01-01'
    after:  ON s.id = f.id AND ROW(s.since) <= ROW(DATE '2024-01-01')
"""

from __future__ import annotations

from decisionlayer.resolve.language.functions import COMPARISONS
from decisionlayer.resolve.language.tree import Call, Expr, names

#: What the speller writes as a row of one value.
ROW = "row"


def unforeseen(condition: Expr, alias: str) -> Expr:
    """Return a condition of a join with each comparison that reads nothing but ``alias`` as one of rows.

    A row with NULL comes last instead of being unknown, so NULL must stand on the smaller side or be asked for before.
    """
    if not isinstance(condition, Call):
        return condition
    if condition.function in COMPARISONS:
        read = {name.parts[0] for name in names(condition)}
        return Call(condition.function, tuple(Call(ROW, (part,)) for part in condition.arguments)) if read == {alias} else condition
    if condition.function in ("and", "or"):
        return Call(condition.function, tuple(unforeseen(part, alias) for part in condition.arguments))
    return condition
