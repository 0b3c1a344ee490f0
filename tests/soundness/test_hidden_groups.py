"""A view that hides small groups shows the numbers that any answer shows.

Once its numbers were asked of metrics under other names. Rates are found by the name of what they convert, so 400 dollars stood in
the column of euros wherever dollars were shown beside them. Rows that leave under a reason were counted as if they were in the group.
"""

from __future__ import annotations

from decisionlayer.ask import Desk
from decisionlayer.findings import Place
from decisionlayer.frozen import replace
from decisionlayer.govern.lineage import Lineage
from decisionlayer.plan.query import Query
from decisionlayer.publish.edition import compile_edition
from decisionlayer.publish.groups import small_groups
from decisionlayer.resolve.model import View
from tests.worlds import shared_world


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
