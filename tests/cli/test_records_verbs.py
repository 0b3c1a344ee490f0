"""The verbs of the log: what they print, how they end, and that a misused one writes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine


def test_signing_prints_what_was_signed_and_where_it_is_recorded(cli: CommandLine, shop: Path) -> None:
    name = _choice(shop)
    said = cli("sign", name, "--by", _other(shop), "--until", "2999-12-31", "--dated", "2024-07-01", "--format", "json")
    read = json.loads(said.out)
    assert (said.code, said.err) == (0, "")
    assert read["sign"] == [name] and read["meaning"][name].startswith("m1:") and read["findings"] == []
    assert (shop / read["file"]).exists()
    verified = cli("record", "verify", "--format", "json")
    assert verified.code == 0 and json.loads(verified.out)["findings"] == []
    (shop / read["file"]).unlink()
    broken = cli("record", "verify", "--format", "json")
    assert broken.code == 1 and json.loads(broken.out)["findings"][0]["code"] == "log-broken"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("sign", "x", "--by", "y"), "`sign` needs --until"), (("sign", "x", "--until", "2999-12-31"), "`sign` needs --by"),
        (("record",), "there is no record"), (("flag", "x", "y"), "`flag` is about one thing"),
        (("flag", "x", "--by", "y", "--severity", "note"), "`flag` needs --text"),
        (("flag", "x", "--by", "y", "--severity", "note", "--text", "z", "--if-upheld", "six"), "--if-upheld takes TERM=CHANGE"),
    ],
)  # fmt: skip
def test_a_misused_verb_says_what_it_lacks_and_writes_nothing(cli: CommandLine, shop: Path, words: tuple[str, ...], told: str) -> None:
    said = cli(*words)
    assert (said.code, said.out) == (2, "") and told in said.err
    assert not (shop / "definitions" / "records").exists()


def test_a_refused_record_exits_1_and_says_why(cli: CommandLine, shop: Path) -> None:
    said = cli("record", "{sign: nothing_like_it, by: nobody, until: 2999-12-31}")
    assert (said.code, said.out) == (1, "")
    assert "nothing is called `nothing_like_it`" in said.err and "no party has that name" in said.err
    assert not (shop / "definitions" / "records").exists()


def _choice(shop: Path) -> str:
    from decisionlayer import Layer

    with Layer.load(shop) as layer:
        return next(name for name, metric in layer.model.metrics.items() if metric.purpose is not None and metric.purpose.value == "choice")


def _other(shop: Path) -> str:
    from decisionlayer import Layer

    with Layer.load(shop) as layer:
        owner = layer.model.metrics[_choice(shop)].owner
        return next(name for name in layer.model.parties if name != owner)
