"""Views: what executives and the frontline may be shown, refused in the file before anybody publishes it."""


from __future__ import annotations

from pathlib import Path

import pytest

from decisionlayer.resolve.model import Model
from tests.resolve.corner_shops import project, resolved, said

FILE = "definitions/page.yml"
VIEW = """
views:
  - view: waiting_rooms
    audience: frontline
    owner: shop_desk
    definition: Who waits where.
    metrics: [waiting, order_count]
    by: [month, shop.name]
"""


def model(folder: Path, old: str = "", new: str = "") -> Model:
    assert VIEW.count(old) == 1 or not old
    return resolved(project(folder, {FILE: VIEW.replace(old, new) if old else VIEW}))


def test_a_view_keeps_only_the_keys_that_are_written(tmp_path: Path) -> None:
    found = model(
        tmp_path,
        "    by: [month, shop.name]\n",
        "    by: [month]\n    where: shop.name = 'North street'\n    order: [-waiting]\n    limit: 3\n    start: 2024\n",
    )
    view = found.views["waiting_rooms"]
    assert found.findings == ()
    assert view.question == {
        "metrics": ("waiting", "order_count"), "by": ("month",), "where": "shop.name = 'North street'",
        "start": "2024", "order": ("-waiting",), "limit": 3,
    }  # fmt: skip
    assert (view.audience, view.owner, view.definition, view.stored_as) == (
        "frontline",
        "shop_desk",
        "Who waits where.",
        "view",
    )
    assert view.where is not None and view.having is None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("    owner: shop_desk\n", "", "no-owner: nobody answers for view `waiting_rooms`"),
        ("owner: shop_desk", "owner: shopdesk", "no-owner: `shopdesk` answers for view `waiting_rooms`, and no party has that name"),
        ("    definition: Who waits where.\n", "", "no-definition: view `waiting_rooms` does not say what it shows"),
        ("    metrics: [waiting, order_count]\n", "", "missing-key: view `waiting_rooms` publishes no metric"),
        ("[waiting, order_count]", "[waiting, orders_count]", "unknown-name: view `waiting_rooms` names the metric `orders_count`, which nothing declares"),
        ("[waiting, order_count]", "[waiting, waiting]", "duplicate-name: view `waiting_rooms` names `waiting` twice"),
        ("audience: frontline", "audience: executive", "purpose-mismatch: view `waiting_rooms` shows executives `waiting`, which is a number for action"),
        ("[month, shop.name]", "[month, month]", "duplicate-name: view `waiting_rooms` is split by `month` twice"),
        ("[month, shop.name]", "[month, shop.nmae]", "unreachable-dimension: `waiting` cannot be split by `shop.nmae`: `orders` leads to nothing of that name"),
        ("[month, shop.name]", "[hour]", "finer-than-grain: view `waiting_rooms` is split by `hour`, finer than it may be asked: `waiting` (no finer than day) and `order_count` (no finer than day)"),
        ("[month, shop.name]", "[order]", "finer-than-grain: view `waiting_rooms` is split by `order`, finer than it may be asked: `waiting` (only by shop, size) and `order_count` (only by shop, size)"),
        ("[month, shop.name]", "[month]\n    where: order = 3", "finer-than-grain: view `waiting_rooms` keeps rows by `order`, finer than it may be asked: `waiting` (only by shop, size) and `order_count` (only by shop, size)"),
        ("[month, shop.name]", "[month]\n    where: shop.name = 'N", "bad-expression: a text that starts here is never closed: a quote within a text is doubled, as in 'it''s'"),
        ("[month, shop.name]", "[month]\n    limit: -1", "wrong-argument: view `waiting_rooms` is limited to -1 rows"),
        ("[month, shop.name]", "[month]\n    compare: previous", "wrong-type: `compare` takes a list: write [previous]"),
        ("[month, shop.name]", "[month]\n    fill: true", "wrong-type: `fill` takes spine, not true"),
        ("[month, shop.name]", "[month]\n    as: rollup", "not-built: view `waiting_rooms` is stored as a rollup, which this version does not build yet"),
        ("view: waiting_rooms", "view: dl_rooms", "bad-name: view `dl_rooms` has a name that begins with `dl_`"),
        ("view: waiting_rooms", "view: Shop_Month", "bad-name: view `shop_month` has the name of view `Shop_Month`, and both are published into one schema"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert says in said(model(tmp_path, old, new).findings)


def test_a_mistyped_path_is_one_finding_however_many_metrics_are_split_by_it(tmp_path: Path) -> None:
    found = model(tmp_path, "[month, shop.name]", "[month, shop.nmae]")
    assert [finding.code for finding in found.findings] == ["unreachable-dimension"]
    assert found.findings[0].help == "Did you mean shop.name or shop.region.name or shop?"
    assert str(found.findings[0].place) == "definitions/page.yml:8:17"
    assert found.broken["view waiting_rooms"] == found.findings


def test_a_view_of_several_sources_splits_each_by_its_own_way_to_the_same_thing(tmp_path: Path) -> None:
    moved = "metrics:\n  - {metric: received, purpose: action, owner: stock_desk, definition: Pieces received., unit: piece, better: none, source: transfers, measure: sum(pieces), respond: Unpack them.}\n"
    folder = project(
        tmp_path, {FILE: VIEW.replace("[waiting, order_count]", "[waiting, received]"), "metrics/moved.yml": moved}
    )
    (finding,) = resolved(folder).findings
    assert finding.message == "`shop.name` can be read in 2 ways for `received`: `from_shop.name` or `to_shop.name`"
    assert finding.help == "say which, as `paths: {shop.name: {received: from_shop.name}}`"
    settled = (
        VIEW.replace("[waiting, order_count]", "[waiting, received]")
        + "    paths: {shop.name: {received: to_shop.name}}\n"
    )
    (folder / FILE).write_text(settled)
    assert resolved(folder).findings == ()


def test_executives_are_offered_the_metric_that_translates_it(tmp_path: Path) -> None:
    text = VIEW.replace("audience: frontline", "audience: executive").replace("[waiting, order_count]", "[order_count]")
    (finding,) = resolved(project(tmp_path, {FILE: text})).findings
    assert finding.render() == (
        "error[purpose-mismatch] DL201: view `waiting_rooms` shows executives `order_count`, which is a number for action\n"
        "  --> definitions/page.yml:7:15\n"
        "  why: it tells shop_desk what to do next; nobody has said what it means for a choice\n"
        "  help: show `order_value`, which translates it"
    )
