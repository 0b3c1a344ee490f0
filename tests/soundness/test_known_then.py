"""As it was known on a day: what arrived later neither counts nor says when a stock was counted, nor what followed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from decisionlayer.errors import QueryError
from tests.worlds import open_world
from tests.worlds.made import made, metric, shop

HEADS = """
create table heads (id integer, day date, shop varchar, amount integer, loaded date);
insert into heads values (1, '2024-01-07', 'A', 10, '2024-01-08'), (2, '2024-01-14', 'A', 12, '2024-01-15'), (3, '2024-01-21', 'A', 15, '2024-02-10');
"""


def test_an_instant_that_came_late_is_none(tmp_path: Path) -> None:
    declared: Any = shop(metric("heads", measure="sum(amount)", over_time="last"), metric("mean_heads", measure="sum(amount)", over_time="avg"))
    declared["sources"][0].update(table="heads", snapshot=True, fresh={"at": "loaded", "within": "9000 days"})
    declared["sources"][0]["columns"]["loaded"] = "date"
    layer = made(tmp_path, declared, HEADS)
    assert layer.query(metrics=["heads", "mean_heads"]).rows() == [(15, 37 / 3)]
    known = layer.query(metrics=["heads", "mean_heads"], known_on="2024-01-31").rows()
    assert known == [(12, 11.0)]  # no heads at all, and 22 over three Sundays, where the late one says when
    assert layer.query(metrics=["heads"], by=["month"], known_on="2024-01-31").rows() == [(dt.date(2024, 1, 1), 12)]


VISITS = """
create table visits (id integer, day date, visitor varchar, loaded date);
insert into visits values (1, '2024-01-01', 'a', '2024-01-01'), (2, '2024-01-01', 'b', '2024-01-01'), (3, '2024-01-02', 'c', '2024-01-02');
create table orders (id integer, day date, visitor varchar, loaded date);
insert into orders values (1, '2024-01-03', 'a', '2024-01-03'), (2, '2024-01-04', 'b', '2024-01-20'), (3, '2024-01-12', 'x', '2024-01-12');
create table visitors (visitor varchar);
insert into visitors values ('a'), ('b'), ('c'), ('x');
"""


@pytest.mark.parametrize("fresh", [True, False])
def test_what_followed_and_came_late_had_not_followed(tmp_path: Path, fresh: bool) -> None:
    def source(name: str, *, says: bool) -> dict[str, Any]:
        told = {"fresh": {"at": "loaded", "within": "9000 days"}} if says else {}
        return {
            "source": name, "one_row_is": f"one of {name}", "table": name, "key": ["id"], "time": {"day": "day"}, "owner": "desk",
            "columns": {"id": "integer", "day": "date", "visitor": "text", "loaded": "date"}, "links": {"visitor": "visitor"}, **told,
        }  # fmt: skip

    visitors = {"source": "visitors", "one_row_is": "one visitor", "describes": "visitor", "table": "visitors", "key": ["visitor"], "owner": "desk",
                "columns": {"visitor": "text"}}  # fmt: skip
    converts = {"from": "visits", "to": "orders", "entity": "visitor", "within": "7 days"}
    declared = shop(metric("bought", conversion=converts, unit="percent"), sources=[source("visits", says=True), source("orders", says=fresh), visitors])
    layer = made(tmp_path, declared, VISITS)
    assert layer.query(metrics=["bought"]).rows() == [(pytest.approx(2 / 3),)]
    if fresh:
        assert layer.query(metrics=["bought"], known_on="2024-01-15").rows() == [(pytest.approx(1 / 3),)]
        # On the 5th nobody knew of an order after the 3rd, so that no week was over yet.
        assert layer.query(metrics=["bought"], known_on="2024-01-05").rows() == [(None,)]
    else:
        with pytest.raises(QueryError, match="`orders` does not say when a row arrived"):
            layer.query(metrics=["bought"], known_on="2024-01-15")


def test_a_ledger_ties_where_lines_came_later() -> None:
    """Order 2 was left out for a line that nobody knew of on the day: 6 of 5 rows were accounted for."""
    layer = open_world("late")
    result = layer.query(metrics=["without_food"], known_on="2024-02-28", ledger=True)
    assert result.rows() == [(80,)]
    ledger: Any = result.passport("without_food")["ledger"]
    assert (ledger["source"]["amount"], ledger["counted"]["amount"], ledger["excluded"]["food"]["amount"]) == (210, 80, 17)  # not 67
    assert (ledger["late"], ledger["residual"]) == ({"rows": 3, "amount": 113}, {"rows": 0, "amount": 0})
    chosen = layer.query(metrics=["turnover"], where="lines.product.category = 'Food'", known_on="2024-02-28", ledger=True)
    assert chosen.passport("turnover")["ledger"]["counted"] == {"rows": 2, "amount": 17}  # type: ignore[index]


def test_late_is_no_key_of_a_question() -> None:
    with pytest.raises(QueryError, match="no key `late`"):
        open_world("late").query(metrics=["turnover"], late=True)
