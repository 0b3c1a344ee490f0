"""A view that hides small groups shows the numbers that any answer shows.

Once its numbers were asked of metrics under other names. Rates are found by the name of what they convert, so 400 dollars stood in
the column of euros wherever dollars were shown beside them. Rows that leave under a reason were counted as if they were in the group,
and the largest of several days was taken to be over as many rows as the fullest of them.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from decisionlayer.ask import Desk
from decisionlayer.findings import Place
from decisionlayer.frozen import replace
from decisionlayer.govern.lineage import Lineage
from decisionlayer.plan.query import Query
from decisionlayer.publish.edition import compile_edition
from decisionlayer.publish.groups import small_groups
from decisionlayer.resolve.model import View
from tests.worlds import shared_world
from tests.worlds.made import choice, made, metric, shop


def desk_for(world: str, view: View) -> Desk:
    layer, _ = shared_world(world)
    return Desk(replace(layer.model, views={view.name: view}, decisions={}), layer.engine)


def test_dollars_beside_euros_are_still_converted() -> None:
    asked = {"metrics": ("us_eur", "sales_us"), "start": "2026-01", "end": "2026-03"}
    view = View("sales", "executive", None, "Sales.", "view", asked, Place("views.yml", 1, 1), min_group=2)
    desk = desk_for("money", view)
    [item] = compile_edition(desk, Lineage(desk.model), copied=False)
    assert desk.engine is not None
    # 100 at 0.90, 100 at 0.92 and 200 at 0.97.
    [(euros, dollars)] = desk.engine.rows(item.sql)
    assert (euros, dollars) == (376, 400)
    assert list(small_groups(desk)) == []


def test_rows_that_leave_under_a_reason_make_no_group() -> None:
    """One ticket is left in each division; with those that left for a reason there would be groups of four and three."""
    asked = {"metrics": ("by_reasons",), "by": ("unit.division",)}
    view = View("left", "executive", None, "Left.", "view", asked, Place("views.yml", 1, 1), min_group=2)
    desk = desk_for("tickets", view)
    kept = {row["unit__division"]: row["by_reasons"] for row in desk.answer(Query.of(**asked)).arrow().to_pylist()}
    [item] = compile_edition(desk, Lineage(desk.model), copied=False)
    assert desk.engine is not None
    rows = desk.engine.rows(item.sql)
    shown = {str(division): value for division, value in rows}
    assert set(shown) == set(kept), "no group of rows that all left"
    [finding] = small_groups(desk)
    assert finding.message.startswith("2 of 2 cells")
    assert set(shown.values()) == {None}


#: On 2 January five desks owe 1 each, and on 3 January a sixth owes 100; in February four owe 7 each, twice.
DEBTS = (
    "create table debts (day date, desk varchar, owed integer); "
    "insert into debts select date '2024-01-02', 'desk ' || i, 1 from range(5) t(i); insert into debts values (date '2024-01-03', 'desk 9', 100); "
    "insert into debts select day, 'desk ' || i, 7 from range(4) t(i), (values (date '2024-02-01'), (date '2024-02-02')) d(day)"
)


@pytest.mark.parametrize("name", ["most", "told"])
def test_the_largest_of_several_instants_is_over_the_rows_of_the_one_with_fewest(name: str, tmp_path: Path) -> None:
    """January's most is the hundred of one desk. Once five rows of another day were counted for it, and 100 was shown."""
    source = {
        "source": "debts", "one_row_is": "a desk's debt on a day", "table": "debts", "key": ["day", "desk"], "time": {"day": "day"}, "snapshot": True,
        "owner": "desk", "columns": {"day": "date", "desk": "text", "owed": "integer"}, "dimensions": {"desk": "desk"},
    }  # fmt: skip
    stock: dict[str, object] = {"source": "debts", "measure": "sum(owed)"}
    switch = {"owner": "board", "why": "W.", "loses": "L.", "terms": {"owed": {"from": "last", "over_time": "max"}}}
    metrics = [
        metric("most", over_time="max", **stock), metric("last", over_time="last", **stock), choice("told", formula="owed * 1", translation=switch),
    ]  # fmt: skip
    with duckdb.connect() as connection:
        connection.execute(DEBTS).fetchall()
        layer = made(tmp_path, {**shop(*metrics), "sources": [source]}, connection)
        asked = {"metrics": (name,), "by": ("month",)}
        assert [row[1] for row in layer.query(**asked).rows()] == [100, 28]
        view = View("debts", "frontline", None, "Debts.", "view", asked, Place("views.yml", 1, 1), min_group=3)
        desk = Desk(replace(layer.model, views={view.name: view}, decisions={}), layer.engine)
        [finding] = small_groups(desk)
        assert "1 of 2 cells" in finding.message and "over 1" in finding.message
        [item] = compile_edition(desk, Lineage(desk.model), copied=False)
        assert layer.engine is not None
        assert [row[1] for row in layer.engine.rows(item.sql)] == [None, 28]
