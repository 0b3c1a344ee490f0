"""Words: a glossary in two dialects, and metrics whose names say what they mean."""


from __future__ import annotations

from pathlib import Path

from tests.resolve.corner_shops import project, resolved, said

FILE, METRICS = "definitions/page.yml", "metrics/page.yml"
HEAD = "for_all: {purpose: action, owner: shop_desk, source: orders, unit: percent, better: higher, respond: Ask.}\nmetrics:\n"
FAST = "  - {metric: fast_share, title: '  quick ', definition: Picked within two minutes., measure: count(*) filter (where picking <= 120) / count(*)}\n"
WORD = """
glossary:
  - word: quick
    frontline: {metric: quick_share, says: The customer waited five minutes at most.}
    executive: {metric: fast_share, says: The order was picked in two minutes.}
    match: close
"""


def found(folder: Path, files: dict[str, str]) -> list[str]:
    return said(resolved(project(folder, files)).findings)


def test_a_word_is_read_in_both_dialects(tmp_path: Path) -> None:
    (word,) = resolved(project(tmp_path, {FILE: WORD, METRICS: HEAD + FAST})).words
    assert (word.word, word.match) == ("quick", "close")
    assert (word.frontline_metric, word.frontline_says) == ("quick_share", "The customer waited five minutes at most.")
    assert (word.executive_metric, word.executive_says) == ("fast_share", "The order was picked in two minutes.")


def test_a_missing_dialect_is_named(tmp_path: Path) -> None:
    one = WORD.replace(", says: The customer waited five minutes at most.", "").replace(
        "    executive: {metric: fast_share, says: The order was picked in two minutes.}\n", ""
    )
    assert found(tmp_path, {FILE: one}) == [
        "one-dialect: executives have no sentence for `quick`",
        "one-dialect: the frontline has no sentence for `quick`",
    ]


def test_a_word_for_an_unknown_metric_names_the_near_one(tmp_path: Path) -> None:
    (finding,) = (
        f
        for f in resolved(project(tmp_path, {FILE: WORD.replace("fast_share", "quik_share")})).findings
        if f.code == "unknown-name"
    )
    assert finding.message == "word `quick` names the metric `quik_share`, which nothing declares"
    assert finding.help == "Did you mean quick_share?"


def test_a_word_is_told_apart_from_a_known_one(tmp_path: Path) -> None:
    text = WORD.replace("    match: close", "    not_the_same_as: [swift]")
    assert found(tmp_path, {FILE: text, METRICS: HEAD + FAST}) == [
        "unknown-name: word `quick` is told apart from `swift`, which the glossary does not have"
    ]


def test_one_title_for_two_meanings_is_found_on_both_whatever_the_case(tmp_path: Path) -> None:
    findings = resolved(project(tmp_path, {METRICS: HEAD + FAST})).findings
    assert [(f.code, f.subject) for f in findings] == [
        ("two-meanings", "metric quick_share"), ("two-meanings", "metric fast_share"),
    ]  # fmt: skip
    assert findings[0].message == "“Quick” names metric `quick_share` and also `fast_share`, which differ from it"


def test_a_glossary_word_that_names_both_explains_them(tmp_path: Path) -> None:
    assert found(tmp_path, {FILE: WORD, METRICS: HEAD + FAST}) == []


def test_a_title_may_serve_two_purposes(tmp_path: Path) -> None:
    choice = "  - {metric: chosen, title: Quick, purpose: choice, definition: All of them., grain: {time: month}, translation: {owner: bizops, why: A., loses: B., from: quick_share, population: all}}\n"
    assert found(tmp_path, {METRICS: HEAD.replace(", source: orders", "") + choice}) == []


def test_two_metrics_without_a_title_do_not_share_one(tmp_path: Path) -> None:
    untitled = FAST.replace("title: '  quick ', ", "") + FAST.replace("title: '  quick ', ", "").replace(
        "fast_share", "swift_share"
    ).replace("120", "60")
    assert found(tmp_path, {METRICS: HEAD + untitled}) == []


def test_the_same_number_under_two_names_is_found_once(tmp_path: Path) -> None:
    twin = "  - {metric: brisk_share, definition: D., grain: {time: day, by: [size, shop]}, population: wait IS NOT null, measure: COUNT(*) filter (where wait <= 5) / count(*)}\n"
    findings = resolved(project(tmp_path, {METRICS: HEAD + twin})).findings
    assert said(findings) == ["two-names: metric `brisk_share` and `quick_share` are the same number under two names"]


def test_another_purpose_is_another_number(tmp_path: Path) -> None:
    choice = "  - {metric: chosen, purpose: choice, definition: D., grain: {time: day, by: [shop, size]}, population: wait is not null, measure: count(*) filter (where wait <= 5) / count(*), translation: {owner: bizops, why: A., loses: B.}}\n"
    assert found(tmp_path, {METRICS: HEAD + choice}) == []


def test_a_metric_is_used_by_what_stands_on_it_even_when_that_is_broken(tmp_path: Path) -> None:
    idle = HEAD.replace(", respond: Ask.", "")
    metric = "  - {metric: picked_share, definition: D., measure: count(picking) / count(*)}\n"
    assert found(tmp_path / "alone", {METRICS: idle + metric}) == [
        "unused-metric: nothing uses metric `picked_share`: no decision, view, target, metric or response"
    ]
    views = "views:\n  - {view: picking, audience: frontline, owner: nobody, definition: D., metrics: [picked_share], by: [month]}\n"
    assert (
        said(resolved(project(tmp_path / "view", {METRICS: idle + metric, FILE: views})).findings, "unused-metric")
        == []
    )


def test_nothing_is_called_unused_while_something_cannot_be_read(tmp_path: Path) -> None:
    idle = (
        HEAD.replace(", respond: Ask.", "")
        + "  - {metric: picked_share, definition: D., measure: count(picking) / count(*)}\n"
    )
    broken = "views:\n  - {view: picking, metrics: picked_share}\n"
    assert said(resolved(project(tmp_path, {METRICS: idle, FILE: broken})).findings, "unused-metric") == []


EXACT = """
glossary:
  - word: quick
    frontline: {metric: quick_share, says: The customer waited five minutes at most., example: Six minutes are not quick.}
    executive: {metric: FOR, says: The same.}
    match: exact
"""


def test_exact_over_two_meanings_is_a_false_friend_and_a_translation_that_changes_nothing_is_not(tmp_path: Path) -> None:
    choice = (
        "metrics:\n  - {metric: quick_choice, title: Chosen, purpose: choice, owner: planning, definition: Quick., unit: percent,"
        " better: higher, grain: {time: month, by: [shop]}, translation: {from: quick_share, SWITCHowner: bizops, why: W., loses: L.}}\n"
    )
    same = {FILE: EXACT.replace("FOR", "quick_choice"), METRICS: choice.replace("SWITCH", "")}
    assert "false-friend" not in "".join(found(tmp_path / "same", same))
    other = {**same, METRICS: choice.replace("SWITCH", "population: all, ")}
    told = "false-friend: word `quick` is called `exact`, and `quick_share` and `quick_choice` are different numbers"
    assert told in found(tmp_path / "other", other)
    assert told not in found(tmp_path / "close", {**other, FILE: other[FILE].replace("match: exact", "match: close")})


def test_a_metric_is_read_back_with_its_words(tmp_path: Path) -> None:
    from decisionlayer.resolve.telling.passports import passport
    from decisionlayer.resolve.telling.sentences import sentence

    model = resolved(project(tmp_path, {FILE: EXACT.replace("FOR", "order_value").replace("exact", "narrower") + "    not_the_same_as: [quick]\n"}))
    metric = model.metrics["quick_share"]
    assert sentence(model, metric).endswith(
        "“quick” means to the frontline (quick_share): The customer waited five minutes at most. For example: Six minutes are not quick. "
        "And to executives (order_value): The same. The two are not the same: the executives' is narrower. Not the same as “quick”."
    )
    assert passport(model, metric)["words"] == [{
        "word": "quick", "frontline": "The customer waited five minutes at most.", "executive": "The same.", "match": "narrower",
        "frontline_example": "Six minutes are not quick.", "executive_example": "", "not_the_same_as": ["quick"],
    }]  # fmt: skip
