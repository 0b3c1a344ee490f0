"""Two states of the corner shops set side by side: the class of each change, its effect on six orders, and whom it reaches.

Orders wait 4, 12 (2 January), 3 (3 January), 5 (10 February), 30 and 2 (11 February) minutes, so four of six are quick.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from decisionlayer import DecisionLayerError, Layer
from decisionlayer.cli import run
from decisionlayer.declare import records
from decisionlayer.govern.diff import Change, Diff, Kind
from decisionlayer.govern.writing import write_record

BASE = Path(__file__).parents[2] / "docs" / "rules" / "_base"
ORDERS, SOURCES, PROJECT, VIEWS = "metrics/orders.yml", "definitions/sources.yml", "definitions/project.yml", "definitions/views.yml"
QUICK = "count(*) filter (where wait <= 5) / count(*)"

DECISION = """
decisions:
  - decision: shop_to_grow
    question: Which shop do we grow?
    decider: head_of_shops
    mode: support
    options: {dimension: shop, status_quo: none, because: Both are weighed.}
    criteria: [{metric: order_value, scale: {worst: 10, best: 90}, weight: 1}]
    horizons: [{name: month, period: month}, {name: year, period: year}]
    review_on: 2024-12-31
    expects: [{option: N, order_value: 50}]
"""

Edit = Callable[[Path], None]


def put(file: str, find: str, with_: str) -> Edit:
    def edit(root: Path) -> None:
        text = (root / file).read_text()
        assert text.count(find) >= 1, find
        (root / file).write_text(text.replace(find, with_, 1))

    return edit


def add(file: str, text: str) -> Edit:
    def edit(root: Path) -> None:
        path = root / file
        path.write_text((path.read_text() if path.exists() else "") + text)

    return edit


def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute((BASE / "warehouse.sql").read_text()).fetchall()
    return connection


@pytest.fixture
def changed(tmp_path: Path) -> Callable[..., Diff]:
    def difference(*edits: Edit, first: tuple[Edit, ...] = (), data: bool = True) -> Diff:
        before, after = tmp_path / "before", tmp_path / "after"
        shutil.copytree(BASE, before)
        for edit in first:
            edit(before)
        shutil.copytree(before, after)
        for edit in edits:
            edit(after)
        with Layer.load(after, warehouse() if data else None) as layer:
            return layer.diff(before)

    return difference


def kinds(diff: Diff) -> dict[str, str]:
    return {change.subject: change.kind.value for change in diff.changes}


def of(diff: Diff, subject: str) -> Change:
    return next(change for change in diff.changes if change.subject == subject)


# -- what is no change -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("edit", [
    put(ORDERS, "measure: sum(amount)", "measure: SUM( (amount) )   # what customers paid"),
    put(ORDERS, "    title: Orders\n    definition: Orders taken.\n", "    definition: Orders taken.\n    title: Orders\n"),
    put(ORDERS, QUICK, "count(*) filter (where (wait <= 5))/count(*)"),
])  # fmt: skip
def test_another_spelling_is_no_change(changed: Callable[..., Diff], edit: Edit) -> None:
    diff = changed(edit)
    assert diff.changes == () and diff.worst is None
    assert "nothing changed" in diff.render() and "nothing changed" in diff.as_markdown()


# -- the classes -----------------------------------------------------------------------------------------------------------


def test_words_are_words_and_reach_no_number(changed: Callable[..., Diff]) -> None:
    diff = changed(put(ORDERS, "What customers paid.", "What customers paid, in full."), put(ORDERS, "title: Orders", "title: Orders taken"))
    assert kinds(diff) == {"metric order_count": "wording", "metric revenue": "wording"}
    change = of(diff, "metric revenue")
    assert change.what == ("definition: What customers paid. → What customers paid, in full.",)
    assert change.effect is None and not change.reaches.metrics


def test_another_definition_restates_and_says_what_it_does(changed: Callable[..., Diff]) -> None:
    change = of(changed(put(ORDERS, "wait <= 5", "wait <= 3")), "metric quick_share")
    assert change.kind is Kind.restating
    assert change.what == (f"measure: {QUICK} → {QUICK.replace('5', '3')}",)
    effect = change.effect
    assert effect is not None and effect.total is not None
    assert float(effect.total.before or 0) == pytest.approx(4 / 6) and float(effect.total.after or 0) == pytest.approx(2 / 6)
    assert (effect.period, effect.periods) == ("day", 4)
    assert {each.at: (each.before, each.after) for each in effect.moved} == {"2024-01-02": (Decimal("0.5"), 0), "2024-02-10": (1, 0)}
    assert effect.moved[0].at == "2024-02-10"  # the greatest first
    assert change.history is not None and (change.history.past, change.history.since, change.history.recorded) == ("restated", None, False)


def test_a_filter_that_leaves_out_nobody_today_restates_all_the_same(changed: Callable[..., Diff]) -> None:
    change = of(changed(put(ORDERS, "measure: sum(amount)", "measure: sum(amount)\n    where: amount < 1000")), "metric revenue")
    assert change.kind is Kind.restating  # tomorrow somebody pays more
    assert change.effect is not None and change.effect.is_still and not change.effect.proven
    assert change.what == ("where: all → amount < 1000",)


@pytest.mark.parametrize("edit, what", [
    (put(ORDERS, "    unit: USD\n    better: higher\n    measure: sum(amount)", "    unit: USD\n    better: lower\n    measure: sum(amount)"), "better: higher → lower"),
    (put(ORDERS, "measure: sum(wait)", "measure: avg(wait)"), "kind: adds up → a quotient"),
    (put(ORDERS, "grain: {time: day, by: [shop, size]}", "grain: {time: day, by: [shop]}"), "splits: shop, size → shop"),
    (put(ORDERS, "grain: {time: day, by: [shop, size]}", "grain: {time: month, by: [shop, size]}"), "time: day → month"),
])  # fmt: skip
def test_another_number_under_the_same_name_is_incomparable(changed: Callable[..., Diff], edit: Edit, what: str) -> None:
    diff = changed(edit)
    worst = [change for change in diff.changes if change.kind is Kind.incomparable]
    assert worst and any(what in change.what for change in worst), diff.render()


def test_another_unit_is_incomparable(changed: Callable[..., Diff]) -> None:
    hours = "\n---\nmetrics:\n  - {metric: hours, title: Hours, definition: Waited., purpose: choice, owner: planning, unit: hour, better: lower, respond: Look., grain: {by: []}, translation: {owner: bizops, why: Shifts., loses: The day., from: waiting, to: hour}}\n"
    diff = changed(put(ORDERS, "unit: hour, better: lower, respond: Look.", "unit: minute, better: lower, respond: Look."), put(ORDERS, ", to: hour}", "}"), first=(add(ORDERS, hours),))
    change = of(diff, "metric hours")
    assert change.kind is Kind.incomparable and "unit: hour → minute" in change.what and "term waiting: waiting times 1/60 → waiting" in change.what


def test_rows_of_another_thing_are_incomparable(changed: Callable[..., Diff]) -> None:
    extra = "\n---\nmetrics:\n  - {metric: boxes, title: Boxes, definition: Moved., purpose: action, owner: shop_desk, unit: piece, better: none, respond: Look., source: %s, grain: {by: []}, measure: sum(pieces)}\n"
    diff = changed(put(ORDERS, "source: transfers, grain", "source: order_lines, grain"), first=(add(ORDERS, extra % "transfers"),))
    change = of(diff, "metric boxes")
    assert change.kind is Kind.incomparable and "rows of: transfers → order_lines" in change.what
    assert change.effect is not None and change.effect.total is not None
    assert (change.effect.total.before, change.effect.total.after) == (14, 29)


def test_a_finer_grain_is_additive_because_no_old_number_moves(changed: Callable[..., Diff]) -> None:
    diff = changed(put(ORDERS, "grain: {time: day, by: [shop, size]}", "grain: {time: day, by: [shop, size, customer]}"), put(SOURCES, "dimensions: {size:", "dimensions: {customer: customer, size:"))
    assert {change.kind for change in diff.changes} == {Kind.additive}, diff.render()
    change = of(diff, "metric revenue")
    assert change.effect is not None and change.effect.proven and not change.effect.moved


def test_what_nothing_proves_counts_as_restating(changed: Callable[..., Diff]) -> None:
    edits = put(ORDERS, "grain: {time: day, by: [shop, size]}", "grain: {time: day, by: [shop, size, customer]}"), put(SOURCES, "dimensions: {size:", "dimensions: {customer: customer, size:")
    change = of(changed(*edits, data=False), "metric revenue")
    assert change.kind is Kind.restating and change.what[-1].startswith("counts as restating")
    assert change.effect is not None and change.effect.problem


def test_a_finer_grain_beside_another_filter_is_not_additive(changed: Callable[..., Diff]) -> None:
    diff = changed(
        put(ORDERS, "grain: {time: day, by: [shop, size]}", "grain: {time: day, by: [shop, size, customer]}"),
        put(SOURCES, "dimensions: {size:", "dimensions: {customer: customer, size:"), put(ORDERS, "wait <= 5", "wait <= 3"),
    )  # fmt: skip
    assert of(diff, "metric quick_share").kind is Kind.restating and of(diff, "metric revenue").kind is Kind.additive


def test_what_a_translation_does_to_the_whole_is_told_by_name(changed: Callable[..., Diff]) -> None:
    loses = "      loses: The day and the size of the order.\n"
    diff = changed(put(ORDERS, loses, f"{loses}      reweight: {{by: size, mix: whole}}\n"))
    change = of(diff, "metric order_value")
    assert change.kind is Kind.incomparable and "reweighted is new: by size to the mix of the whole" in change.what  # no parts tie to it any more


def test_a_check_moves_no_number(changed: Callable[..., Diff]) -> None:
    loses = "      loses: The day and the size of the order.\n"
    change = of(changed(put(ORDERS, loses, f"{loses}      tolerance: {{unassigned: 0.05}}\n")), "metric order_value")
    assert change.kind is Kind.additive and change.what == ("tolerance is new: 0.05",)
    assert change.effect is not None and change.effect.proven


def test_what_comes_is_additive_and_what_goes_is_missed(changed: Callable[..., Diff]) -> None:
    extra = "\n---\nmetrics:\n  - {metric: largest, title: Largest, definition: The largest order., purpose: action, owner: shop_desk, unit: USD, better: higher, respond: Look., source: orders, measure: max(amount)}\n"
    assert kinds(changed(add(ORDERS, extra))) == {"metric largest": "additive"}


def test_a_metric_that_goes_is_incomparable_and_reaches_what_stood_on_it(changed: Callable[..., Diff]) -> None:
    diff = changed(put(ORDERS, "metric: order_count", "metric: orders_taken"), put(ORDERS, "taken: order_count", "taken: orders_taken"))
    assert kinds(diff) == {"metric orders_taken": "wording"}  # it means what it meant
    assert of(diff, "metric orders_taken").what == ("was called `order_count`",)


def test_a_view_and_what_it_shows(changed: Callable[..., Diff]) -> None:
    diff = changed(put(VIEWS, "by: [month, shop.name]", "by: [quarter, shop.name]"))
    assert kinds(diff) == {"view shop_month": "incomparable"}
    assert of(diff, "view shop_month").what == ("by: month, shop.name → quarter, shop.name",)


# -- reaching --------------------------------------------------------------------------------------------------------------


def test_a_change_reaches_what_stands_on_it_with_the_steps_between(changed: Callable[..., Diff]) -> None:
    diff = changed(put(ORDERS, "measure: sum(amount)", "measure: sum(amount)\n    where: amount > 25"), first=(add(VIEWS, DECISION),))
    assert kinds(diff) == {
        "metric revenue": "restating", "metric order_value": "restating", "view shop_month": "restating", "decision shop_to_grow": "restating",
    }  # fmt: skip
    reach = of(diff, "metric revenue").reaches
    assert (reach.metrics, reach.decisions, reach.views) == ({"order_value": 1}, {"shop_to_grow": 2}, {"shop_month": 2})
    assert reach.owners == ("bizops", "head_of_shops", "planning", "shop_desk")
    above = of(diff, "metric order_value")
    assert above.because == ("metric revenue",) and above.what == ()
    # 240 over 6 orders is 40.00; without the orders of 20 and 10 it is 210 over 6.
    assert above.effect is not None and above.effect.total is not None
    assert (above.effect.total.before, above.effect.total.after) == (40, 35)


def test_a_price_reaches_through_formulas(changed: Callable[..., Diff]) -> None:
    priced = "\n---\nmetrics:\n  - metric: cost\n    title: Cost\n    definition: What waiting costs.\n    purpose: choice\n    owner: planning\n    unit: USD\n    better: lower\n    grain: {time: month, by: []}\n    respond: Look.\n    formula: waited * hour_price\n    translation: {owner: bizops, why: Planning pays., loses: The day., terms: {waited: {from: waiting, to: hour}}}\n"
    diff = changed(put(PROJECT, "value: 30", "value: 45"), first=(add(ORDERS, priced),))
    assert kinds(diff) == {"assumption hour_price": "restating", "metric cost": "restating"}
    assert of(diff, "assumption hour_price").reaches.metrics == {"cost": 1}
    effect = of(diff, "metric cost").effect
    assert effect is not None and effect.total is not None
    assert (effect.total.before, effect.total.after) == (28, 42)  # 56 minutes


def test_a_change_that_moves_no_meaning_stops_there(changed: Callable[..., Diff]) -> None:
    diff = changed(put(SOURCES, "one order at one shop", "one order in one of our shops"), put(SOURCES, "dimensions: {size:", "dimensions: {month_end: \"wait > 9\", size:"))
    assert kinds(diff) == {"source orders": "additive"}  # no metric reads it


def test_the_signature_that_a_change_voids_is_named(changed: Callable[..., Diff]) -> None:
    def sign(root: Path) -> None:
        with Layer.load(root, warehouse()) as layer:
            meaning = {name: layer.model.metrics[name].meaning for name in ("order_value", "revenue", "waiting")}
        write_record(root, records.Sign(
            sign=tuple(meaning), meaning=meaning, by="head_of_shops", dated=dt.date(2024, 3, 1), until=dt.date(2025, 2, 28),
        ))  # fmt: skip

    diff = changed(put(ORDERS, "measure: sum(amount)", "measure: sum(amount)\n    where: amount > 25"), first=(sign,))
    voided = of(diff, "metric revenue").reaches.signatures
    assert {(each.name, each.by, each.until) for each in voided} == {(name, "head_of_shops", "2025-02-28") for name in ("revenue", "order_value")}
    assert "voids" in diff.render() and "head_of_shops" in diff.as_markdown()
    assert of(diff, "metric order_value").reaches.signatures[0].name == "order_value"


# -- the past --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("past", ["break", "restated"])
def test_a_dated_definition_says_what_becomes_of_the_past(changed: Callable[..., Diff], past: str) -> None:
    dated = f"    measure: {QUICK.replace('5', '3')}\n    since: 2024-02-01\n    past: {past}\n    earlier: [{{since: 2023-01-01, measure: {QUICK}}}]\n"
    change = of(changed(put(ORDERS, f"    measure: {QUICK}\n", dated)), "metric quick_share")
    assert change.kind is Kind.restating and change.history is not None
    assert (change.history.past, change.history.since, change.history.recorded) == (past, dt.date(2024, 2, 1), False)
    assert f"definition since 2024-02-01 is new: what was before: {past}" in change.what
    assert change.effect is not None
    # January stays under its own definition, for nobody restated it; the tenth of February is quick no more.
    assert [each.at for each in change.effect.moved] == ["2024-02-10"]


# -- states that cannot be read ----------------------------------------------------------------------------------------------


def test_what_is_broken_on_one_side_is_told_and_the_rest_compared(changed: Callable[..., Diff]) -> None:
    diff = changed(put(ORDERS, "measure: sum(wait)", "measure: summ(wait)"), put(ORDERS, "wait <= 5", "wait <= 3"))
    change = of(diff, "metric waiting")
    assert change.kind is Kind.restating and change.what[0].startswith("can no longer be read: ") and "summ" in change.what[0]
    assert of(diff, "metric quick_share").effect is not None


def test_a_state_that_is_no_project_is_refused(tmp_path: Path) -> None:
    shutil.copytree(BASE, tmp_path / "shop")
    (tmp_path / "empty").mkdir()
    with Layer.load(tmp_path / "shop", warehouse()) as layer, pytest.raises(DecisionLayerError) as refused:
        layer.diff(tmp_path / "empty")
    assert "definitions" in str(refused.value)


@pytest.mark.parametrize("named, told", [
    ("mane", "Did you mean main?"), ("--upload-pack=x", "no folder and no revision"), ("", "no folder and no revision"),
])  # fmt: skip
def test_a_revision_that_nobody_knows_is_refused(shop: Path, named: str, told: str) -> None:
    with Layer.load(shop, warehouse()) as layer, pytest.raises(DecisionLayerError, match=re.escape(told)):
        layer.diff(named)


def test_a_project_outside_of_git_compares_folders_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    shutil.copytree(BASE, tmp_path / "shop")
    with Layer.load(tmp_path / "shop", warehouse()) as layer, pytest.raises(DecisionLayerError, match="in no git repository"):
        layer.diff("main")


# -- git -------------------------------------------------------------------------------------------------------------------


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=Desk", "-c", "user.email=desk@example.com", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, env=clean)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository whose project lies in a folder of its own, with another definition since the first commit, and one uncommitted."""
    root = tmp_path / "company" / "shop"
    shutil.copytree(BASE, root)
    git(root.parent, "init")
    git(root.parent, "add", ".")
    git(root.parent, "commit", "-m", "first")
    git(root.parent, "tag", "spring")
    put(ORDERS, "wait <= 5", "wait <= 4")(root)
    git(root.parent, "commit", "-am", "second")
    put(ORDERS, "wait <= 4", "wait <= 3")(root)
    return root


def test_revisions_are_compared_with_what_lies_there_and_with_each_other(shop: Path) -> None:
    with Layer.load(shop, warehouse()) as layer:
        since = of(layer.diff("spring"), "metric quick_share")
        last = of(layer.diff("HEAD"), "metric quick_share")
        between = of(layer.diff("spring", "main"), "metric quick_share")
        assert layer.diff("main", "HEAD").changes == ()
        assert layer.diff(shop).changes == ()
    totals = [change.effect.total for change in (since, last, between) if change.effect]
    shares = [(round(float(each.before or 0) * 6), round(float(each.after or 0) * 6)) for each in totals if each]
    assert shares == [(4, 2), (3, 2), (4, 3)]
    assert "wait <= 5" in since.what[0] and "wait <= 4" in last.what[0]


def test_nothing_of_the_project_at_a_revision_is_said(shop: Path) -> None:
    git(shop.parent, "checkout", "--orphan", "other")
    git(shop.parent, "rm", "-rf", "--cached", ".")
    (shop.parent / "note.txt").write_text("x")
    git(shop.parent, "add", "note.txt")
    git(shop.parent, "commit", "-m", "elsewhere")
    with Layer.load(shop, warehouse()) as layer, pytest.raises(DecisionLayerError, match="has nothing in shop"):
        layer.diff("other")


def test_the_command_line_prints_text_json_and_markdown(shop: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    connection = duckdb.connect(str(tmp_path / "shop.duckdb"))
    connection.execute((BASE / "warehouse.sql").read_text()).fetchall()
    connection.close()
    asked = ["--project", str(shop), "--warehouse", str(tmp_path / "shop.duckdb"), "diff", "spring"]
    assert run(asked) == 0
    told = capsys.readouterr().out
    assert told.startswith("spring → this project: 1 change, 1 restating") and "in all 66.67 % → 33.33 % (-33.33 points)" in told
    assert run([*asked, "main", "--format", "json"]) == 0
    (change,) = json.loads(capsys.readouterr().out)["changes"]
    assert set(change) >= {"object", "class", "effect", "reaches"}
    assert (change["object"], change["class"]) == ("metric quick_share", "restating")
    assert change["effect"]["total"]["before"] == pytest.approx(2 / 3) and change["effect"]["moved"] == 1
    assert run([*asked, "--format", "markdown"]) == 0
    assert "| restating | `metric quick_share` | 66.67 % → 33.33 % (-33.33 points) | 2 of 4 days |" in capsys.readouterr().out
    assert run([*asked[:-1], "nowhere"]) == 1
    assert "git knows no revision of that name" in capsys.readouterr().err


def test_both_states_read_the_files_that_lie_there(tmp_path: Path) -> None:
    for name, rows in (("before", "1,5\n"), ("after", "1,5\n2,7\n")):
        (tmp_path / name / "definitions").mkdir(parents=True)
        (tmp_path / name / "sales.csv").write_text(f"id,amount\n{rows}")
        (tmp_path / name / "definitions" / "all.yml").write_text(f"""
project: {{name: shop, timezone: UTC, week_start: monday}}
parties: [{{party: desk, kind: team, name: Desk}}]
sources: [{{source: sales, one_row_is: one sale, file: sales.csv, key: [id], owner: desk, columns: {{id: integer, amount: {{type: integer, unit: EUR}}}}}}]
metrics: [{{metric: sold, title: Sold, definition: Sold., purpose: action, unit: EUR, better: higher, owner: desk, respond: Look., source: sales, measure: sum(amount){'' if name == 'before' else ' * 2'}}}]
""")
    with Layer.load(tmp_path / "after") as layer:
        effect = of(layer.diff(tmp_path / "before"), "metric sold").effect
    assert effect is not None and effect.total is not None
    assert (effect.total.before, effect.total.after) == (12, 24)  # 5 would be a comparison of the data
