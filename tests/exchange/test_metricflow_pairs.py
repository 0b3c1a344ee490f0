"""Two joins that are one: what else stands on the nearer model finds it, whichever of the two came first."""

from __future__ import annotations

import duckdb

from decisionlayer.capabilities import DUCKDB
from decisionlayer.exchange.metricflow.pairs import merged, paired
from decisionlayer.resolve.language.tree import Call, Name
from decisionlayer.resolve.model import Table
from decisionlayer.sql.selection import Cell, From, Joined, Selection, written


def test_a_time_of_the_nearer_model_is_looked_up_after_the_pair_that_gives_it() -> None:
    def equal(one: tuple[str, str], other: tuple[str, str]) -> tuple[Call, ...]:
        return (Call("=", (Name(one), Name(other))),)

    hangs = (*equal(("pair", "member"), ("member", "id")), *equal(("sales", "day"), ("member", "day")))
    asked = Selection(
        "asked", From(Table(("sales",)), "sales"),
        (Cell("week", Name(("weeks", "week"))), Cell("town", Name(("member", "town"))), Cell("id", Name(("sales", "id")))),
        (
            Joined(From(Table(("shops",)), "plain"), equal(("sales", "shop"), ("plain", "id")), "left"),
            Joined(From(Table(("weeks",)), "weeks"), equal(("plain", "opened"), ("weeks", "day")), "left"),
            Joined(From(Table(("shops",)), "pair"), equal(("sales", "shop"), ("pair", "id")), "left"),
            Joined(From(Table(("members",)), "member"), hangs, "left"),
        ),
        (),
    )  # fmt: skip
    found = merged(paired(asked, "pair", "member"), "plain", "pair")
    warehouse = duckdb.connect()
    warehouse.execute("create table sales as from (values (1, 1, 5), (2, 1, 6), (3, 2, 5)) t(id, shop, day)")
    warehouse.execute("create table shops as from (values (1, 70, 40), (2, 80, 41)) t(id, opened, member)")
    warehouse.execute("create table members as from (values (40, 5, 'Ulm'), (41, 9, 'Bonn')) t(id, day, town)")
    warehouse.execute("create table weeks as from (values (70, 10), (80, 11)) t(day, week)")
    # Sale 1 meets shop 1 with its member of that day. 2 and 3 find no pair: neither a town, nor a week, as with two joins it had.
    rows = warehouse.execute(written(found, DUCKDB, {}).text).fetchall()
    assert sorted(rows, key=lambda row: row[2]) == [(10, "Ulm", 1), (None, None, 2), (None, None, 3)]
