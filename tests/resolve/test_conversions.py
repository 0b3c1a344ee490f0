"""Conversions: what is followed by what, by whom, within which time, and what of it can be asked."""

from __future__ import annotations

import pytest

from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.model import Additivity, Measure, Model
from tests.resolve.made import codes, model_of, only, said

BASE = """
project: {name: funnel, timezone: UTC}
parties: [{party: ops}]
units: [{unit: visit}]
sources:
  - {source: visits, one_row_is: one visit, table: visits, key: [id], time: {seen: minute}, links: {visitor: visitor, host: {entity: visitor, column: host}},
     columns: {id: integer, seen: timestamp, product: text, price: float}, owner: ops}
  - {source: orders, one_row_is: one order, table: orders, key: [id], time: {placed: minute, paid: week}, links: {visitor: visitor, shop: shop},
     columns: {id: integer, placed: timestamp, paid: timestamp, product: text, item: text, pieces: integer}, owner: ops}
  - {source: visitors, one_row_is: one visitor, describes: visitor, table: visitors, key: [visitor], owner: ops}
  - {source: shops, one_row_is: one shop, describes: shop, table: shops, key: [shop], links: {visitor: {entity: visitor, column: keeper}}, owner: ops}
"""
SAID = "metric: x, purpose: action, owner: ops, definition: D., better: higher, respond: Act."


def with_conversion(conversion: str, *more: str) -> Model:
    keys = "".join(f", {one}" for one in more) or ", unit: percent"
    return model_of(f"metrics:\n  - {{{SAID}{keys}, conversion: {{{conversion}}}}}\n", base=BASE)


FULL = "from: visits, to: orders, entity: visitor, within: 7 days"


def test_a_conversion_is_a_share_of_the_rows_that_it_begins_with() -> None:
    model = with_conversion(f"{FULL}, same: [product]")
    metric = model.metrics["x"]
    assert isinstance(metric.body, Measure) and metric.body.match is not None and not codes(model)
    match = metric.body.match
    assert (metric.body.source, metric.body.clock, match.source, match.clock) == ("visits", "seen", "orders", "placed")
    assert (match.entity, match.count, match.unit, match.by_event) == ((("visitor", "visitor"),), 7, "day", False)
    assert [(mine.text, theirs.text) for mine, theirs in match.same] == [("product", "product")]
    assert text_of(metric.body.expr) == (
        "count(*) filter (where converted and closed) / count(*) filter (where closed)"
    )
    assert (str(metric.type), metric.additivity, metric.limit.time) == ("float", Additivity.ratio, "minute")


def test_what_it_gives_may_be_a_count() -> None:
    metric = with_conversion(f"{FULL}, give: converted", "unit: visit").metrics["x"]
    assert (str(metric.type), metric.additivity) == ("integer", Additivity.additive)


def test_filters_stand_on_either_side() -> None:
    body = with_conversion(
        "from: {source: visits, where: price > 1}, to: {source: orders, where: pieces > 2}, entity: visitor, within: 7 days",
        "unit: percent", "where: product = 'a'", "population: id > 5",
    ).metrics["x"].body  # fmt: skip
    assert isinstance(body, Measure) and body.match is not None and body.where is not None and body.population is not None
    assert (text_of(body.where), text_of(body.population)) == ("product = 'a' and price > 1", "id > 5")
    assert body.match.where is not None and text_of(body.match.where) == "pieces > 2"


def test_every_part_is_meaning() -> None:
    variants = (
        FULL, FULL.replace("7", "8"), f"{FULL}, same: [product]",
        FULL.replace("to: orders", "to: {source: orders, where: pieces > 2}"), f"{FULL}, same: [{{product: item}}]",
        f"{FULL}, give: open", FULL.replace("to: orders", "to: visits"),
    )  # fmt: skip
    meanings = {with_conversion(each, "unit: '1'").metrics["x"].meaning for each in variants}
    assert len(meanings) == len(variants)


@pytest.mark.parametrize(
    ("conversion", "code", "message"),
    [
        (FULL.replace("orders", "order"), "unknown-name", "there is no source `order`"),
        (FULL.replace(", within: 7 days", ""), "missing-key", "metric `x` does not say within which time"),
        (FULL.replace("7 days", "a week"), "wrong-argument", "`a week` is no length of time"),
        (FULL.replace("7 days", "0 days"), "wrong-argument", "`0 days` is no length of time"),
        (FULL.replace("7 days", "7 fortnights"), "wrong-argument", "`7 fortnights` is no length of time"),
        (FULL.replace("entity: visitor", "entity: shop"), "unknown-name", "`visits` has no link to `shop`"),
        (f"{FULL}, same: [{{product: itm}}]", "unknown-name", "`orders` has no column `itm`"),
        (
            f"{FULL}, same: [{{price: item}}]",
            "wrong-argument",
            "`price` of `visits` and `item` of `orders` are of different types and are never the same",
        ),
        (
            FULL.replace("to: orders", "to: {source: orders, clock: paid}"),
            "finer-than-grain",
            "metric `x` asks what comes after what, and `paid` tells one week from another",
        ),
        (
            FULL.replace("to: orders", "to: visitors"),
            "wrong-argument",
            "metric `x` asks what comes after what, and `visitors` has no clock",
        ),
        (
            f"{FULL}, counts: to_events",
            "wrong-argument",
            "metric `x` counts `to` rows, and gives `share`, which is about `from` rows",
        ),
        (FULL.replace("to: orders", "to: {source: orders, clock: shipped}"), "unknown-name", "`orders` has no clock `shipped`"),
    ],
)
def test_what_cannot_be_followed_is_refused(conversion: str, code: str, message: str) -> None:
    finding = only(with_conversion(conversion))
    assert (finding.code, finding.message) == (code, message)


@pytest.mark.parametrize(
    ("keys", "code", "message"),
    [
        ("source: orders", "wrong-argument", "metric `x` has the source `orders`, and its conversion begins with `visits`"),
        ("over_time: last", "wrong-argument", "metric `x` counts events, and `over_time` is about amounts"),
        ("decimals: 2", "wrong-argument", "metric `x` counts events, and `decimals` is about amounts"),
        ("unit: visit", "mixed-units", "metric `x`: it is computed in a pure number, and `visit` is declared"),
    ],
)
def test_keys_beside_a_conversion_fit_it(keys: str, code: str, message: str) -> None:
    finding = only(with_conversion(FULL, *([] if "unit" in keys else ["unit: percent"]), keys))
    assert finding.code == code
    assert finding.message == message or code == "mixed-units"


def test_two_ways_to_the_entity_are_spelt_out() -> None:
    other = BASE.replace("links: {visitor: visitor, host:", "links: {guest: {entity: visitor, column: visitor}, host:")
    model = model_of(f"metrics:\n  - {{{SAID}, unit: percent, conversion: {{{FULL}}}}}\n", base=other)
    assert said(model).startswith("error[ambiguous-path]: `visits` leads to `visitor` in 2 ways")


def test_an_unknown_key_of_a_conversion_is_refused() -> None:
    assert codes(with_conversion(f"{FULL}, windows: 3")) == ["unknown-key"]
