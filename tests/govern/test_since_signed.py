"""What an edit does to a number that was signed (DL304): measured against the state in git that means what was signed.

Orders bring 20, 80 and 60 in January, 30, 10 and 40 in February: 240 for six, 53.33 and 26.67 each. Large are 80 and 60.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest

from decisionlayer import Finding, Layer

BASE = Path(__file__).parents[2] / "docs" / "rules" / "_base"
TERMS = "terms: {paid: revenue, taken: order_count}"
LARGE = "terms: {paid: {from: revenue, where: size = 'large'}, taken: order_count}"
LATE = "2999-12-31"


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=Desk", "-c", "user.email=desk@example.com", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, env=clean).stdout.decode().strip()


def edit(root: Path, old: str, new: str, file: str = "metrics/orders.yml") -> None:
    text = (root / file).read_text()
    assert old in text
    (root / file).write_text(text.replace(old, new))


def loaded(root: Path) -> Layer:
    warehouse = duckdb.connect()
    warehouse.execute((BASE / "warehouse.sql").read_text()).fetchall()
    return Layer.load(root, warehouse)


def changed(root: Path, subject: str = "metric order_value") -> Finding:
    with loaded(root) as layer:
        return next(each for each in layer.check(data=True) if each.code == "changed-since-signed" and each.subject == subject)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository whose project lies in a folder of its own; worth of an order is signed and committed."""
    root = tmp_path / "company" / "shop"
    shutil.copytree(BASE, root)
    git(root.parent, "init")
    git(root.parent, "add", ".")
    git(root.parent, "commit", "-m", "first")
    with loaded(root) as layer:
        layer.sign("order_value", by="bizops", until=LATE, dated="2026-07-01")
    return root


def commit(root: Path, said: str) -> str:
    git(root.parent, "add", ".")
    git(root.parent, "commit", "-m", said)
    return git(root, "rev-parse", "HEAD")


MEASURED = "in all 40 USD/order → 23.33 USD/order (-16.67); 2 of 2 months move, most 2024-02-01: 26.67 USD/order → –"


@pytest.mark.parametrize("committed", ["nothing", "the signature", "the signature, then the edit", "both at once"])
def test_an_edit_is_measured_against_what_was_signed(shop: Path, committed: str) -> None:
    signed = git(shop, "rev-parse", "HEAD")
    if committed.startswith("the signature"):
        signed = commit(shop, "signed")
    edit(shop, TERMS, LARGE)
    if committed not in ("nothing", "the signature"):
        commit(shop, "edited")
    found = changed(shop)
    assert found.damage == MEASURED
    assert found.help.endswith(f"--until DATE`; `decisionlayer diff {signed[:10]}` shows all that changed")


def test_the_state_that_counts_means_what_was_signed_and_is_not_just_the_one_before(shop: Path) -> None:
    commit(shop, "signed")
    edit(shop, TERMS, "terms: {paid: {from: revenue, where: size = 'small'}, taken: order_count}")
    commit(shop, "small orders")  # 100 of six orders: 16.67, which is nothing that anybody signed
    edit(shop, "{from: revenue, where: size = 'small'}", "{from: revenue, where: size = 'large'}")
    assert changed(shop).damage == MEASURED


def test_what_moves_no_number_today_is_said_to_move_none(shop: Path) -> None:
    edit(shop, TERMS, "terms: {paid: {from: revenue, where: amount < 1000}, taken: order_count}")
    assert changed(shop).damage == "in all 40 USD/order as before; none of 2 months moves"


def test_without_the_state_it_says_how_to_measure(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(shop.parent))
    shutil.rmtree(shop.parent / ".git")
    edit(shop, TERMS, LARGE)
    found = changed(shop)
    assert found.damage == ""
    assert "; `decisionlayer diff REV` measures it, against a revision or a folder in which it meant what was signed" in found.help


def test_the_check_of_the_files_alone_measures_nothing(shop: Path) -> None:
    edit(shop, TERMS, LARGE)
    with loaded(shop) as layer:
        assert [each.damage for each in layer.check() if each.code == "changed-since-signed"] == [""]


def test_a_decision_tells_it_of_each_number_that_it_rests_on(shop: Path) -> None:
    (shop / "definitions" / "more.yml").write_text("""
decisions:
  - decision: shop_fund
    question: Which shop do we refit?
    decider: head_of_shops
    options: {dimension: shop, status_quo: none, because: Every shop is weighed.}
    criteria: [{metric: order_value, scale: {worst: 20, best: 60}, weight: 1}]
    horizons: [{name: last quarter, period: quarter}, {name: the year, period: year}]
    review_on: 2999-03-31
    expects: [{option: N, order_value: 45}]
""")
    commit(shop, "a decision")
    with loaded(shop) as layer:
        layer.sign("shop_fund", by="bizops", until=LATE, dated="2026-07-02")
    edit(shop, TERMS, LARGE)
    assert changed(shop, "decision shop_fund").damage == MEASURED
