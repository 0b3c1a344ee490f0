"""A link between a number and a text is refused: the warehouse reads '7' and '07' as 7, and each row would meet both.

Seen: two coupons of campaign 7, split by the campaign's name, came out as four.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from decisionlayer.errors import DeclarationError
from decisionlayer.layer import Layer

PROJECT = """
project: {name: coupons}
parties: [{party: desk, kind: team, name: Desk}]
units: [{unit: coupon}]
sources:
  - {source: campaigns, one_row_is: one, describes: campaign, table: campaigns, key: [code], dimensions: {name: name}, owner: desk}
  - {source: coupons, one_row_is: one, table: coupons, key: [coupon], links: {campaign: {entity: campaign, column: code}}, owner: desk}
metrics:
  - {metric: used, purpose: action, definition: Coupons used., unit: coupon, owner: desk, source: coupons, measure: count(*), respond: P.}
"""


def layer(folder: Path, key: str, other: str) -> Layer:
    (folder / "definitions").mkdir()
    (folder / "definitions" / "project.yml").write_text(PROJECT)
    warehouse = duckdb.connect()
    warehouse.execute(
        f"create table campaigns as select * from (values ({key}, 'Spring'), ({other}, 'Summer')) as t(code, name)"
    )
    warehouse.execute("create table coupons as select * from (values (1, 7), (2, 7)) as t(coupon, code)")
    return Layer.load(folder, warehouse=warehouse)


def test_a_number_that_is_compared_with_texts_is_refused(tmp_path: Path) -> None:
    shop = layer(tmp_path, "'7'", "'07'")
    assert shop.query(metrics=["used"], by=["campaign"]).rows() == [(7, 2)]
    with pytest.raises(DeclarationError) as refused:
        shop.query(metrics=["used"], by=["campaign.name"])
    assert refused.value.findings[0].message == (
        "the link `campaign` of `coupons` compares `code`, which is integer in the warehouse, "
        "with the key `code` of `campaigns`, which is text"
    )
    assert [finding.code for finding in shop.check(data=True)] == ["column-type"]


def test_numbers_of_two_widths_are_compared(tmp_path: Path) -> None:
    shop = layer(tmp_path, "7::smallint", "8::smallint")
    assert shop.query(metrics=["used"], by=["campaign.name"]).rows() == [("Spring", 2)]
