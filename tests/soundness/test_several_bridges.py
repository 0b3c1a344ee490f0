"""Two bridges at once, and a bridge behind a bridge: a row counts once in each pair of parts, or its shares tie to the whole."""

from __future__ import annotations

import copy
from pathlib import Path

import duckdb
import pytest

from decisionlayer import DecisionLayerError
from decisionlayer.layer import Layer
from tests.soundness.test_bridges import CATEGORY, DECLARED, TABLES, TO_ORDER
from tests.worlds.made import made, metric

# Orders 1 (30), 2 (50), 3 (7), 4 (100), 5 (10). Lines as in test_bridges: 1 toys 10 + 20; 2 toys 15, food 35; 3 food 7; 4 none; 5 for nothing.
# Tags: 1 gift and rush, 2 gift, 4 gift twice, 3 and 5 none. Parts of lines: 1 acme, bolt; 2 acme; 3 bolt; 4 bolt, acme; 5 to 9 none.
MORE = TABLES + """
create table tags (id integer, order_id integer, tag varchar, weight integer);
insert into tags values (1, 1, 'gift', 1), (2, 1, 'rush', 3), (3, 2, 'gift', 1), (4, 4, 'gift', 2), (5, 4, 'gift', 2);
create table parts (id integer, line_id integer, maker varchar, cost integer);
insert into parts values (1, 1, 'acme', 1), (2, 1, 'bolt', 1), (3, 2, 'acme', 5), (4, 3, 'bolt', 1), (5, 4, 'bolt', 3), (6, 4, 'acme', 1);
"""
TAG, MAKER = "tags.tag", "lines.parts.maker"
OVERLAP = {"split": "overlap"}
Rows = list[tuple[object, ...]]


def allocate(by: str) -> dict[str, str]:
    return {"split": "allocate", "by": by}


def several(
    folder: Path, lines: object, tags: object, parts: object = None, tables: str | duckdb.DuckDBPyConnection = MORE
) -> Layer:
    """The shop of test_bridges with tags of its orders, and parts of its lines."""
    declared = copy.deepcopy(DECLARED)
    declared["metrics"] = [each for each in declared["metrics"] if each["metric"] != "by_product"]
    declared["metrics"] += [
        metric("part_cost", source="parts", measure="sum(cost)"),
        metric("of_tag", formula="total(turnover, tags.tag)"), metric("of_all", formula="total(turnover)"),
    ]  # fmt: skip
    orders, order_lines = declared["sources"][:2]
    orders["bridges"] = {"lines": lines, "tags": tags}
    order_lines |= {"describes": "line", **({"bridges": {"parts": parts}} if parts else {})}
    declared["sources"] += [
        {
            "source": "tags", "one_row_is": "one tag of an order", "table": "tags", "key": ["id"], "owner": "desk", "dimensions": ["tag"],
            "columns": {"id": "integer", "order_id": "integer", "tag": "text", "weight": "integer"}, "links": {"order": TO_ORDER},
        },
        {
            "source": "parts", "one_row_is": "one part of a line", "table": "parts", "key": ["id"], "owner": "desk", "dimensions": ["maker"],
            "columns": {"id": "integer", "line_id": "integer", "maker": "text", "cost": "integer"},
            "links": {"line": {"entity": "line", "column": "line_id"}},
        },
    ]  # fmt: skip
    return made(folder, declared, tables)


def same(result: Rows, rows: Rows) -> bool:
    return result == [tuple(pytest.approx(value) if isinstance(value, float) else value for value in row) for row in rows]


BOTH = {"metrics": ["turnover", "orders_in"], "by": [CATEGORY, TAG]}


def test_two_bridges_that_overlap_count_a_row_once_in_each_pair_of_parts(tmp_path: Path) -> None:
    result = several(tmp_path, OVERLAP, OVERLAP).query(**BOTH)
    assert result.rows() == [
        ("Food", "gift", 50, 1), ("Food", None, 17, 2), ("Toys", "gift", 80, 2), ("Toys", "rush", 30, 1), ("Toys", None, 10, 1),
        (None, "gift", 100, 1),
    ]  # fmt: skip
    # joined line by tag, order 1 would have two toys under each tag (60), and order 4 both of its equal tags (200)
    assert not {60, 110, 200} & {row[2] for row in result.rows()}
    assert result.totals == {"turnover": 197, "orders_in": 5}  # and not 287 of 8
    assert result.notes[2] == "split over lines and tags at once: each part of the one within each part of the other"


def test_shares_of_one_bridge_tie_within_each_part_of_another(tmp_path: Path) -> None:
    layer = several(tmp_path, allocate("amount"), OVERLAP)
    result = layer.query(**BOTH)
    assert same(result.rows(), [
        ("Food", "gift", 35.0, 0.7), ("Food", None, 7.0, 1.0), ("Toys", "gift", 45.0, 1.3), ("Toys", "rush", 30.0, 1.0),
        (None, "gift", 100.0, 1.0), (None, None, 10.0, 1.0),
    ])  # fmt: skip
    assert result.totals == {"turnover": 197, "orders_in": 5}
    by_tag = {tag: sum(row[2] for row in result.rows() if row[1] == tag) for tag in ("gift", "rush", None)}
    assert by_tag == dict(layer.query(metrics=["turnover"], by=[TAG]).rows()) == {"gift": 180, "rush": 30, None: 17}


def test_two_bridges_of_shares_tie_to_the_whole_and_to_each_alone(tmp_path: Path) -> None:
    layer = several(tmp_path, allocate("amount"), allocate("weight"))
    result = layer.query(**BOTH)
    # order 1, all toys: a quarter under gift, three quarters under rush
    assert same(result.rows(), [
        ("Food", "gift", 35.0, 0.7), ("Food", None, 7.0, 1.0), ("Toys", "gift", 22.5, 0.55), ("Toys", "rush", 22.5, 0.75),
        (None, "gift", 100.0, 1.0), (None, None, 10.0, 1.0),
    ])  # fmt: skip
    assert result.totals == {} and sum(row[2] for row in result.rows()) == 197
    for place, path in enumerate((CATEGORY, TAG)):
        alone = dict(layer.query(metrics=["turnover"], by=[path]).rows())
        assert {part: sum(row[2] for row in result.rows() if row[place] == part) for part in alone} == pytest.approx(alone)


@pytest.mark.parametrize(
    ("lines", "parts", "rows", "wrong"),
    [
        # order 1 has acme in two lines and counts once; order 2 bolt in two
        (OVERLAP, OVERLAP, [("acme", 80, 2, 65, 7), ("bolt", 80, 2, 60, 5), (None, 117, 3, 3007, None)], (110, 130)),
        # order 1 is 10 / 30 of acme and bolt each and 20 / 30 of acme
        (allocate("amount"), OVERLAP, [("acme", 65.0, 1.7, 65, 7), ("bolt", 60.0, 4 / 3, 60, 5), (None, 117.0, 3.0, 3007, None)], (80,)),
        (allocate("amount"), allocate("cost"), [
            ("acme", 33.75, 121 / 120, 33.75, 7), ("bolt", 46.25, 119 / 120, 46.25, 5), (None, 117.0, 3.0, 3007.0, None),
        ], (65, 80)),
    ],
)  # fmt: skip
def test_a_bridge_behind_a_bridge(tmp_path: Path, lines: object, parts: object, rows: Rows, wrong: tuple[int, ...]) -> None:
    layer = several(tmp_path, lines, OVERLAP, parts)
    result = layer.query(metrics=["turnover", "orders_in", "line_amount", "part_cost"], by=[MAKER])
    assert same(result.rows(), rows) and not set(wrong) & {row[1] for row in result.rows()}


def test_paths_over_one_bridge_are_of_one_and_the_same_line(tmp_path: Path) -> None:
    rows = several(tmp_path, OVERLAP, OVERLAP, OVERLAP).query(metrics=["turnover", "part_cost"], by=[CATEGORY, MAKER]).rows()
    assert rows == [
        ("Food", "acme", 50, 1), ("Food", "bolt", 50, 3), ("Food", None, 17, None), ("Toys", "acme", 30, 6), ("Toys", "bolt", 80, 2),
        ("Toys", None, 10, None), (None, None, 100, None),
    ]  # fmt: skip
    assert ("Toys", "acme", 80, 6) not in rows  # order 2 has a toy, and acme in its food only


def test_what_overlaps_has_no_shares_behind_it(tmp_path: Path) -> None:
    with pytest.raises(DecisionLayerError, match="has no right answer") as refused:
        several(tmp_path, OVERLAP, OVERLAP, allocate("cost")).query(metrics=["turnover"], by=[MAKER])
    assert refused.value.codes == ("fan-out",)


def test_two_shared_bridges_refuse_what_has_no_parts(tmp_path: Path) -> None:
    layer = several(tmp_path, OVERLAP, allocate("weight"))
    with pytest.raises(DecisionLayerError, match="cannot be shared out over `tags`"):
        layer.query(metrics=["buyers"], by=[CATEGORY, TAG])
    assert several(tmp_path / "o", OVERLAP, OVERLAP).query(metrics=["buyers"], by=[CATEGORY, TAG], where="tags.tag = 'rush'").rows() == [
        ("Toys", "gift", 1), ("Toys", "rush", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("where", "row"),
    [
        (f"{MAKER} = 'acme'", (80, 2, 80, 65)),
        (f"not ({MAKER} = 'acme')", (117, 3, 100, 3022)),
        (f"{MAKER} = 'acme' and {CATEGORY} = 'Food'", (50, 1, 50, 35)),  # one line that is both
        (f"{MAKER} = 'bolt' and {TAG} = 'rush'", (30, 1, 30, 10)),
    ],
)
def test_a_filter_walks_several_times_from_one_to_many(tmp_path: Path, where: str, row: tuple[int, ...]) -> None:
    layer = several(tmp_path, OVERLAP, OVERLAP, OVERLAP)
    assert layer.query(metrics=["turnover", "orders_in", "paid", "line_amount"], where=where).rows() == [row]


def test_the_rows_of_a_many_side_are_split_by_their_own(tmp_path: Path) -> None:
    layer = several(tmp_path, OVERLAP, OVERLAP, OVERLAP)
    # a part belongs to one line; by every category of its order the parts of order 2 would count twice: Toys 12
    assert layer.query(metrics=["part_cost"], by=[CATEGORY]).rows() == [("Food", 4), ("Toys", 8)]
    assert layer.query(metrics=["part_cost"], where=f"{CATEGORY} = 'Toys'").rows() == [(8,)]


def test_levels_count_over_the_bridges_that_they_cross(tmp_path: Path) -> None:
    result = several(tmp_path, OVERLAP, OVERLAP).query(metrics=["turnover"], levels=[[CATEGORY, TAG], [CATEGORY], [TAG], []])
    found = {row[:3]: row[3] for row in result.rows()}
    assert found["Toys", None, CATEGORY] == 90 and found[None, "gift", TAG] == 180 and found[None, None, "total"] == 197
    assert found["Toys", "gift", f"{CATEGORY}, {TAG}"] == 80


def test_a_total_that_keeps_one_of_two_bridges_is_that_of_its_parts(tmp_path: Path) -> None:
    layer = several(tmp_path, OVERLAP, OVERLAP)
    rows = layer.query(metrics=["turnover", "of_tag", "of_all"], by=[CATEGORY, TAG], where=f"{TAG} = 'rush' or customer = 'cyd'").rows()
    assert rows == [
        ("Food", None, 10, 10, 140), ("Toys", "gift", 30, 130, 140), ("Toys", "rush", 30, 30, 140), ("Toys", None, 10, 10, 140),
        (None, "gift", 100, 130, 140),
    ]  # fmt: skip
    assert not [row for row in rows if row[1] is None and row[3] == 20]  # order 5 twice, by its two categories
