"""A number for choosing reaches a number for acting only through a translation that somebody owns; there is no way round."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from decisionlayer import DecisionLayerError
from decisionlayer.layer import Layer
from tests.worlds.made import choice, made, metric, shop

OWNED = {"owner": "board", "why": "The board looks further.", "loses": "The day."}
ACTING = metric("sold", measure="sum(amount)")
OTHER = metric("tills", measure="count(*)")


def refused(folder: Path, *metrics: dict[str, object], asking: str = "bet", **more: Any) -> set[str]:
    """Return the codes with which the layer refuses to answer, after making sure that check says them too."""
    layer = made(folder, shop(*metrics, **more))
    with pytest.raises(DecisionLayerError) as stopped:
        layer.query(metrics=[asking])
    said = {found.code for found in layer.check() if found.is_error}
    assert set(stopped.value.codes) <= said
    return set(stopped.value.codes)


def test_a_formula_over_a_number_for_acting(tmp_path: Path) -> None:
    assert "purpose-mismatch" in refused(tmp_path, ACTING, choice("bet", formula="sold * 2"))


def test_a_measure_over_raw_rows_that_nobody_switched(tmp_path: Path) -> None:
    assert "purpose-mismatch" in refused(tmp_path, choice("bet", measure="sum(amount)"))


def test_a_formula_over_one_that_is_refused_for_it(tmp_path: Path) -> None:
    assert refused(
        tmp_path, ACTING, choice("bet", formula="sold"), choice("further", formula="bet + 1"), asking="further"
    )


@pytest.mark.parametrize("left_out", ["owner", "why", "loses"])
def test_a_translation_without_one_of_its_three_words(tmp_path: Path, left_out: str) -> None:
    words = {key: value for key, value in OWNED.items() if key != left_out}
    assert "unowned-translation" in refused(
        tmp_path, ACTING, choice("bet", formula="s", translation={**words, "terms": {"s": "sold"}})
    )


def test_a_translation_that_nobody_known_owns(tmp_path: Path) -> None:
    said = {**OWNED, "owner": "stranger", "terms": {"s": "sold"}}
    assert refused(tmp_path, ACTING, choice("bet", formula="s", translation=said)) & {"unowned-translation", "no-owner"}


def test_a_number_for_acting_beside_the_terms(tmp_path: Path) -> None:
    said = {**OWNED, "terms": {"s": "sold"}}
    assert refused(tmp_path, ACTING, OTHER, choice("bet", formula="s / tills", translation=said)) & {
        "purpose-mismatch",
        "unknown-name",
    }


def test_the_same_number_under_its_own_name_beside_its_term(tmp_path: Path) -> None:
    said = {**OWNED, "terms": {"s": "sold"}}
    assert refused(tmp_path, ACTING, choice("bet", formula="s - sold", translation=said)) & {
        "purpose-mismatch",
        "unknown-name",
    }


def test_a_term_that_bears_the_name_of_another_metric(tmp_path: Path) -> None:
    said = {**OWNED, "terms": {"tills": "sold"}}
    assert refused(tmp_path, ACTING, OTHER, choice("bet", formula="tills", translation=said))


def test_a_view_for_executives_over_a_number_for_acting(tmp_path: Path) -> None:
    views = [
        {
            "view": "board_room",
            "audience": "executive",
            "owner": "board",
            "definition": "D.",
            "metrics": ["sold"],
            "by": ["shop"],
        }
    ]
    layer = made(tmp_path, shop(ACTING, views=views))
    assert "purpose-mismatch" in {found.code for found in layer.check() if found.is_error}


def test_a_criterion_of_a_decision_over_a_number_for_acting(tmp_path: Path) -> None:
    said = {
        "decision": "which", "question": "Which?", "decider": "board", "options": {"dimension": "shop", "because": "All."},
        "criteria": [{"metric": "sold", "scale": {"worst": 0, "best": 1}, "weight": 1}],
        "horizons": [{"name": "the year", "period": "year"}], "review_on": "2025-01-01",
    }  # fmt: skip
    layer = made(tmp_path, shop({**ACTING, "better": "higher"}, decisions=[said]))
    assert "purpose-mismatch" in {found.code for found in layer.check() if found.is_error}


def test_with_a_translation_that_says_all_of_it_there_is_an_answer(tmp_path: Path) -> None:
    said = {**OWNED, "terms": {"s": "sold"}}
    layer = made(tmp_path, shop(ACTING, choice("bet", formula="s * 2", translation=said)))
    assert [found.render() for found in layer.check() if found.is_error] == []
    assert layer.query(metrics=["bet"]).rows() == [(180,)]


def test_a_switch_of_raw_rows_that_is_owned_needs_no_terms(tmp_path: Path) -> None:
    layer = made(tmp_path, shop(choice("bet", measure="sum(amount)", translation=OWNED)))
    assert layer.query(metrics=["bet"]).rows() == [(90,)]


def test_removing_the_owner_takes_the_answer_away(tmp_path: Path) -> None:
    said = {**OWNED, "terms": {"s": "sold"}}
    assert isinstance(made(tmp_path / "with", shop(ACTING, choice("bet", formula="s", translation=said))), Layer)
    del said["owner"]
    assert "unowned-translation" in refused(tmp_path / "without", ACTING, choice("bet", formula="s", translation=said))


def test_a_metric_for_acting_needs_no_translation(tmp_path: Path) -> None:
    layer = made(tmp_path, shop(ACTING, OTHER, metric("each", formula="sold / tills")))
    assert layer.query(metrics=["each"]).rows() == [(30.0,)]
