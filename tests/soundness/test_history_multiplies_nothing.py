"""An entity with history meets each row in one version at most, whatever the data hold; found by joining versions by their key alone."""

from __future__ import annotations

import copy
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from decisionlayer import DecisionLayerError
from decisionlayer.layer import Layer
from tests.worlds.made import made, metric

TABLES = """
create table shops (shop varchar, region varchar, valid_from date, valid_to date);
insert into shops values ('A', 'North', '2024-01-01', '2024-03-01'), ('A', 'South', '2024-03-01', null),
  ('B', 'South', '2024-01-01', null), ('C', 'North', '2024-01-01', '2024-02-01');
create table sales (id integer, shop varchar, day date, paid_at timestamp, amount integer);
insert into sales values (1, 'A', '2024-01-10', '2024-03-05 10:00', 10), (2, 'A', '2024-03-01', '2024-03-01 00:00', 20),
  (3, 'B', '2024-02-29', '2024-03-01 00:00', 40), (4, 'C', '2024-01-31', '2024-01-31 23:59', 80),
  (5, 'C', '2024-02-01', '2024-02-01 00:00', 160), (6, null, '2024-02-01', '2024-02-01 00:00', 320);
"""
DECLARED: dict[str, Any] = {
    "project": {"name": "shops", "timezone": "UTC"},
    "parties": [{"party": "desk"}],
    "sources": [
        {
            "source": "shops", "one_row_is": "one shop while it stood so", "describes": "shop", "table": "shops", "key": ["shop"],
            "valid": {"from": "valid_from", "to": "valid_to"}, "dimensions": {"region": "region"}, "owner": "desk",
            "columns": {"shop": "text", "region": "text", "valid_from": "date", "valid_to": "date"},
        },
        {
            "source": "sales", "one_row_is": "one sale", "table": "sales", "key": ["id"],
            "time": {"day": "day", "paid_at": "minute"}, "links": {"shop": "shop"}, "owner": "desk",
            "columns": {"id": "integer", "day": "date", "paid_at": "timestamp", "shop": "text", "amount": "integer"},
        },
    ],
    "metrics": [
        metric("sold", source="sales", measure="sum(amount)"),
        metric("paid", source="sales", measure="sum(amount)", clock="paid_at"),
        metric("northern", source="sales", measure="sum(amount)", where="shop.region = 'North'"),
    ],
}  # fmt: skip


def world(folder: Path, tables: str = TABLES, **of_shops: object) -> Layer:
    declared = copy.deepcopy(DECLARED)
    declared["sources"][0].update(of_shops)
    return made(folder, declared, tables)


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        # 1 in North until March, 4 in North; 2 on the first day of the South, 3; 5 after the shop closed, 6 of no shop.
        ({}, [("North", 90), ("South", 60), (None, 480)]),
        ({"structure": "as_was"}, [("North", 90), ("South", 60), (None, 480)]),
        # A and B stand in the South today, C no longer stands.
        ({"structure": "as_is"}, [("South", 70), (None, 560)]),
        ({"structure": "as_is", "today": "2024-02-29"}, [("North", 30), ("South", 40), (None, 560)]),
        ({"structure": {"at": "2024-01-31"}}, [("North", 270), ("South", 40), (None, 320)]),
        ({"basis": "restated@2024-01-31"}, [("North", 270), ("South", 40), (None, 320)]),
        ({"basis": "as_reported"}, [("North", 90), ("South", 60), (None, 480)]),
        ({"structure": {"at": "2023-12-31"}}, [(None, 630)]),
    ],
)
def test_each_row_meets_one_version(tmp_path: Path, asked: dict[str, Any], rows: list[tuple[object, ...]]) -> None:
    layer = world(tmp_path)
    found = layer.query(metrics=["sold"], by=["shop.region"], **asked).rows()
    assert found == rows
    assert sum(row[1] for row in found) == 630 != 870  # 870: both versions of A


def test_an_entity_says_how_it_is_read_when_nobody_asks(tmp_path: Path) -> None:
    layer = world(tmp_path, history="as_is")
    assert layer.query(metrics=["sold"], by=["shop.region"]).rows() == [("South", 70), (None, 560)]


def test_each_metric_meets_versions_by_its_own_clock(tmp_path: Path) -> None:
    """Both metrics read one column; sale 1 was made in the North and paid when its shop was in the South."""
    result = world(tmp_path).query(metrics=["sold", "paid"], by=["shop.region"])
    assert result.rows() == [("North", 90, 80), ("South", 60, 70), (None, 480, 480)]


def test_a_metric_that_filters_by_history_reads_it_the_same_way(tmp_path: Path) -> None:
    layer = world(tmp_path)
    assert layer.query(metrics=["northern"]).rows() == [(90,)]
    assert layer.query(metrics=["northern"], structure={"at": "2024-01-31"}).rows() == [(270,)]


def test_the_answer_says_which_versions_it_read(tmp_path: Path) -> None:
    layer = world(tmp_path)
    notes = layer.query(metrics=["sold"], by=["shop.region"]).notes
    assert notes == ("shop as it was at each row's own time",)
    notes = layer.query(metrics=["sold"], by=["shop.region"], structure={"at": "2024-01-31"}).notes
    assert notes == ("shop as it was, at the end of 2024-01-31",)
    assert layer.query(metrics=["sold"], structure="as_is").notes == ()


@pytest.mark.parametrize("overlap", ["('A', 'West', '2024-02-29', '2024-03-02')", "('A', 'West', '2025-01-01', null)"])
def test_versions_that_overlap_are_refused_before_they_multiply(tmp_path: Path, overlap: str) -> None:
    layer = world(tmp_path, TABLES + f"insert into shops values {overlap};")
    with pytest.raises(DecisionLayerError) as refused:
        layer.query(metrics=["sold"], by=["shop.region"])
    assert refused.value.codes == ("key-not-unique",)
    assert "A is there twice at one instant" in str(refused.value)
    (found,) = [finding for finding in layer.check(data=True) if finding.is_error]
    assert found.code == "key-not-unique" and "1 shop is there twice" in found.message


def test_versions_that_meet_or_hold_never_are_fine(tmp_path: Path) -> None:
    rest = "('C', 'North', '2024-02-01', '2024-02-02'), ('C', 'East', '2024-01-15', '2024-01-15'), (null, 'East', '2024-01-01', null)"
    layer = world(tmp_path, TABLES + f"insert into shops values {rest};")
    assert layer.query(metrics=["sold"], by=["shop.region"]).rows() == [("North", 250), ("South", 60), (None, 320)]
    assert [found for found in layer.check(data=True) if found.is_error] == []


def test_a_row_without_a_time_of_its_own_is_asked_for_a_day(tmp_path: Path) -> None:
    declared = copy.deepcopy(DECLARED)
    del declared["sources"][1]["time"]
    declared["metrics"] = [metric("sold", source="sales", measure="sum(amount)")]
    layer = made(tmp_path, declared, TABLES)
    with pytest.raises(DecisionLayerError) as refused:
        layer.query(metrics=["sold"], by=["shop.region"])
    assert refused.value.codes == ("needs-period",)
    assert layer.query(metrics=["sold"], by=["shop.region"], structure={"at": "2024-01-31"}).rows()[0] == ("North", 270)


def test_versions_by_instants_meet_days_and_wall_clocks_in_the_projects_zone(tmp_path: Path) -> None:
    """The move happened on 1 March, midnight in New York; sale 1 was made on 29 February at 22:00 there, 3:00 in London."""
    declared = copy.deepcopy(DECLARED)
    declared["project"]["timezone"] = "America/New_York"
    declared["sources"][0]["columns"] |= {"valid_from": "instant", "valid_to": "instant"}
    tables = """
    create table shops (shop varchar, region varchar, valid_from timestamptz, valid_to timestamptz);
    insert into shops values ('A', 'North', null, null), ('A', 'North', '2024-01-01 05:00+00', '2024-03-01 05:00+00'),
      ('A', 'South', '2024-03-01 05:00+00', null);
    create table sales (id integer, shop varchar, day date, paid_at timestamp, amount integer);
    insert into sales values (1, 'A', '2024-02-29', '2024-02-29 22:00', 1), (2, 'A', '2024-03-01', '2024-03-01 00:00', 10);
    """
    layer = made(tmp_path, declared, tables)
    assert layer.query(metrics=["sold", "paid"], by=["shop.region"]).rows() == [("North", 1, 1), ("South", 10, 10)]
    before = layer.query(metrics=["sold"], by=["shop.region"], structure={"at": "2024-02-29"})
    assert before.rows() == [("North", 11)]


@pytest.mark.parametrize(
    ("keys", "codes"),
    [
        ({"structure": {"at": "soon"}}, ("bad-time",)),
        ({"structure": "as_will_be"}, ("bad-question",)),
        ({"basis": "restated", "structure": "as_is"}, ("bad-question",)),
        ({"basis": "reported"}, ("bad-question",)),
        ({"basis": "like_for_like"}, ("bad-question",)),
        ({"definition": "as_now"}, ("bad-question",)),
        ({"known_on": "2024-02-01"}, ("bad-question",)),
    ],
)
def test_what_means_nothing_is_refused(tmp_path: Path, keys: dict[str, Any], codes: tuple[str, ...]) -> None:
    with pytest.raises(DecisionLayerError) as refused:
        world(tmp_path).query(metrics=["sold"], by=["shop.region"], **keys)
    assert refused.value.codes == codes


def test_what_arrived_later_was_not_known(tmp_path: Path) -> None:
    declared = copy.deepcopy(DECLARED)
    declared["sources"][1]["fresh"] = {"at": "paid_at", "within": "2 days"}
    layer = made(tmp_path, declared, TABLES)
    result = layer.query(metrics=["sold"], by=["shop.region"], known_on="2024-02-01")
    assert result.rows() == [("North", 80), (None, 480)]
    assert result.notes[-1] == "as it was known on 2024-02-01: rows that arrived later are left out"


BACK = metric("a_month_before", formula="prior(sold, '1 month')")


@pytest.mark.parametrize(
    ("asked", "is_refused"),
    [
        ({"metrics": ["sold"], "by": ["month", "shop.region"], "compare": ["previous"]}, True),
        ({"metrics": ["a_month_before"], "by": ["month", "shop.region"]}, True),
        ({"metrics": ["sold"], "by": ["month"], "where": "shop.region = 'North'", "compare": ["previous"]}, True),
        ({"metrics": ["northern"], "by": ["month"], "compare": ["previous"]}, True),
        ({"metrics": ["sold"], "by": ["month", "shop"], "compare": ["previous"]}, False),  # by the key nothing moves
        ({"metrics": ["sold"], "by": ["month", "shop.region"]}, False),
        ({"metrics": ["sold"], "by": ["month", "shop.region"], "compare": ["previous"], "structure": "as_was"}, False),
        ({"metrics": ["sold"], "by": ["month", "shop.region"], "compare": ["previous"], "basis": "restated"}, False),
    ],
)
@pytest.mark.parametrize("is_empty", [True, False])
def test_a_comparison_through_history_says_its_structure(
    tmp_path: Path, asked: dict[str, Any], is_refused: bool, is_empty: bool
) -> None:
    """Whatever is in the tables: with none the reorganisation that comes tomorrow is as near."""
    declared = copy.deepcopy(DECLARED)
    declared["metrics"].append(BACK)
    layer = made(tmp_path, declared, TABLES + ("delete from shops; delete from sales;" if is_empty else ""))
    if is_refused:
        with pytest.raises(DecisionLayerError) as refused:
            layer.query(**asked)
        assert refused.value.codes == ("unsettled-structure",)
    else:
        layer.query(**asked)


def test_a_move_is_no_growth_under_one_structure(tmp_path: Path) -> None:
    """A sold 10 in the North in January and 20 in the South in March, and stands in the South today."""
    layer = world(tmp_path, TABLES + "delete from sales where id not in (1, 2);")
    asked = {"metrics": ["sold"], "by": ["month", "shop.region"], "start": "2024-03", "end": "2024-03"}
    march = dt.date(2024, 3, 1)
    as_was = layer.query(**asked, compare=["year_ago"], structure="as_was").rows()
    assert [row[:3] for row in as_was] == [(march, "South", 20)]
    back = made(tmp_path / "back", {**copy.deepcopy(DECLARED), "metrics": [
        metric("sold", source="sales", measure="sum(amount)"), metric("two_back", formula="prior(sold, '2 months')"),
    ]}, TABLES + "delete from sales where id not in (1, 2);")  # fmt: skip
    asked["metrics"] = ["sold", "two_back"]
    assert back.query(**asked, structure="as_was").rows() == [(march, "North", None, 10), (march, "South", 20, None)]
    assert back.query(**asked, structure="as_is").rows() == [(march, "South", 20, 10)]


def test_a_count_of_versions_says_that_it_is_one(tmp_path: Path) -> None:
    declared = copy.deepcopy(DECLARED)
    declared["metrics"].append(metric("versions", source="shops", measure="count(*)"))
    result = made(tmp_path, declared, TABLES).query(metrics=["versions"])
    assert result.rows() == [(4,)]  # of three shops
    assert result.notes == ("rows of shops are versions: one shop counts once for each of its versions",)
