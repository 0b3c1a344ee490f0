"""The life of a flag: raised, answered, done, closed by its raiser; and what was expected beside what was found."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from decisionlayer import DecisionLayerError, Layer
from decisionlayer.cli import run
from decisionlayer.govern.outcomes import said

BASE = Path(__file__).parents[2] / "docs" / "rules" / "_base"
DAY = "2024-03-01"
DECISION = """
decisions:
  - decision: shop_to_grow
    question: Which shop do we grow?
    decider: head_of_shops
    options: {dimension: shop, status_quo: none, because: Both are weighed.}
    criteria: [{metric: order_value, scale: {worst: 10, best: 90}, weight: 1}]
    horizons: [{name: month, period: month}, {name: year, period: year}]
    review_on: 2024-12-31
    expects: [{option: N, order_value: 50}]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "shops"
    shutil.copytree(BASE, folder)
    (folder / "definitions" / "decisions.yml").write_text(DECISION)
    return folder


def opened(project: Path, day: str = DAY) -> Layer:
    return Layer.load(project, today=dt.date.fromisoformat(day))


def test_a_flag_lives_from_its_raising_to_its_closing(project: Path) -> None:
    layer = opened(project)
    layer.flag("quick_share", by="stock_desk", severity="disputes", text="Order 3 was quick.", where="shop = 'N'", start="2024-02", end="2024-02", id="F1")
    states = [[flag.state for flag in layer.flags()]]
    layer.record({"answer": "F1", "text": "It was.", "by": "shop_desk"})
    states.append([flag.state for flag in layer.flags()])
    layer.record({"answer": "F1", "text": "It is right now.", "did": "The clock was set.", "by": "shop_desk"})
    states.append([flag.state for flag in layer.flags()])
    with pytest.raises(DecisionLayerError, match="only its raiser closes it"):
        layer.record({"close": "F1", "by": "shop_desk"})
    layer.record({"close": "F1", "by": "stock_desk"})
    states.append([flag.state for flag in layer.flags()])
    assert states == [["raised"], ["answered"], ["acted"], ["closed"]]
    assert [answer.did for answer in layer.flags()[0].answers] == [None, "The clock was set."]
    assert opened(project, "2024-02-28").flags() == (), "nobody had raised it then"


def test_an_open_flag_travels_with_every_number_that_stands_on_it(project: Path) -> None:
    with duckdb.connect() as warehouse:
        warehouse.execute((BASE / "warehouse.sql").read_text()).fetchall()
        layer = Layer.load(project, warehouse=warehouse, today=dt.date.fromisoformat(DAY))
        layer.flag("revenue", by="stock_desk", severity="blocks", text="Two refunds lack.", id="F1")
        told = "flag F1 of stock_desk blocks revenue: Two refunds lack; no answer yet"
        result = layer.query(metrics=["order_value"])
        assert told in result.notes
        assert [flag["id"] for flag in result.passport("order_value")["flags"]] == ["F1"]
        assert told not in layer.query(metrics=["quick_share"]).notes
        layer.record({"answer": "F1", "text": "They are booked.", "did": "Booked.", "by": "shop_desk"})
        assert "flag F1 of stock_desk blocks revenue: Two refunds lack; answered by shop_desk: Booked" in layer.query(metrics=["order_value"]).notes
        layer.record({"close": "F1", "by": "stock_desk"})
        assert not [note for note in layer.query(metrics=["order_value"]).notes if "flag" in note]
        layer.publish()
        assert warehouse.execute("select flag, about, state, did, closed_on from executive.dl_flags").fetchall() == [
            ("F1", "revenue", "closed", "Booked.", dt.date(2024, 3, 1))
        ]


CSV = "name,by,severity,text,where,start,end,if_upheld\n"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (CSV + "quik_share,stock_desk,note,No.,,,,\nquick_share,nobody,note,No.,,,,\n", {2: "nothing is called `quik_share`", 3: "`nobody` is to say `flag`, and no party has that name"}),
        (CSV + "quick_share,stock_desk,loud,No.,,,,\n", {2: "`severity` takes note, disputes or blocks, not 'loud'"}),
        (CSV + "quick_share,stock_desk,note,No, never.,,,,\n", {2: "the line has 9 cells, and there are 8 columns"}),
        (CSV + "order_value,stock_desk,note,No.,,,,paid\n", {2: "`if_upheld` is 'paid'"}),
        (CSV + "order_value,stock_desk,note,No.,,,,payed=-6\n", {2: "`payed` is no term of `order_value`"}),
        (CSV + 2 * "order_value,stock_desk,note,No.,,,,\n", {3: "this line says what another one says"}),
        ("name,by,severity,words\n", {1: "`words` is no column of flags"}),
        ("name,by,severity\n", {1: "the column `text` lacks"}),
        ('name,by,severity,text\nquick_share,stock_desk,note,"never ends\n', {2: "the file cannot be read: unexpected end of data"}),
    ],
)  # fmt: skip
def test_a_file_of_flags_is_raised_whole_or_not_at_all(project: Path, tmp_path: Path, lines: str, told: dict[int, str]) -> None:
    good = "quick_share,stock_desk,note,It is not so.,,,,\n"
    (tmp_path / "flags.csv").write_text(lines + (good if lines.startswith(CSV) else ""))
    layer = opened(project)
    with pytest.raises(DecisionLayerError) as refused:
        layer.flag_all(tmp_path / "flags.csv")
    found = {finding.place.line: finding.message for finding in refused.value.findings if finding.place is not None}
    assert found == told
    assert layer.flags() == () and not (project / "definitions" / "records").exists()


def test_a_file_of_flags_is_raised(project: Path, tmp_path: Path) -> None:
    (tmp_path / "flags.csv").write_text(
        "\ufeff" + CSV + "order_value,stock_desk,blocks,\"Two, or three, lack.\",shop = 'N',2024-01,2024-02,paid=-6;taken=1\n\nquick_share,shop_desk,note,Fine.,,,,\n",
        encoding="utf-8",
    )
    layer = opened(project)
    assert len(layer.flag_all(tmp_path / "flags.csv")) == 2
    first, second = sorted(layer.flags(), key=lambda flag: flag.about)
    assert (first.text, first.where, first.start, first.end) == ("Two, or three, lack.", "shop = 'N'", "2024-01", "2024-02")
    assert first.if_upheld == {"paid": Decimal(-6), "taken": Decimal(1)}
    assert (second.about, second.by) == ("quick_share", "shop_desk")
    assert layer.verify_records() == []


def test_what_was_found_stands_beside_what_was_expected(project: Path) -> None:
    layer = opened(project)
    decide = {"decide": "shop_to_grow", "choose": "N", "why": "It sells dearer.", "by": "head_of_shops"}
    layer.record({**decide, "expects": {"order_value": 50}})
    told = "shop_to_grow: N, chosen on 2024-03-01, was to bring order_value to 50"
    assert said(layer.model, layer.outcomes()) == f"{told}; nobody has looked yet, the review is on 2024-12-31"
    later = opened(project, "2025-01-10")
    later.record({"outcome": "shop_to_grow", "found": {"order_value": 43.5}, "by": "planning"})
    assert said(later.model, later.outcomes()) == f"{told}; found on 2025-01-10: 43.5, -6.5, worse than expected"
    (one,) = later.outcomes()
    assert (one.expected, one.found, one.gap) == (Decimal(50), Decimal("43.5"), Decimal("-6.5"))
    again = opened(project, "2025-02-01")
    again.record({**decide, "expects": {"order_value": 40}})
    again.record({"outcome": "shop_to_grow", "found": {"order_value": 40}, "by": "planning", "dated": "2025-03-01"})
    told_again = said(opened(project, "2025-03-02").model, opened(project, "2025-03-02").outcomes())
    assert told_again.splitlines() == [
        f"{told}; found on 2025-01-10: 43.5, -6.5, worse than expected",
        "shop_to_grow: N, chosen on 2025-02-01, was to bring order_value to 40; found on 2025-03-01: 40, as expected",
    ]
    assert said(opened(project, "2024-02-01").model, opened(project, "2024-02-01").outcomes()) == "no decision was taken with an expectation"


def test_the_command_line_lists_flags_as_text_and_as_data(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = ["--project", str(project)]
    assert run(["flag", *place]) == 0
    assert capsys.readouterr().out == "nobody has raised a flag\n"
    assert run(["flag", "revenue", "--by", "stock_desk", "--severity", "note", "--text", "Low.", "--dated", "2024-02-01", *place]) == 0
    capsys.readouterr()
    assert run(["flag", "--format", "json", *place]) == 0
    (flag,) = json.loads(capsys.readouterr().out)["flags"]
    assert (flag["about"], flag["state"], flag["closed"]) == ("revenue", "raised", None)
    assert run(["flag", *place]) == 0
    assert capsys.readouterr().out == f"{flag['id']}  raised\nstock_desk note revenue on 2024-02-01: Low.\n"
    assert run(["flag", "--by", "stock_desk", *place]) == 2
    assert run(["record", "outcomes", *place]) == 0
