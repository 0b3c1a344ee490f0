"""Reporting lines: parents become levels, day by day, and what cannot be one is refused with its place."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from decisionlayer.load import load_project
from decisionlayer.resolve import resolve
from decisionlayer.resolve.frames.lines import Line, Loop, flatten, two_parents
from decisionlayer.resolve.model import Lines, Model

JULY, OCTOBER = dt.date(2025, 7, 1), dt.date(2025, 10, 1)


def under(unit: str, parent: str | None, start: dt.date | None = None, end: dt.date | None = None) -> Line:
    return Line((unit,), (parent,), (start, end))


def test_a_parent_that_moves_takes_along_what_hangs_below_it() -> None:
    lines = [under("top", None), under("east", "top"), under("shop", "east", None, JULY), under("shop", "west", JULY), under("west", "top")]
    till = [*lines, under("till", "shop")]
    found = [(line.levels, line.span) for line in flatten(till, 3) if line.unit == ("till",)]
    assert found == [(("top", "east", "shop"), (None, JULY)), (("top", "west", "shop"), (JULY, None))]


def test_a_unit_hangs_under_nothing_on_the_days_on_which_its_parent_has_no_line() -> None:
    lines = [under("top", None), under("east", "top", JULY, OCTOBER), under("shop", "east")]
    found = [(line.levels, line.span) for line in flatten(lines, 2) if line.unit == ("shop",)]
    assert found == [((None, None), (None, JULY)), (("top", "east"), (JULY, OCTOBER)), ((None, None), (OCTOBER, None))]


def test_two_who_lead_each_other_one_after_the_other_are_no_circle() -> None:
    lines = [under("a", None, None, JULY), under("a", "b", JULY), under("b", "a", None, JULY), under("b", None, JULY)]
    assert [line.levels for line in flatten(lines, 1)] == [("a",), ("b",), ("a",), ("b",)]


def test_two_who_lead_each_other_on_one_day_are_a_circle() -> None:
    lines = [under("a", "b"), under("b", "c", JULY), under("c", "a", None, OCTOBER), under("c", None, OCTOBER)]
    with pytest.raises(Loop) as found:
        flatten(lines, 1)
    assert (found.value.way, found.value.day) == (("a", "b", "c", "a"), JULY)


def test_a_level_stands_under_two_parents_only_when_their_days_meet() -> None:
    moved = [Line((1,), ("Retail", "Web"), (None, JULY)), Line((1,), ("Online", "Web"), (JULY, None))]
    assert list(two_parents(moved)) == []
    torn = [*moved, Line((2,), ("Retail", "Web"), (OCTOBER, None))]
    assert [(found.who, found.level, found.parents, found.day) for found in two_parents(torn)] == [("Web", 1, ("Online", "Retail"), OCTOBER)]


SOURCES = """
project: {name: shops, timezone: UTC}
parties: [{party: desk, kind: team, name: Desk}]
sources:
  - source: shops
    one_row_is: one shop
    describes: shop
    table: shops
    key: [shop]
    columns: {shop: KEY, name: text, boss: KEY}
    dimensions: {name: name}
    links: {above: {entity: shop, column: boss}}
    owner: desk
"""


def resolved(folder: Path, hierarchy: str, lines: str = "", *, versions: str = "", key: str = "text", name: str = "org") -> Model:
    frame = f"frames:\n  - {{frame: {name}, owner: desk, hierarchy: {hierarchy}{versions}}}\n"
    for path, text in {"definitions/a.yml": SOURCES.replace("KEY", key), "definitions/b.yml": frame, "org.csv": lines}.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return resolve(load_project(folder))


def said(folder: Path, hierarchy: str, lines: str = "", **others: str) -> list[str]:
    found = resolved(folder, hierarchy, lines, **others).findings
    return [f"{finding.code} {finding.place}: {finding.message}" for finding in found]


LEVELS = "{of: shop, file: org.csv, levels: [division, region]}"
PARENT = "{of: shop, file: org.csv, parent: boss, levels: [one, two]}"


def test_lines_become_rows_of_the_model(tmp_path: Path) -> None:
    model = resolved(tmp_path, LEVELS, "\ufeffshop,region,division,note\n7, North ,Retail,x\n\n", key="integer")
    assert model.findings == ()
    relation = model.sources["frame org"].relation
    assert isinstance(relation, Lines)
    assert [name for name, _ in relation.columns] == ["shop", "division", "region", "valid_from", "valid_to"]
    assert relation.rows == ((7, "Retail", "North", dt.date.min, None),)


def test_other_lines_are_another_meaning_and_another_order_is_not(tmp_path: Path) -> None:
    meanings = [
        resolved(tmp_path, LEVELS, text).meaning
        for text in ("shop,division,region\nA,X,Y\nB,X,Z\n", "shop,region,division\nB,Z,X\nA,Y,X\n", "shop,division,region\nA,X,Y\nB,X,Y\n")
    ]
    assert meanings[0] == meanings[1] != meanings[2]


REFUSED = {
    "a column that lacks": (LEVELS, "shop,division\nA,X\n", {}, "missing-column org.csv:1:1: `org.csv` has no column `region`"),
    "an end without a beginning": (
        LEVELS, "shop,division,region,valid_to\nA,X,Y,\n", {}, "missing-column org.csv:1:1: `org.csv` has no column `valid_from`",
    ),
    "no file": ("{of: shop, file: orgs.csv, levels: [a]}", "", {}, "unreadable definitions/b.yml:2:59: there is no file `orgs.csv` in the project"),
    "an empty file": (LEVELS, "", {}, "missing-column org.csv:1:1: `org.csv` has no column `shop`, `division` and `region`"),
    "a line too short": (
        LEVELS, "shop,division,region\nA,X\n", {}, "wrong-argument org.csv:2:1: this line has 2 cells, and the file has 3 columns",
    ),
    "a line of nothing": (
        LEVELS, "shop,division,region\n,X,Y\n", {}, "wrong-type org.csv:2:1: this line has no `shop`, so nobody knows what it is of",
    ),
    "no number": (
        LEVELS, "shop,division,region\nA,X,Y\n", {"key": "integer"},
        "wrong-type org.csv:2:1: `shop` is 'A' in this line, and the unit's key is integer",
    ),
    "no day": (
        LEVELS, "shop,division,region,valid_from,valid_to\nA,X,Y,1.7.2025,\n", {},
        "wrong-type org.csv:2:1: `valid_from` is '1.7.2025' in this line, which is no day",
    ),
    "a line that ends before it begins": (
        LEVELS, "shop,division,region,valid_from,valid_to\nA,X,Y,2025-07-01,2025-07-01\n", {},
        "wrong-argument org.csv:2:1: this line holds from 2025-07-01 to 2025-07-01, which is no day at all",
    ),
    "a line twice": (
        LEVELS, "shop,division,region\nA,X,Y\nA,X,Y\n", {}, "duplicate-name org.csv:3:1: `A` has a line for these days, on line 2 already",
    ),
    "two parents of a unit": (
        LEVELS, "shop,division,region\nA,X,Y\nA,Z,W\n", {}, "two-parents org.csv:3:1: `A` stands under `X` and under `Z`",
    ),
    "two parents of a level": (
        LEVELS, "shop,division,region\nA,X,Y\nB,,Y\n", {}, "two-parents org.csv:3:1: region `Y` stands under `X` and under nothing",
    ),
    "a circle": (
        PARENT, "shop,boss\nA,B\nB,A\n", {},
        "cycle org.csv:2:1: units of frame `org` stand under each other in a circle: `A` → `B` → `A`",
    ),
    "two bosses": (PARENT, "shop,boss\nA,\nB,A\nC,A\nB,C\n", {}, "two-parents org.csv:5:1: `B` stands under `A` and under `C`"),
    "a version without lines": (
        LEVELS, "shop,division,region,valid_from,valid_to\nA,X,Y,2025-07-01,\n", {"versions": ", versions: {FY24: 2024-12-31}"},
        "wrong-argument definitions/b.yml:2:114: no line of `org.csv` holds on 2024-12-31, the day of version `FY24`",
    ),
    "of nothing": (
        "{of: shoppe, file: org.csv, levels: [a]}", "", {},
        "unknown-name definitions/b.yml:2:47: frame `org` is of `shoppe`, which no source describes",
    ),
    "a name that is taken": (
        LEVELS, "shop,division,region\n", {"name": "name"},
        "bad-name definitions/b.yml:2:13: the frame `name` bears the name of a dimension of `shops`, so a question by it could mean either",
    ),
    "a level twice": (
        "{of: shop, file: org.csv, levels: [a, a]}", "shop,a\n", {}, "duplicate-name definitions/b.yml:2:80: frame `org` names the level `a` twice",
    ),
    "a level called month": (
        "{of: shop, file: org.csv, levels: [month]}", "shop,month\n", {}, "bad-name definitions/b.yml:2:77: the level `month` is a word for time",
    ),
    "no such source": (
        "{of: shop, source: shopps, levels: [name]}", "", {},
        "unknown-name definitions/b.yml:2:61: frame `org` reads the source `shopps`, which nothing declares",
    ),
    "no such level": (
        "{of: shop, source: shops, levels: [nom]}", "", {}, "unknown-name definitions/b.yml:2:77: `shops` has no dimension or link `nom`",
    ),
    "no link to the parent": (
        "{of: shop, source: shops, parent: boss, levels: [one]}", "", {},
        "unknown-name definitions/b.yml:2:76: `shops` has no link `boss` to `shop`",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_line_is_refused_with_its_place(case: str, tmp_path: Path) -> None:
    hierarchy, lines, others, expected = REFUSED[case]
    assert said(tmp_path, hierarchy, lines, **others) == [expected]
