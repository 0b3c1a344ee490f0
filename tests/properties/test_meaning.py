"""Law 5 in both directions, over random projects: what is spelt otherwise means the same, what could move a number does not.

A project is made of trees, so that one may be written in many ways (keys, files, quotes, space, case, parentheses, order under
``+ * and or``, ``<>`` and ``!=``) and be changed in one place (a literal, an operator, a column, a filter, a scale …).
"""

from __future__ import annotations

import copy
import random
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from decisionlayer.load import load_project
from decisionlayer.resolve import resolve
from decisionlayer.resolve.model import Model
from decisionlayer.resolve.trust.signable import signables

COLUMNS = ("a", "b", "c")
COMPARED = ("=", "<>", "<", "<=", ">", ">=")
Tree = Any
#: A failing project is read as it is; to make it smaller takes minutes.
WITHOUT_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)


# -- random trees -----------------------------------------------------------------------------------------------------------


def a_filter(rng: random.Random, depth: int = 2) -> Tree:
    if depth and rng.random() < 0.6:
        kind = rng.choice(["and", "or", "not"])
        return [kind, *(a_filter(rng, depth - 1) for _ in range(1 if kind == "not" else 2))]
    column = rng.choice(COLUMNS)
    match rng.randrange(4):
        case 0:
            return ["in", column, sorted(rng.sample(range(9), 2))]
        case 1:
            return ["is not null", column]
        case _:
            return [rng.choice(COMPARED), column, rng.randrange(9)]


def an_amount(rng: random.Random, depth: int = 2) -> Tree:
    if depth and rng.random() < 0.6:
        return [rng.choice("+-*"), an_amount(rng, depth - 1), an_amount(rng, depth - 1)]
    return rng.choice(COLUMNS) if rng.random() < 0.7 else rng.randrange(1, 9)


def written(tree: Tree, rng: random.Random | None) -> str:
    """The tree as text; in one of many spellings when there is a ``rng``."""
    match tree:
        case str() | int():
            return str(tree)
        case ["not", one]:
            return f"{_case('not', rng)} ({written(one, rng)})"
        case ["is not null", column]:
            return f"{column} {_case('is not null', rng)}"
        case ["in", column, items]:
            return f"{column} {_case('in', rng)} ({', '.join(map(str, items))})"
        case [sign, left, right]:
            if rng is not None and sign in ("+", "*", "and", "or") and rng.random() < 0.5:
                left, right = right, left
            if rng is not None and sign == "<>" and rng.random() < 0.5:
                sign = "!="
            space = rng.choice(["", " ", "  "]) if rng is not None and not sign.isalpha() else " "
            both = f"{_inner(left, rng)}{space}{_case(sign, rng)}{space}{_inner(right, rng)}"
            return f"({both})" if rng is not None and rng.random() < 0.3 else both
    raise AssertionError(tree)


def _inner(tree: Tree, rng: random.Random | None) -> str:
    return written(tree, rng) if isinstance(tree, str | int) else f"({written(tree, rng)})"


def _case(word: str, rng: random.Random | None) -> str:
    return word.upper() if rng is not None and rng.random() < 0.3 else word


# -- random projects --------------------------------------------------------------------------------------------------------


def a_project(rng: random.Random) -> dict[str, Any]:
    """A source, numbers for acting, a price, numbers for choosing over them, a decision and a view."""
    actions = {
        f"act{n}": {
            "measure": ["sum", an_amount(rng)], "where": a_filter(rng), "population": a_filter(rng), "better": rng.choice(["higher", "lower"]),
            "missing": rng.choice(["zero", "null"]), "grain": {"time": "day", "by": rng.sample(["shop", "size"], 2)},
        }
        for n in range(rng.randrange(1, 4))
    }  # fmt: skip
    choices = {
        f"pick{n}": {
            "formula": [rng.choice("+-*"), "x", rng.choice(["x", "price", ["*", "x", "price"]])], "from": rng.choice(list(actions)),
            "where": a_filter(rng), "population": a_filter(rng), "better": "higher",
            "loses": "The day.", "grain": {"time": "month", "by": ["shop"]},
        }
        for n in range(rng.randrange(1, 3))
    }  # fmt: skip
    return {
        "timezone": "UTC", "week_start": "monday", "table": "orders", "key": ["id"], "price": rng.randrange(2, 9), "size": rng.randrange(9),
        "actions": actions, "choices": choices, "worst": 0, "best": rng.randrange(2, 9), "weight": 1, "veto": -5,
        "period": "quarter", "options": ["N", "S"], "by": ["month", "shop"], "kept": "N", "says": "Words.",
    }  # fmt: skip


def files_of(project: dict[str, Any], rng: random.Random | None) -> dict[str, str]:
    """The project as files, in one of many ways when there is a ``rng``."""
    first = next(iter(project["choices"]))
    head = {"project": _keys({"name": "p", "timezone": project["timezone"], "week_start": project["week_start"]}, rng)}
    items: list[tuple[str, dict[str, Any]]] = [
        ("parties", {"party": "desk"}), ("parties", {"party": "board"}),
        ("assumptions", {"assumption": "price", "value": project["price"], "unit": "1", "owner": "desk", "why": project["says"]}),
        ("sources", {
            "source": "orders", "one_row_is": project["says"], "table": project["table"], "key": project["key"], "time": {"day": "day"},
            "columns": {"id": "integer", "shop": "text", "day": "date", "a": "integer", "b": "integer", "c": "integer"},
            "dimensions": {"shop": "shop", "size": f"case when a > {project['size']} then 'big' else 'small' end"}, "owner": "desk",
        }),
        ("decisions", {
            "decision": "fund", "question": project["says"], "decider": "board", "options": {"dimension": "shop", "list": project["options"], "status_quo": "none", "because": project["says"]},
            "criteria": [{"metric": first, "scale": {"worst": project["worst"], "best": project["best"]}, "weight": project["weight"], "veto": project["veto"]}],
            "horizons": [{"name": "h", "period": project["period"]}],
        }),
        ("views", {"view": "shown", "owner": "board", "definition": project["says"], "metrics": [first], "by": project["by"], "where": f"shop = '{project['kept']}'"}),
    ]  # fmt: skip
    for name, one in project["actions"].items():
        function, amount = one["measure"]
        items.append(("metrics", {
            "metric": name, "title": name, "definition": project["says"], "purpose": "action", "owner": "desk", "unit": "1", "source": "orders",
            "measure": f"{_case(function, rng)}({written(amount, rng)})", "where": written(one["where"], rng),
            "population": written(one["population"], rng), "better": one["better"], "missing": one["missing"], "grain": one["grain"],
        }))  # fmt: skip
    for name, one in project["choices"].items():
        term = {"from": one["from"], "where": written(one["where"], rng), "population": written(one["population"], rng)}
        items.append(("metrics", {
            "metric": name, "title": name, "definition": project["says"], "purpose": "choice", "owner": "board", "unit": "1",
            "formula": written(one["formula"], rng), "better": one["better"], "grain": one["grain"],
            "translation": {"owner": "desk", "why": project["says"], "loses": one["loses"], "terms": {"x": term}},
        }))  # fmt: skip
    if rng is not None:
        rng.shuffle(items)
    files: dict[str, dict[str, Any]] = {"definitions/project.yml": head}
    for number, (heading, item) in enumerate(items):
        folder = "metrics" if heading == "metrics" else "definitions"
        name = f"{folder}/{heading}.yml" if rng is None else f"{folder}/{rng.choice('xyz')}{number if rng.random() < 0.5 else ''}.yml"
        files.setdefault(name, {}).setdefault(heading, []).append(_keys(item, rng))
    return {name: _yaml(data, rng) for name, data in files.items()}


def _keys(item: dict[str, Any], rng: random.Random | None) -> dict[str, Any]:
    keys = list(item)
    if rng is not None:
        rng.shuffle(keys)
    return {key: _keys(item[key], rng) if isinstance(item[key], dict) else item[key] for key in keys}


def _yaml(data: Any, rng: random.Random | None) -> str:
    import yaml

    flow = None if rng is None else rng.choice([None, True, False])
    text = str(yaml.dump(data, sort_keys=False, default_flow_style=flow, width=10_000 if rng is None else rng.choice([40, 10_000])))
    if rng is not None and rng.random() < 0.5:
        text = f"# a remark\n{text}\n# another\n"
    return text.replace("\n", "\r\n") if rng is not None and rng.random() < 0.3 else text


def model_of(files: dict[str, str]) -> Model:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, newline="")
        found = resolve(load_project(folder))
    errors = [finding for finding in found.findings if finding.is_error]
    assert not errors, errors[0].render()
    return found


def meanings(model: Model) -> dict[str, str]:
    return {subject: f"{thing.meaning} {thing.loses}" for subject, thing in signables(model).items()}


# -- one change --------------------------------------------------------------------------------------------------------------


def changed(project: dict[str, Any], rng: random.Random) -> tuple[dict[str, Any], str]:
    """The project with one thing changed that could move a number or its licensed use, and what must mean something else."""
    new = copy.deepcopy(project)
    action, choice = rng.choice(list(new["actions"])), rng.choice(list(new["choices"]))
    first = next(iter(new["choices"]))
    match rng.randrange(18):
        case 0:
            new["timezone"] = "Europe/Berlin"
            return new, f"metric {action}"
        case 1:
            new["price"] += 1
            return new, "assumption price"
        case 2:
            new["table"] = "orders_2"
            return new, f"metric {action}"
        case 3:
            new["key"] = ["id", "shop"]
            return new, f"metric {action}"
        case 4 | 5 | 6:
            part = rng.choice(["where", "population"])
            new["actions"][action][part] = _moved(new["actions"][action][part], rng)
            return new, f"metric {action}"
        case 7 | 8:
            part = rng.choice(["where", "population"])
            new["choices"][choice][part] = _moved(new["choices"][choice][part], rng)
            return new, f"metric {choice}"
        case 9:
            new["actions"][action]["measure"][0] = "min"
            return new, f"metric {action}"
        case 10:
            new["actions"][action]["measure"][1] = ["+", new["actions"][action]["measure"][1], 1]
            return new, f"metric {action}"
        case 11:
            one = new["actions"][action]
            one["better"] = "lower" if one["better"] == "higher" else "higher"
            return new, f"metric {action}"
        case 12:
            one = new["actions"][action]
            one["missing"] = "null" if one["missing"] == "zero" else "zero"
            return new, f"metric {action}"
        case 13:
            new["choices"][choice]["grain"] = {"time": "quarter", "by": ["shop"]}
            new["by"] = ["quarter", "shop"]
            return new, f"metric {choice}"
        case 14:
            new["choices"][choice]["loses"] = "The day and the hour."
            return new, f"metric {choice}"
        case 15:
            new[rng.choice(["best", "veto"])] += 1
            return new, "decision fund"
        case 16:
            new["options"] = ["N"]
            return new, "decision fund"
        case _:
            if rng.random() < 0.5:
                new["kept"] = "S"
            else:
                new["choices"][first]["formula"] = ["-", new["choices"][first]["formula"], 1]
            return new, "view shown"


def _moved(tree: Tree, rng: random.Random) -> Tree:
    """A filter with one literal, operator or column changed, or negated."""
    match tree:
        case ["and" | "or", left, right]:
            if rng.random() < 0.3:
                return ["or" if tree[0] == "and" else "and", ["=", "a", 99], right]
            return [tree[0], _moved(left, rng), right] if rng.random() < 0.5 else [tree[0], left, _moved(right, rng)]
        case ["not", one]:
            return one if rng.random() < 0.5 else ["not", _moved(one, rng)]
        case ["is not null", column]:
            return ["is not null", COLUMNS[(COLUMNS.index(column) + 1) % 3]]
        case ["in", column, items]:
            return ["in", column, [*items, 99]]
        case [sign, column, literal]:
            return rng.choice([
                [COMPARED[(COMPARED.index(sign) + 1) % 6], column, literal], [sign, COLUMNS[(COLUMNS.index(column) + 1) % 3], literal],
                [sign, column, literal + 10],
            ])  # fmt: skip
    raise AssertionError(tree)


# -- the two directions ------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None, phases=WITHOUT_SHRINKING)
@given(st.randoms(use_true_random=False))
def test_another_spelling_means_the_same(rng: random.Random) -> None:
    project = a_project(rng)
    plain, respelt = model_of(files_of(project, None)), model_of(files_of(project, rng))
    assert meanings(respelt) == meanings(plain)
    assert respelt.meaning == plain.meaning


@settings(max_examples=15, deadline=None, phases=WITHOUT_SHRINKING)
@given(st.randoms(use_true_random=False))
def test_other_words_mean_the_same(rng: random.Random) -> None:
    project = a_project(rng)
    plain = model_of(files_of(project, None))
    reworded = model_of(files_of({**project, "says": "Quite other words."}, rng))
    assert meanings(reworded) == meanings(plain)
    assert {metric.wording for metric in plain.metrics.values()}.isdisjoint(metric.wording for metric in reworded.metrics.values())


@settings(max_examples=80, deadline=None, phases=WITHOUT_SHRINKING)
@given(st.randoms(use_true_random=False))
def test_what_could_move_a_number_means_something_else_and_so_does_all_that_stands_on_it(rng: random.Random) -> None:
    project = a_project(rng)
    after, subject = changed(project, rng)
    one, two = meanings(model_of(files_of(project, None))), meanings(model_of(files_of(after, rng)))
    assert one[subject] != two[subject], subject
    for choice, said in project["choices"].items():
        if subject == f"metric {said['from']}":
            assert one[f"metric {choice}"] != two[f"metric {choice}"], "a choice means what it stands on means"
    if subject == f"metric {next(iter(project['choices']))}" and one[subject].split()[0] != two[subject].split()[0]:
        assert one["decision fund"] != two["decision fund"] and one["view shown"] != two["view shown"]
