"""Rows whose link leads nowhere, and rows without a key, are kept under their own row in every grouping and every total."""

from __future__ import annotations

import pytest

from tests.worlds import shared_world


def asked(**question: object) -> list[tuple[object, ...]]:
    return shared_world("orphans")[0].query(**question).rows()


@pytest.mark.parametrize(
    "path",
    ["port", "port.name", "port.kind", "port.sea", "port.sea.name", "customer", "customer.name", "depot", "depot.name"],
)
def test_no_split_loses_a_kilo(path: str) -> None:
    assert sum(row[-1] for row in asked(metrics=["kilos"], by=[path])) == 63  # an inner join keeps 15 by port.name


def test_an_orphan_and_an_unknown_key_are_two_keys_and_one_unknown_name() -> None:
    assert asked(metrics=["kilos"], by=["port"])[-2:] == [("ZZZ", 16), (None, 32)]
    assert asked(metrics=["kilos"], by=["port.name"])[-1] == (None, 48)


def test_an_expression_over_null_does_not_give_an_orphan_an_attribute() -> None:
    """The wrong numbers were 56 kilos over river ports and 56 of customers without a name: what a LEFT JOIN makes of ``else``."""
    assert asked(metrics=["kilos"], by=["port.kind"]) == [("river", 8), ("sea", 7), (None, 48)]
    assert ("nameless", 56) not in asked(metrics=["kilos"], by=["customer.trade"])
    assert asked(metrics=["kilos"], where="port.kind = 'river'") == [(8,)]
    assert asked(metrics=["not_by_sea", "nameless"]) == [(8, None)]


def test_a_join_through_an_empty_table_keeps_every_row() -> None:
    assert asked(metrics=["kilos", "shipments"], by=["depot.name"]) == [(None, 63, 6)]


def test_a_filter_on_the_key_finds_an_orphan_that_has_no_row() -> None:
    assert asked(metrics=["kilos"], where="port = 'ZZZ'") == [(16,)]


def test_a_half_known_composite_key_matches_nobody() -> None:
    """Joined on the country alone, the 8 kilos of ('DE', NULL) would be Alder's or Birch's."""
    assert asked(metrics=["kilos"], by=["customer.name"])[0] == ("Alder", 3)
