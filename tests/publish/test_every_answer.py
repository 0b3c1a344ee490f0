"""Every answer that somebody worked out by hand, published as a view: an analyst reads the same rows, and the view's proof holds.

So it does where small groups would be hidden and none is small: counting rows beside a number changes nothing about it.
"""

from __future__ import annotations

import pytest

from decisionlayer import DeclarationError
from decisionlayer.ask import Desk
from decisionlayer.findings import Place
from decisionlayer.frozen import replace
from decisionlayer.govern.lineage import Lineage
from decisionlayer.publish.edition import compile_edition
from decisionlayer.publish.proofs import run_proof
from decisionlayer.publish.stopping import unreadable
from decisionlayer.resolve.model import View
from decisionlayer.sql import ddl
from tests.answers.test_answers import ANSWERED, Case, check, name
from tests.worlds import shared_world

#: What is said beside an answer and is no part of its rows.
BESIDE = ("naive", "ledger")


CASES = [case for case in ANSWERED if case.waits is None and not any(case.ask.get(key) for key in BESIDE)]


@pytest.mark.parametrize("case", CASES, ids=name)
def test_a_view_shows_the_answer(case: Case) -> None:
    published(case, None)


@pytest.mark.parametrize("case", CASES, ids=name)
def test_counting_groups_changes_no_answer(case: Case) -> None:
    try:
        published(case, 0)
    except DeclarationError as refused:
        assert refused.codes == ("not-built",) and "has earlier definitions" in str(refused)


def published(case: Case, least: int | None) -> None:
    """Publish the question of a case as a view, which hides groups of fewer than ``least`` rows, and read it as an analyst does."""
    layer, _ = shared_world(case.world)
    assert layer.engine is not None
    place = Place("views.yml", 1, 1)
    view = View("published", "executive", None, case.claim, "view", case.ask, place, min_group=least)
    desk = Desk(replace(layer.model, views={"published": view}, decisions={}), layer.engine)
    [item] = compile_edition(desk, Lineage(desk.model), copied=False)
    with layer.engine.transaction() as writer:
        writer.execute(ddl.create_schema("published_here"))
        writer.execute(ddl.create_view("published_here", "answer", item.sql))
    try:
        check(case, layer.engine.rows("FROM published_here.answer"))
    finally:
        with layer.engine.transaction() as writer:
            writer.execute(ddl.drop_view("published_here", "answer"))
    assert all(comment for _, comment in item.columns)
    if item.proof.sql is not None:
        assert run_proof(desk, "view published", place, item.proof.sql) == ()
    assert unreadable(desk, "view published", place, item.sql, tuple(column for column, _ in item.columns)) == ()
