"""Small groups beside their totals: what is hidden cannot be worked out from what is shown."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest

from decisionlayer import DeclarationError, Layer
from decisionlayer.sql.hiding import Cells, Hidden, Nested, hiding
from tests.publish.conftest import TABLES

VIEW = """
views:
  - {view: by_level, audience: executive, owner: board, definition: Regions and years, metrics: [revenue, margin], %s}
"""


def opened(project: Path, keys: str, more: str = "") -> tuple[Layer, duckdb.DuckDBPyConnection]:
    text = (project / "definitions" / "all.yml").read_text()
    (project / "definitions" / "all.yml").write_text(text.replace("views:\n", VIEW.lstrip() % keys, 1).replace("decisions:\n", f"{more}decisions:\n"))
    connection = duckdb.connect()
    connection.execute(TABLES).fetchall()
    return Layer.load(project, warehouse=connection), connection


def test_a_small_part_of_a_total_refuses_the_publication(project: Path) -> None:
    layer, _ = opened(project, "by: [month, shop.region.title], totals: true, min_group: 3")
    [finding] = [each for each in layer.check(data=True) if each.code == "small-group"]
    # January 2 and 1, February 1 and 3, March 1, and March itself 1; January 3, February 4, all 8 are groups.
    assert finding.message == (
        "5 of 9 cells of view `by_level` are over fewer than 3 rows; the smallest, month 2025-01-01, shop.region.title South, over 1"
    )
    with pytest.raises(DeclarationError):
        layer.publish()


def test_the_siblings_of_a_part_that_becomes_small_are_hidden_and_their_total_is_not(project: Path) -> None:
    layer, connection = opened(project, "by: [year, shop.region.title], totals: true, min_group: 2")
    layer.publish()
    asked = "select level, shop__region__title, revenue, margin is null from executive.by_level"
    assert connection.execute(asked).fetchall() == [
        ("year, shop.region.title", "North", 160, False), ("year, shop.region.title", "South", 280, False),
        ("year", None, 560, False), ("year, shop.region.title", None, 120, False), ("total", None, 560, False),
    ]  # fmt: skip
    [(comment,)] = connection.execute("select comment from duckdb_views() where view_name = 'by_level'").fetchall()
    assert "No number is over fewer than 2 rows: it would be NULL, and so would what tells it." in comment
    connection.execute("delete from orders where id = 3").fetchall()
    # South is one order of 80 now. With 160 and 120 beside a year of 360, 360 - 160 - 120 would be that order.
    assert connection.execute(asked).fetchall() == [
        ("year, shop.region.title", "North", None, True), ("year, shop.region.title", "South", None, True),
        ("year", None, 360, False), ("year, shop.region.title", None, None, True), ("total", None, 360, False),
    ]  # fmt: skip


def test_other_totals_show_their_parts(project: Path) -> None:
    layer, connection = opened(project, "by: [year, shop.region.title], totals: true, min_group: 2")
    layer.publish()
    connection.execute(
        "insert into orders select id + 10, day + interval 1 year, shop, amount, cost from orders where shop in ('S1', 'S2'); "
        "insert into orders values (30, date '2026-05-01', 'S3', 9, 1)"
    ).fetchall()
    rows = connection.execute("select year(year), level, shop__region__title, revenue from executive.by_level").fetchall()
    # 2026: North 160, South 280, and one order of 9 in no region; its year is 449, and 2025 is as it was.
    assert [row[3] for row in rows if row[0] == 2026] == [None, None, 449, None]
    assert [row[3] for row in rows if row[0] == 2025] == [160, 280, 560, 120]
    assert [row[3] for row in rows if row[0] is None] == [1009]


def test_what_a_number_looks_back_at_is_among_its_cells(project: Path) -> None:
    growth = """
  - metric: growth
    title: Growth
    definition: What a month brings more than the one before.
    purpose: choice
    owner: board
    unit: EUR
    better: higher
    grain: {time: month, by: [shop]}
    formula: sold - prior(sold, '1 month')
    translation: {owner: board, why: A firm grows., loses: The day., terms: {sold: sales}}
"""
    text = (project / "definitions" / "all.yml").read_text()
    (project / "definitions" / "all.yml").write_text(text.replace("views:\n", f"{growth}views:\n", 1))
    layer, connection = opened(project, "by: [month], min_group: 2, start: 2025-02, end: 2025-02")
    text = (project / "definitions" / "all.yml").read_text()
    (project / "definitions" / "all.yml").write_text(text.replace("metrics: [revenue, margin], by: [month], min", "metrics: [growth], by: [month], min"))
    layer = Layer.load(project, warehouse=connection)
    layer.publish()
    assert connection.execute("select growth from executive.by_level").fetchall() == [(-150,)]
    connection.execute("delete from orders where id in (1, 2)").fetchall()
    # One order of 200 is left of January: 200 less 0 of growth would tell it to whoever knows February.
    assert connection.execute("select growth from executive.by_level").fetchall() == [(None,)]


@pytest.mark.parametrize("seed", range(25))
def test_no_small_cell_follows_from_what_is_shown(seed: int) -> None:
    """By linear algebra: no small cell is a combination of cells that are shown, whatever the combination."""
    chance, least = random.Random(seed), 4
    rows = [(f"r{chance.randrange(3)}", f"s{chance.randrange(3)}", f"k{chance.randrange(2)}") for _ in range(chance.randrange(20, 90))]
    nested = [Nested("fine", ("r", "s", "k")), Nested("middle", ("r", "s")), Nested("coarse", ("r",)), Nested("total", ())]
    with duckdb.connect() as connection:
        connection.execute("create table facts (r varchar, s varchar, k varchar)").fetchall()
        connection.executemany("insert into facts values (?, ?, ?)", rows).fetchall()
        cells = (
            "select r, s, k, case grouping(r, s, k) when 0 then 'fine' when 1 then 'middle' when 3 then 'coarse' else 'total' end as level, "
            "count(*) as worth, count(*) as many from facts group by grouping sets ((r, s, k), (r, s), (r), ())"
        )
        split = Cells(("r", "s", "k", "level"), "level", tuple(nested))
        text = hiding(cells, cells, split, [Hidden("worth", ("many",))], least, order=[("level", False)])
        shown = connection.execute(text).fetchall()
    leaves = sorted(set(rows))

    def holds(cell: Sequence[str | None]) -> list[Fraction]:
        return [Fraction(all(mine in (None, theirs) for mine, theirs in zip(cell, leaf, strict=True))) for leaf in leaves]

    many = {leaf: rows.count(leaf) for leaf in leaves}
    known = [holds(cell) for *cell, _, worth in shown if worth is not None]
    hidden = [holds(cell) for *cell, _, worth in shown if worth is None]
    small = [one for one in hidden if 0 < sum(many[leaf] for leaf, part in zip(leaves, one, strict=True) if part) < least]
    assert all(sum(many[leaf] for leaf, part in zip(leaves, one, strict=True) if part) >= least for one in known)
    assert not any(rank([*known, one]) == rank(known) for one in small)
    if not small:
        assert not hidden


def rank(vectors: list[list[Fraction]]) -> int:
    """Return how many of some vectors are independent."""
    left, found = [list(vector) for vector in vectors], 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((vector for vector in left if vector[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        found += 1
        left = [
            [mine - vector[column] / pivot[column] * theirs for mine, theirs in zip(vector, pivot, strict=True)] if vector[column] else vector
            for vector in left
        ]
    return found
