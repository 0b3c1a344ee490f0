"""Law 5: a meaning changes with what could move the number or its licensed use, and with nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from decisionlayer.resolve.meaning.fingerprints import loses_of, stamp
from decisionlayer.resolve.meaning.wordings import wording_of
from decisionlayer.resolve.model import Model
from tests.resolve.corner_shops import DECISION, RICH, project, resolved

RICH_FILE, DECISION_FILE = "metrics/rich.yml", "definitions/decision.yml"
FILES = {RICH_FILE: RICH, DECISION_FILE: DECISION}
ORDERS, SOURCES, PROJECT, VIEWS = (
    "metrics/orders.yml", "definitions/sources.yml", "definitions/project.yml", "definitions/views.yml",
)  # fmt: skip


def model(folder: Path, swap: tuple[str, str, str] | None = None) -> Model:
    found = resolved(project(folder, FILES, swap=swap))
    assert not [finding for finding in found.findings if finding.is_error], found.findings[0].render()
    return found


def meanings(found: Model) -> dict[str, str]:
    kinds = {
        "source": found.sources, "assumption": found.assumptions, "metric": found.metrics,
        "decision": found.decisions, "view": found.views,
    }  # fmt: skip
    return {f"{kind} {name}": item.meaning for kind, items in kinds.items() for name, item in items.items()}


def wordings(found: Model) -> dict[str, str]:
    kinds = {
        "source": found.sources, "assumption": found.assumptions, "metric": found.metrics,
        "decision": found.decisions, "view": found.views,
    }  # fmt: skip
    return {f"{kind} {name}": item.wording for kind, items in kinds.items() for name, item in items.items()}


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return model(tmp_path_factory.mktemp("plain"))


def test_every_fingerprint_has_its_kind_its_version_and_sixteen_digits(plain: Model) -> None:
    for found in (*meanings(plain).values(), plain.meaning):
        assert found.startswith("m1:") and len(found) == 19 and int(found[3:], 16) >= 0
    assert all(found.startswith("w1:") and len(found) == 19 for found in wordings(plain).values())
    assert len(set(meanings(plain).values())) == len(meanings(plain))


FIRST = "      - {metric: order_value, scale: {worst: 20, best: 60}, weight: 0.75}\n"
SECOND = "      - {metric: earned, scale: {worst: 0, best: 100}, weight: 0.25, veto: -10}\n"

SAME = {
    "space": (RICH_FILE, "(paid - 2 * (waited * hour_price)) / 1", "(paid   -2*(waited*hour_price))/1"),
    "parentheses that say nothing": (
        RICH_FILE,
        "(paid - 2 * (waited * hour_price)) / 1",
        "((paid - (2 * waited) * hour_price) / 1)",
    ),
    "order under *": (RICH_FILE, "2 * (waited * hour_price)", "hour_price * 2 * waited"),
    "order under +": (RICH_FILE, "amount + 1 > 2.50", "1 + amount > 2.50"),
    "order under and": (RICH_FILE, "wait <= 5 and picking <> 0", "picking <> 0 and wait <= 5"),
    "order under or": (
        RICH_FILE,
        "size = 'small' or shop.region.name = 'Coast'",
        "shop.region.name = 'Coast' or size = 'small'",
    ),
    "not equal": (RICH_FILE, "picking <> 0", "picking != 0"),
    "last zeros of a number": (RICH_FILE, "> 2.50", "> 2.5"),
    "case of keywords": (RICH_FILE, "wait is not null and amount", "wait IS NOT NULL AND amount"),
    "case of functions": (ORDERS, "measure: sum(amount)", "measure: SUM(amount)"),
    "a comment": (ORDERS, "measure: sum(amount)", "measure: sum(amount)   # before tax"),
    "order of keys": (
        ORDERS,
        "    unit: USD\n    better: higher\n    measure: sum(amount)",
        "    measure: sum(amount)\n    better: higher\n    unit: USD",
    ),
    "quotes around an expression": (ORDERS, "measure: sum(amount)", "measure: 'sum(amount)'"),
    "block or flow": (
        SOURCES,
        "links: {shop: shop}\n    columns:\n      order_id",
        "links:\n      shop: shop\n    columns:\n      order_id",
    ),
    "a link written out": (
        SOURCES,
        "links: {shop: shop}\n    columns:\n      order_id",
        "links: {shop: {entity: shop, column: shop}}\n    columns:\n      order_id",
    ),
    "order of grain": (ORDERS, "by: [shop, size]", "by: [size, shop]"),
    "order of criteria": (
        DECISION_FILE,
        FIRST + SECOND,
        SECOND + FIRST,
    ),
    "order of options": (DECISION_FILE, "list: [N, S]", "list: [S, N]"),
    "a weight with another zero": (DECISION_FILE, "weight: 0.75", "weight: 0.750"),
    "an assumption with a point": (PROJECT, "value: 30,", "value: 30.0,"),
    "a column that nobody reads": (
        SOURCES,
        "      points: {type: float}\n",
        "      points: {type: float}\n      tip: {type: integer, unit: USD}\n",
    ),
    "a new attribute of an entity": (
        SOURCES,
        "columns: {region: text, name: text}\n    dimensions: {name: name}",
        "columns: {region: text, name: text}\n    dimensions: {name: name, initial: 'substring(name, 1, 1)'}",
    ),
}


@pytest.mark.parametrize("swap", SAME.values(), ids=SAME)
def test_what_cannot_move_a_number_leaves_its_meaning(plain: Model, tmp_path: Path, swap: tuple[str, str, str]) -> None:
    after = model(tmp_path, swap)
    assert not [name for name in changed(meanings(plain), meanings(after)) if not name.startswith("source ")]


FORMATTING = [
    "space",
    "order under and",
    "not equal",
    "a comment",
    "order of keys",
    "block or flow",
    "a link written out",
]


@pytest.mark.parametrize("case", FORMATTING)
def test_formatting_leaves_the_meaning_of_everything(plain: Model, tmp_path: Path, case: str) -> None:
    assert model(tmp_path, SAME[case]).meaning == plain.meaning


#: What is changed, and one thing whose meaning must follow. The decision and the view stand on order_value and earned.
MOVES = {
    "a formula": (RICH_FILE, "paid - 2 *", "paid + 2 *", "metric earned"),
    "the order of a difference": (
        RICH_FILE,
        "(paid - 2 * (waited * hour_price)) / 1",
        "(2 * (waited * hour_price) - paid) / 1",
        "metric earned",
    ),
    "a constant": (RICH_FILE, "paid - 2 *", "paid - 3 *", "metric earned"),
    "a whole number for a decimal": (RICH_FILE, "amount + 1 > 2.50", "amount + 1.0 > 2.50", "metric earned"),
    "a comparison turned round": (RICH_FILE, "wait <= 5", "5 >= wait", "metric earned"),
    "the case of a text": (RICH_FILE, "'Coast'", "'coast'", "metric earned"),
    "a term's filter": (RICH_FILE, "wait <= 5", "wait <= 6", "metric earned"),
    "a term's filter left out": (
        RICH_FILE,
        '{from: waiting, to: hour, population: "wait is not null and amount + 1 > 2.50"}',
        "{from: waiting, to: hour}",
        "metric earned",
    ),
    "a term's metric": (RICH_FILE, "paid: {from: revenue, where", "paid: {from: tips, where", "metric earned"),
    "whose population": (RICH_FILE, "population: all}", "population: wait is null}", "metric quick_for_all"),
    "the population beneath": (
        ORDERS,
        "population: wait is not null",
        "population: wait is not null and amount > 0",
        "metric quick_share",
    ),
    "a measure beneath": (
        ORDERS,
        "measure: sum(amount)",
        "measure: sum(amount) filter (where amount > 0)",
        "metric order_value",
    ),
    "where for population": (ORDERS, "population: wait is not null", "where: wait is not null", "metric quick_share"),
    "a missing rule": (RICH_FILE, "    missing: zero\n", "", "metric quick_for_all"),
    "a direction": (RICH_FILE, "better: {near: 0.8}", "better: {near: 0.9}", "metric quick_for_all"),
    "a purpose beneath": (
        ORDERS,
        "metric: tips\n    purpose: action",
        "metric: tips\n    purpose: choice",
        "metric tips",
    ),
    "a unit": (
        ORDERS,
        "    unit: order\n    better: higher\n    measure: count(*)",
        "    unit: piece\n    better: higher\n    measure: count(*)",
        "metric order_count",
    ),
    "the period of the grain": (
        ORDERS,
        "grain: {time: month, by: [shop]}",
        "grain: {time: quarter, by: [shop]}",
        "metric order_value",
    ),
    "the paths of the grain": (
        ORDERS,
        "grain: {time: month, by: [shop]}",
        "grain: {time: month, by: [shop, size]}",
        "metric order_value",
    ),
    "exact adding": (ORDERS, "measure: sum(amount)", "measure: sum(amount)\n    decimals: 2", "metric revenue"),
    "a price": (PROJECT, "value: 30,", "value: 31,", "metric earned"),
    "the unit of a price": (PROJECT, "unit: USD/hour, owner", "unit: EUR/hour, owner", "assumption hour_price"),
    "the table": (SOURCES, "table: orders\n", "table: orders_2024\n", "metric revenue"),
    "the key": (SOURCES, "key: [order_id]\n    time", "key: [order_id, shop]\n    time", "metric revenue"),
    "the column of a link": (
        SOURCES,
        "links: {shop: shop}\n    columns:\n      order_id",
        "links: {shop: customer}\n    columns:\n      order_id",
        "metric revenue",
    ),
    "a link on a filter's way": (SOURCES, "links: {region: region}", "links: {region: name}", "metric earned"),
    "an attribute that a filter reads": (
        SOURCES,
        "columns: {region: text, name: text}\n    dimensions: {name: name}",
        "columns: {region: text, name: text}\n    dimensions: {name: upper(name)}",
        "metric earned",
    ),
    "a dimension that a filter reads": (SOURCES, "amount < 50", "amount < 60", "metric earned"),
    "a dimension that the grain names": (SOURCES, "amount < 50", "amount < 60", "metric revenue"),
    "the type of a column": (SOURCES, 'amount: {type: "decimal(18,2)"', "amount: {type: float", "metric revenue"),
    "the finest period of a clock": (
        SOURCES,
        "time: {ordered_on: day}",
        "time: {ordered_on: {grain: hour, zone: UTC}}",
        "metric revenue",
    ),
    "the zone": (PROJECT, "timezone: UTC", "timezone: Europe/Lisbon", "metric revenue"),
    "the week": (PROJECT, "week_start: monday", "week_start: sunday", "metric revenue"),
    "a scale": (DECISION_FILE, "worst: 20", "worst: 10", "decision opening_hours"),
    "weights": (DECISION_FILE, "weight: 0.25, veto: -10", "weight: 0.25", "decision opening_hours"),
    "the options": (DECISION_FILE, "list: [N, S]", "list: [N, S, W]", "decision opening_hours"),
    "the status quo": (DECISION_FILE, "status_quo: S", "status_quo: N", "decision opening_hours"),
    "a horizon": (DECISION_FILE, "period: quarter, against: previous", "period: quarter", "decision opening_hours"),
    "a criterion's metric beneath": (
        ORDERS,
        "measure: sum(amount)",
        "measure: sum(amount + 1)",
        "decision opening_hours",
    ),
    "a view's split": (VIEWS, "by: [month, shop.name]", "by: [month, shop]", "view shop_month"),
    "the attribute that a view splits by": (
        SOURCES,
        "columns: {shop: text, name: text, region: text}\n    dimensions: {name: name}",
        "columns: {shop: text, name: text, region: text}\n    dimensions: {name: lower(name)}",
        "view shop_month",
    ),
    "a view's metric beneath": (ORDERS, "measure: sum(amount)", "measure: sum(amount + 1)", "view shop_month"),
    "whom a view is for": (VIEWS, "audience: executive", "audience: frontline", "view shop_month"),
}

TIPS = """
for_all: {owner: shop_desk, source: orders, grain: {time: day, by: [shop, size]}, respond: Thank the customer.}
metrics:
  - {metric: tips, purpose: action, definition: What customers left on the counter., unit: USD, better: higher, measure: sum(amount) * 0.1}
"""


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_what_could_move_a_number_changes_its_meaning(
    plain: Model, tmp_path: Path, move: tuple[str, str, str, str]
) -> None:
    file, old, new, follows = move
    swap = (file, old, new)
    if "tips" in old + new:
        before = resolved(project(tmp_path / "before", {**FILES, "metrics/tips.yml": TIPS}))
        swap = (
            "metrics/tips.yml" if "metric: tips" in old else file,
            old.replace("\n    ", ", "),
            new.replace("\n    ", ", "),
        )
        after = resolved(project(tmp_path / "after", {**FILES, "metrics/tips.yml": TIPS}, swap=swap))
    else:
        before, after = plain, resolved(project(tmp_path, FILES, swap=swap))
    assert follows in changed(meanings(before), meanings(after))
    assert before.meaning != after.meaning


def test_a_new_meaning_reaches_all_that_stands_on_it_and_nothing_else(plain: Model, tmp_path: Path) -> None:
    after = model(
        tmp_path, (ORDERS, "measure: count(*)\n    respond: Above 40", "measure: count(shop)\n    respond: Above 40")
    )
    assert changed(meanings(plain), meanings(after)) == {
        "metric order_count", "metric order_value", "decision opening_hours", "view shop_month",
    }  # fmt: skip


WORDS = {
    "a definition": (
        ORDERS,
        "definition: What customers paid.",
        "definition: What customers have paid.",
        "metric revenue",
    ),
    "a title": (ORDERS, "title: Revenue", "title: Takings", "metric revenue"),
    "an owner": (ORDERS, "{purpose: choice, owner: planning", "{purpose: choice, owner: bizops", "metric order_value"),
    "a response": (ORDERS, "open the second till.", "open the third till.", "metric order_count"),
    "digits": (ORDERS, "measure: sum(amount)", "measure: sum(amount)\n    digits: 0", "metric revenue"),
    "why": (
        ORDERS,
        "why: The desk asks what came in today;",
        "why: The desk asks what comes in;",
        "metric order_value",
    ),
    "what is lost": (ORDERS, "loses: The day and the size of the order.", "loses: The day.", "metric order_value"),
    "who translates": (ORDERS, "owner: bizops\n      why", "owner: planning\n      why", "metric order_value"),
    "the why of a price": (
        PROJECT,
        "in the budget of this year",
        "in the budget of last year",
        "assumption hour_price",
    ),
    "what a row is": (SOURCES, "one_row_is: one order at one shop", "one_row_is: one order", "source orders"),
    "the question": (
        DECISION_FILE,
        "Which shops open longer?",
        "Which shops shall open longer?",
        "decision opening_hours",
    ),
    "the decider": (DECISION_FILE, "decider: head_of_shops", "decider: bizops", "decision opening_hours"),
    "the review": (DECISION_FILE, "review_on: 2025-01-31", "review_on: 2025-02-28", "decision opening_hours"),
    "what is expected": (DECISION_FILE, "order_value: 45", "order_value: 46", "decision opening_hours"),
    "a view's definition": (VIEWS, "What an order is worth", "What each order is worth", "view shop_month"),
    "how a view is stored": (VIEWS, "    by: [month", "    as: table\n    by: [month", "view shop_month"),
}


@pytest.mark.parametrize("move", WORDS.values(), ids=WORDS)
def test_words_change_the_wording_and_leave_the_meaning(
    plain: Model, tmp_path: Path, move: tuple[str, str, str, str]
) -> None:
    after = model(tmp_path, move[:3])
    assert move[3] in changed(wordings(plain), wordings(after))
    assert after.meaning == plain.meaning


def test_only_a_changed_loses_changes_what_was_signed_as_lost(plain: Model, tmp_path: Path) -> None:
    before = loses_of(plain.metrics["order_value"])
    title = model(tmp_path / "title", (ORDERS, "title: Worth of an order", "title: Basket"))
    loses = model(tmp_path / "loses", WORDS["what is lost"][:3])
    assert loses_of(title.metrics["order_value"]) == before
    assert loses_of(loses.metrics["order_value"]) != before
    assert before.startswith("l1:") and loses_of(plain.metrics["revenue"]) == ""


def test_a_renamed_metric_keeps_its_meaning_and_that_of_all_above_it(plain: Model, tmp_path: Path) -> None:
    folder = project(tmp_path, FILES)
    for path in (folder / "metrics").iterdir():
        path.write_text(path.read_text().replace("order_count", "orders_taken"))
    after = resolved(folder)
    assert after.metrics["orders_taken"].meaning == plain.metrics["order_count"].meaning
    assert after.metrics["order_value"].meaning == plain.metrics["order_value"].meaning


def test_what_a_term_is_called_is_no_part_of_the_meaning(plain: Model, tmp_path: Path) -> None:
    renamed = RICH.replace("paid", "received").replace("waited", "a_queue")
    assert "received - 2 * (a_queue" in renamed
    assert meanings(resolved(project(tmp_path, {**FILES, RICH_FILE: renamed}))) == meanings(plain)


def test_line_endings_and_the_order_of_files_leave_everything(plain: Model, tmp_path: Path) -> None:
    folder = project(tmp_path, FILES)
    for path in sorted(folder.rglob("*.yml")):
        text = path.read_text().replace("\n", "\r\n")
        path.unlink()
        (path.parent / f"{len(path.name):02}_{path.stem[::-1]}.yml").write_text(text, newline="")
    after = resolved(folder)
    assert meanings(after) == meanings(plain)
    assert wordings(after) == wordings(plain)


def test_where_a_file_lies_on_this_machine_is_nobodys_meaning(tmp_path: Path) -> None:
    swap = (SOURCES, "table: regions\n", "file: data/regions.csv\n")
    one, two = (resolved(project(tmp_path / name, FILES, swap=swap)) for name in ("one", "two"))
    assert one.sources["regions"].relation != two.sources["regions"].relation
    assert meanings(one) == meanings(two)


_PRINT = """
import sys
from decisionlayer.load import load_project
from decisionlayer.resolve import resolve
found = resolve(load_project(sys.argv[1]))
print(found.meaning, *(m.meaning + m.wording for m in found.metrics.values()), *(d.wording for d in found.decisions.values()))
"""


def test_two_processes_agree_under_other_seeds_and_locales(tmp_path: Path) -> None:
    folder = project(tmp_path, FILES)
    told = set()
    for seed, locale in (("0", "C"), ("4711", "tr_TR.UTF-8")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "LANG": locale, "LC_ALL": locale}
        run = subprocess.run(
            [sys.executable, "-c", _PRINT, str(folder)], env=environment, capture_output=True, text=True, check=True
        )
        told.add(run.stdout)
    assert len(told) == 1 and "m1:" in next(iter(told))


def test_how_prose_is_broken_into_lines_does_not_count() -> None:
    assert wording_of("one  line\n") == wording_of("one line")
    assert wording_of("a", None) != wording_of(None, "a") != wording_of("a")
    assert wording_of("ab", "c") != wording_of("a", "bc")


def test_stamping_again_changes_nothing(plain: Model) -> None:
    again = stamp(plain)
    assert meanings(again) == meanings(plain) and again.meaning == plain.meaning


def test_a_thousand_metrics_are_stamped_quickly(plain: Model) -> None:
    """Sixty milliseconds on the machine it was made on; the bound leaves room for a slow one."""
    from dataclasses import replace

    many = {
        f"{name}_{copy}": replace(metric, name=f"{name}_{copy}")
        for copy in range(125)
        for name, metric in plain.metrics.items()
    }
    wide = replace(plain, metrics=many | dict(plain.metrics))
    assert len(many) == 1000
    started = time.process_time()
    stamp(wide)
    assert time.process_time() - started < 0.5


def test_how_a_total_is_split_over_the_many_is_meaning(tmp_path: Path) -> None:
    def of_the_view(split: str) -> str:
        folder = tmp_path / split.replace(" ", "_").replace(":", "").replace(",", "")
        links = "links: {shop: shop}\n    columns:\n      order_id"
        files = {"definitions/split.yml": (
            "views: [{view: by_product, audience: frontline, owner: bizops, definition: D., metrics: [worth], by: [lines.product]}]\n"
        ), "metrics/split.yml": (
            "metrics: [{metric: worth, title: W, definition: D., purpose: action, owner: shop_desk, source: orders, unit: USD,"
            " better: higher, measure: sum(amount)}]\n"
        )}  # fmt: skip
        bridged = links.replace("\n    columns", f"\n    bridges: {{lines: {{source: order_lines, {split}}}}}\n    columns")
        found = resolved(project(folder, files, swap=(SOURCES, links, bridged)))
        assert "view by_product" not in found.broken, found.broken
        return found.views["by_product"].meaning

    assert len({of_the_view(split) for split in ("split: overlap", "split: allocate, by: pieces")}) == 2
