"""What leaves under a reason: what is refused, and what enters the meaning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from decisionlayer.decide.naive import naive_walk
from decisionlayer.errors import DeclarationError
from decisionlayer.layer import Layer
from tests.worlds import shared_world
from tests.worlds.made import choice, made, metric, shop

TABLES = """
create table sales (id integer, day date, shop varchar, amount integer);
insert into sales values (1, '2024-01-01', 'A', 10), (2, '2024-01-02', null, 20), (3, '2024-02-01', 'B', 60);
create table visits (id integer, day date);
insert into visits values (1, '2024-01-01');
"""
VISITS = {
    "source": "visits", "one_row_is": "one visit", "table": "visits", "key": ["id"], "time": {"day": "day"}, "owner": "desk",
    "columns": {"id": "integer", "day": "date"},
}  # fmt: skip


def layer(folder: Path, *excludes: dict[str, Any], **keys: Any) -> Layer:
    switch = {"owner": "board", "why": "W.", "loses": "L.", "terms": {"a": "taken", "n": "came"}, "exclude": list(excludes)}
    declared = shop(
        metric("taken", measure="sum(amount)"), metric("came", measure="count(*)", **keys),
        choice("each", formula="a / n", translation=switch),
    )  # fmt: skip
    return made(folder, {**declared, "sources": [*declared["sources"], VISITS]}, TABLES)


def meaning(folder: Path, *excludes: dict[str, Any]) -> tuple[str, str]:
    found = layer(folder, *excludes).model.metrics["each"]
    return found.meaning, found.wording


B = {"when": "shop = 'B'", "reason": "not ours"}
SMALL = {"when": "amount < 15", "reason": "small"}


def test_a_reason_that_a_term_cannot_tell_is_refused_with_the_term(tmp_path: Path) -> None:
    asked = layer(tmp_path, {"when": "place.town = 'B'", "reason": "not ours"}, source="visits")
    found = asked.model.broken["metric each"][-1]
    assert (found.code, found.message) == ("unknown-name", "`visits` has no link `place`")
    assert found.why == "`not ours` leaves every term, and `n` reads rows of `visits`"
    assert found.help.endswith("or leave them out of the term that has them, with `where`")
    assert found.place is not None and found.place.file == "metrics/world.yml"


def test_a_column_that_a_term_lacks_is_missing_in_the_warehouse(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError) as refused:
        layer(tmp_path, B, source="visits").query(metrics=["each"])
    assert refused.value.codes == ("missing-column",)


def test_nothing_leaves_without_a_reason(tmp_path: Path) -> None:
    found = [each.code for each in layer(tmp_path, {"when": "shop = 'B'"}).model.findings]
    assert "missing-key" in found


def test_two_of_one_reason_are_refused(tmp_path: Path) -> None:
    (found,) = layer(tmp_path, B, {**SMALL, "reason": "not ours"}).model.broken["metric each"]
    assert (found.code, found.message) == ("duplicate-name", "metric `each` leaves rows out twice under the reason `not ours`")


@pytest.mark.parametrize("when", ["amount", "shop > 3", "sum(amount) > 3"])
def test_what_is_no_condition_on_rows_is_refused(tmp_path: Path, when: str) -> None:
    assert "metric each" in layer(tmp_path, {"when": when, "reason": "R"}).model.broken


def test_the_order_and_the_reasons_move_no_number(tmp_path: Path) -> None:
    first = meaning(tmp_path / "1", B, SMALL)
    assert meaning(tmp_path / "2", SMALL, B)[0] == first[0]
    reworded = meaning(tmp_path / "3", {**B, "reason": "of another house"}, SMALL)
    assert reworded[0] == first[0] and reworded[1] != first[1]


def test_what_leaves_is_part_of_the_meaning(tmp_path: Path) -> None:
    found = [meaning(tmp_path / str(n), *excludes)[0] for n, excludes in enumerate([(), (B,), (SMALL,), (B, SMALL)])]
    assert len(set(found)) == 4
    assert meaning(tmp_path / "spelt", {**B, "when": "( shop='B' )"})[0] == found[1]


def test_a_measure_of_a_choice_metric_leaves_rows_out_too(tmp_path: Path) -> None:
    switch = {"owner": "board", "why": "W.", "loses": "L.", "exclude": [B]}
    declared = shop(choice("taken", measure="sum(amount)", source="sales", translation=switch))
    asked = made(tmp_path, declared, TABLES)
    assert asked.query(metrics=["taken"]).rows() == [(30,)]  # the sale without a shop stays; `shop <> 'B'` would leave 10
    assert "not ours (where shop = 'B')" in asked.explain("taken")


def test_a_ticket_leaves_when_one_of_its_tags_says_so() -> None:
    asked, _ = shared_world("tickets")
    rows = asked.query(metrics=["untagged"], by=["unit.division"]).rows()
    assert rows == [("Online", 15), ("Retail", 35), (None, 12)]  # 65 of Retail would keep the third for its other tag


def test_the_naive_reading_takes_back_what_left() -> None:
    asked, _ = shared_world("tickets")
    walk = naive_walk(asked, "support_cost")
    # the tickets of units that nobody knows cost 20, the test ticket 5
    assert [(step.name, step.before, step.after) for step in walk.steps] == [("orphans", 127, 107), ("exclusions", 107, 112)]
