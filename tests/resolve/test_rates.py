"""Tables of rates: read as they stand, each mistake where it is; and what of a metric may be converted by them."""

from __future__ import annotations

from pathlib import Path

import pytest

from decisionlayer.findings import Finding
from decisionlayer.load import load_project
from decisionlayer.resolve import resolve
from decisionlayer.resolve.model import Model

GOOD = "currency,month,mean,close\nUSD,2026-01-01,0.90,0.91\nUSD,2026-02-01,0.92,\n"
FX = "{file: rates.csv, from: currency, to: EUR, rates: {average: mean, closing: close}}"
TERM = "{from: dollars, convert: {fx: group_eur, rate: average}}"


def read(folder: Path, rates: str | None = GOOD, fx: str = FX, term: str = TERM, dollars: str = "unit: USD, measure: sum(amount)") -> Model:
    if rates is not None:
        (folder / "rates.csv").write_text(rates, encoding="utf-8", newline="")
    (folder / "definitions").mkdir()
    (folder / "metrics").mkdir()
    (folder / "definitions/p.yml").write_text(
        "project: {name: p, timezone: UTC, week_start: monday}\n"
        "parties: [{party: desk, kind: team, name: Desk}]\n"
        "units: [{unit: piece}]\n"
        "assumptions: [{assumption: price, value: 3, unit: USD/piece, owner: desk, why: List.}]\n"
        f"frames: [{{frame: group_eur, owner: desk, fx: {fx}}}]\n"
        "sources:\n"
        "  - {source: sales, one_row_is: one sale, table: sales, key: [id], time: {day: day, paid_in: month},\n"
        "     columns: {id: integer, day: date, paid_in: date, currency: text, amount: {type: 'decimal(18,2)', unit: USD},\n"
        "       pieces: {type: integer, unit: piece}, value: {type: 'decimal(18,2)'}, fee: {type: 'decimal(18,2)'}}, owner: desk}\n"
        "  - {source: loose, one_row_is: one gift, table: gifts, key: [id], columns: {id: integer, amount: {type: integer, unit: USD}}, owner: desk}\n"
    )
    (folder / "metrics/m.yml").write_text(
        "for_all: {purpose: action, owner: desk, definition: d, better: higher, respond: r}\n"
        "metrics:\n"
        f"  - {{metric: dollars, {'' if 'source:' in dollars else 'source: sales, '}{dollars}}}\n"
        "  - {metric: pieces, unit: piece, source: sales, measure: sum(pieces)}\n"
        "---\n"
        "metrics:\n"
        "  - {metric: euros, purpose: choice, owner: desk, definition: d, unit: EUR, better: higher, formula: x,\n"
        f"     translation: {{owner: desk, why: w, loses: l, terms: {{x: {term}}}}}}}\n"
    )
    return resolve(load_project(folder))


def errors(model: Model) -> list[Finding]:
    return [finding for finding in model.findings if finding.is_error and finding.code != "stands-on-broken"]


def test_a_table_is_read_as_it_stands(tmp_path: Path) -> None:
    model = read(tmp_path)
    assert errors(model) == []
    rates = model.rates["group_eur"]
    assert (rates.to, rates.each, rates.kinds, str(rates.type("average"))) == ("EUR", "month", ("average", "closing"), "decimal(3,2)")
    assert [(line.currency, str(line.since), str(line.before)) for line in rates.lines] == [
        ("USD", "2026-01-01", "2026-02-01"), ("USD", "2026-02-01", "2026-03-01"),
    ]  # fmt: skip
    assert str(model.metrics["euros"].type) == "decimal(38,4)"


@pytest.mark.parametrize(
    ("rates", "code", "line"),
    [
        (None, "unreadable", None),
        ("", "missing-column", 1),
        ("currency,month,mean,close\n", "unreadable", None),
        ("currency,month,mean\nUSD,2026-01-01,1\n", "missing-column", 1),
        ("currency,mean,close\nUSD,1,1\n", "missing-column", 1),
        ("currency,valid_from,mean,close\nUSD,2026-01-01,1,1\n", "missing-column", 1),
        ("currency,day,month,mean,close\nUSD,2026-01-01,2026-01-01,1,1\n", "wrong-argument", 1),
        ("currency,month,mean,mean,close\nUSD,2026-01-01,1,1,1\n", "duplicate-name", 1),
        ("currency,month,mean,close\nUSD,2026-01-01,1\n", "wrong-argument", 2),
        ("currency,month,mean,close\nUSD,2026-01-01,1,1\nUSX,2026-01-01,1,1\n", "unknown-name", 3),
        ("currency,month,mean,close\n,2026-01-01,1,1\n", "unknown-name", 2),
        ("currency,month,mean,close\nUSD,2026-01-02,1,1\n", "wrong-argument", 2),
        ("currency,month,mean,close\nUSD,January,1,1\n", "wrong-type", 2),
        ("currency,month,mean,close\nUSD,,1,1\n", "wrong-type", 2),
        ("currency,month,mean,close\nUSD,2026-01-01,0,1\n", "wrong-argument", 2),
        ("currency,month,mean,close\nUSD,2026-01-01,-0.9,1\n", "wrong-argument", 2),
        ("currency,month,mean,close\nUSD,2026-01-01,nan,1\n", "wrong-type", 2),
        ("currency,month,mean,close\nUSD,2026-01-01,\"0,9\",1\n", "wrong-type", 2),
        ("currency,month,mean,close\nEUR,2026-01-01,1.01,1\n", "wrong-argument", 2),
        ("currency,month,mean,close\nUSD,2026-01-01,1,1\nUSD,2026-02-01,1,1\nUSD,2026-01-01,2,2\n", "duplicate-name", 4),
        ("currency,valid_from,valid_to,mean,close\nUSD,2026-01-01,2026-03-01,1,1\nUSD,2026-02-01,,1,1\n", "duplicate-name", 3),
        ("currency,valid_from,valid_to,mean,close\nUSD,2026-03-01,2026-03-01,1,1\n", "wrong-argument", 2),
        ("currency,valid_from,valid_to,mean,close\nUSD,,,1,1\nUSD,2026-02-01,,1,1\n", "duplicate-name", 3),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_is_told_where_it_is(tmp_path: Path, rates: str | None, code: str, line: int | None) -> None:
    model = read(tmp_path, rates)
    [finding] = errors(model)
    assert finding.code == code
    assert finding.place is not None
    assert line is None or (finding.place.file, finding.place.line) == ("rates.csv", line)
    assert "metric euros" in model.broken and "metric dollars" not in model.broken


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ({"fx": FX.replace("to: EUR", "to: EURO")}, "unknown-name"),
        ({"fx": "{file: rates.csv, from: currency, to: EUR}"}, "missing-key"),
        ({"term": TERM.replace("group_eur", "group_usd")}, "unknown-name"),
        ({"term": TERM.replace("average", "transaction")}, "unknown-name"),
        ({"term": TERM.replace("average", "closing")}, "wrong-rate"),
        ({"dollars": "unit: USD, over_time: last, measure: sum(amount)"}, "wrong-rate"),
        ({"term": "{from: pieces, convert: {fx: group_eur, rate: average}}"}, "mixed-units"),
        ({"dollars": "unit: EUR, measure: sum(value)"}, "mixed-units"),
        ({"dollars": "unit: GBP, measure: sum(value)"}, "missing-rate"),
        ({"dollars": "unit: USD, measure: sum(value) / sum(fee) * sum(amount)"}, "mixed-units"),
        ({"dollars": "unit: USD, measure: sum(value) + 100"}, "mixed-units"),
        ({"dollars": "unit: USD, source: loose, measure: sum(amount)"}, "needs-period"),
        ({"dollars": "unit: USD, clock: paid_in, measure: sum(amount)", "rates": GOOD.replace("month", "day")}, "finer-than-grain"),
        ({"dollars": "unit: {column: currency}, measure: sum(value)", "term": "dollars"}, "mixed-units"),
        ({"dollars": "unit: {column: currency}, measure: sum(amount)"}, "mixed-units"),
    ],
)  # fmt: skip
def test_what_cannot_be_converted_is_refused(tmp_path: Path, keys: dict[str, str], code: str) -> None:
    assert code in [finding.code for finding in errors(read(tmp_path, **keys))]


@pytest.mark.parametrize(
    "dollars",
    [
        "unit: USD, measure: sum(value)",  # the only part, so the one that is money
        "unit: USD/piece, measure: sum(value) / sum(pieces)",
        "unit: USD, measure: sum(value - fee) / 2",
        "unit: USD, measure: sum(amount) - sum(fee)",
        "unit: {column: currency}, measure: sum(value)",
        "unit: USD, clock: paid_in, measure: sum(amount)",
    ],
)
def test_what_is_money_is_told_from_what_is_not(tmp_path: Path, dollars: str) -> None:
    model = read(tmp_path, dollars=dollars)
    assert [finding.code for finding in errors(model)] == (["mixed-units"] if "piece" in dollars else [])  # declared in EUR


def meaning(folder: Path, **keys: str) -> str:
    folder.mkdir()
    return read(folder, **keys).metrics["euros"].meaning


def test_other_rates_are_another_meaning_and_another_spelling_of_them_is_not(tmp_path: Path) -> None:
    first = meaning(tmp_path / "a")
    same = "close,month,currency,mean\n,2026-02-01,USD,0.920\n0.910,2026-01-01,USD,0.9\n"
    assert meaning(tmp_path / "b", rates=same) == first
    assert meaning(tmp_path / "c", rates=GOOD.replace("0.92", "0.93")) != first
    assert meaning(tmp_path / "d", rates=GOOD.replace("month", "day")) != first
    assert meaning(tmp_path / "e", rates=GOOD + "GBP,2026-01-01,1.1,1.1\n") != first
    assert meaning(tmp_path / "f", dollars="unit: USD, measure: sum(amount), nulls: skip") != first


def test_the_column_of_units_is_part_of_the_meaning(tmp_path: Path) -> None:
    column = "unit: {column: currency}, measure: sum(value)"
    first = meaning(tmp_path / "a", dollars=column)
    assert meaning(tmp_path / "b", dollars="unit: USD, measure: sum(value)") != first
    assert meaning(tmp_path / "c", dollars=column) == first
