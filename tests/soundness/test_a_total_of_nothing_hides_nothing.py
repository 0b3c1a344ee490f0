"""A total of a measure without any row stands beside every cell as nothing; found when it took all cells with it."""

from __future__ import annotations

from pathlib import Path

from tests.worlds.made import made, metric, shop


def test_cells_stand_beside_a_total_of_no_rows(tmp_path: Path) -> None:
    layer = made(
        tmp_path,
        shop(
            metric("sales", measure="sum(amount)"),
            metric("orders", measure="count(*)"),
            metric("big", measure="sum(amount)", where="amount > 1000"),
            metric("balance", formula="orders + total(big - sales, all)"),
        ),
    )
    # A has 10 + 20, B 60: 2 and 1 orders, less the 90 of both; nothing was big
    assert layer.query(metrics=["balance"], by=["shop"]).rows() == [("A", -88), ("B", -89)]
