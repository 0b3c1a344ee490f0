"""Apart: on which rows two numbers differ, each asked by the keys of the rows."""

from __future__ import annotations

#: Two floating-point sums over the same rows may differ by so much of themselves.
_NEAR = "1e-9"


def rows_apart(theirs: str, ours: str, width: int, *, adds: bool, most: int) -> str:
    """Return a query for the keys, as text, on which two queries part that have ``width`` keys and a value each, and how many they are.

    At most ``most`` of them come back, in the order of their text. Where a key is only on one side, the other has no value there;
    with ``adds`` that is as much as nothing. Figures are the same when they differ by no more than a billionth.
    """
    keys = [f"key_{place}" for place in range(width)]
    columns = ", ".join((*keys, "value"))
    met = " AND ".join(f"t.{key} IS NOT DISTINCT FROM o.{key}" for key in keys)
    told = " || '/' || ".join(f"COALESCE(CAST(COALESCE(t.{key}, o.{key}) AS VARCHAR), 'NULL')" for key in keys)
    one, other = ("COALESCE(a, 0)", "COALESCE(b, 0)") if adds else ("a", "b")
    x, y = f"TRY_CAST({one} AS DOUBLE)", f"TRY_CAST({other} AS DOUBLE)"
    figures = f"ABS({x} - {y}) > GREATEST({_NEAR} * GREATEST(ABS({x}), ABS({y})), 1e-12)"
    others = f"CAST({one} AS VARCHAR) IS DISTINCT FROM CAST({other} AS VARCHAR)"
    return (
        f"WITH theirs ({columns}) AS ({theirs}), ours ({columns}) AS ({ours}), "
        f"beside AS (SELECT {told} AS key, t.value AS a, o.value AS b FROM theirs AS t FULL JOIN ours AS o ON {met}) "
        f"SELECT key, COUNT(*) OVER () AS apart FROM beside WHERE COALESCE({figures}, {others}) ORDER BY key LIMIT {most}"
    )


def added_up(query: str) -> str:
    """Return a query for what the column ``value`` of another one adds up to."""
    return f"SELECT SUM(value) FROM ({query}) AS t"
