"""Random sales in random currencies by random tables of rates: DuckDB and the reference give the same, or both find no rate."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import duckdb
import pytest

from decisionlayer import DecisionLayerError
from decisionlayer.layer import Layer
from tests.reference.answer import answer_of
from tests.reference.same import same_rows
from tests.reference.walks import Unanswerable
from tests.worlds import rows_of

CURRENCIES = ("USD", "GBP", "EUR", "JPY", None)
FIRST = dt.date(2026, 1, 1)
METRICS = ("sales_eur", "dollars_eur", "mean_eur", "greatest_eur", "per_piece_eur", "owed_eur", "owed_first_eur", "before_eur")


def rates(draw: random.Random) -> str:
    """Return a table of rates, by day, by month or by stretches, from which a line lacks now and then."""
    each = draw.choice(("day", "month", "span"))
    lines = ["code,valid_from,valid_to,mean,close" if each == "span" else f"code,{each},mean,close"]
    for currency in ("USD", "GBP", "JPY"):
        starts = [FIRST + dt.timedelta(days=at) for at in range(60)] if each == "day" else [FIRST, dt.date(2026, 2, 1), dt.date(2026, 3, 1)]
        if each == "span":
            starts = sorted(draw.sample([FIRST + dt.timedelta(days=at) for at in range(60)], 3))
        for place, start in enumerate(starts):
            if draw.random() < 0.03:
                continue
            cells = [f"{draw.randint(1, 300) / 100:.2f}" if draw.random() > 0.02 else "" for _ in range(2)]
            ends = [str(starts[place + 1]) if place + 1 < len(starts) else ""] if each == "span" else []
            begins = "" if each == "span" and place == 0 and draw.random() < 0.8 else str(start)
            lines.append(",".join([currency, begins, *ends, *cells]))
    return "\n".join(lines) + "\n"


def project(folder: Path, draw: random.Random) -> None:
    for name in ("definitions", "metrics"):
        (folder / name).mkdir()
    (folder / "rates.csv").write_text(rates(draw), encoding="utf-8")
    zone = draw.choice(("UTC", "America/New_York", "Asia/Tokyo"))
    (folder / "definitions/p.yml").write_text(
        f"project: {{name: p, timezone: {zone}, week_start: monday}}\n"
        "parties: [{party: desk, kind: team, name: Desk}]\n"
        "units: [{unit: piece}]\n"
        "frames: [{frame: eur, owner: desk, fx: {file: rates.csv, from: code, to: EUR, rates: {average: mean, closing: close}}}]\n"
        "sources:\n"
        "  - {source: sales, one_row_is: one sale, table: sales, key: [id], time: {rung: second}, dimensions: [shop, currency], owner: desk,\n"
        "     columns: {id: integer, rung: instant, shop: text, currency: text, amount: 'decimal(12,2)', pieces: {type: integer, unit: piece}}}\n"
        "  - {source: owed, one_row_is: one shop on one day, table: owed, key: [day, shop], time: {day: day}, snapshot: true,\n"
        "     dimensions: [shop, currency], columns: {day: date, shop: text, currency: text, amount: 'decimal(12,2)'}, owner: desk}\n"
    )
    own = "unit: {column: currency}"
    bodies = {
        "sales": (own, "sum(amount)"), "mean": (own, "avg(amount)"), "greatest": (own, "max(amount)"),
        "dollars": ("unit: USD, where: currency = 'USD'", "sum(amount)"),
        "per_piece": ("unit: USD/piece, population: currency = 'USD'", "sum(amount) / sum(pieces)"),
    }  # fmt: skip
    text = "for_all: {purpose: action, owner: desk, definition: d, better: higher, respond: r}\nmetrics:\n"
    for name, (unit, body) in bodies.items():
        text += f"  - {{metric: {name}, {unit}, source: sales, measure: {body}}}\n"
    text += f"  - {{metric: owed, {own}, source: owed, over_time: last, measure: sum(amount)}}\n"
    text += "---\nfor_all: {purpose: choice, owner: desk, definition: d, better: higher}\nmetrics:\n"
    for name in METRICS:
        of = "owed" if name.startswith("owed") else "sales" if name.startswith("before") else name.removesuffix("_eur")
        along = ", over_time: first" if "first" in name else ""
        kind = "closing" if of == "owed" else "average"
        formula = "\"prior(x, '1 month')\"" if name.startswith("before") else "x"
        text += (
            f"  - metric: {name}\n    unit: {'EUR/piece' if of == 'per_piece' else 'EUR'}\n    formula: {formula}\n"
            f"    translation: {{owner: desk, why: w, loses: l, terms: {{x: {{from: {of}{along}, convert: {{fx: eur, rate: {kind}}}}}}}}}\n"
        )
    (folder / "metrics/m.yml").write_text(text)


def fill(warehouse: duckdb.DuckDBPyConnection, draw: random.Random) -> None:
    warehouse.execute("create table sales (id integer, rung timestamptz, shop varchar, currency varchar, amount decimal(12,2), pieces integer)")
    warehouse.execute("create table owed (day date, shop varchar, currency varchar, amount decimal(12,2))")

    def money() -> float | None:
        return None if draw.random() < 0.1 else draw.randint(-500, 5000) / 100

    for id in range(draw.randint(0, 14)):
        at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=draw.randint(0, 60 * 24 * 60 - 1))
        currency = draw.choices(CURRENCIES, (8, 3, 4, 2, 0.4))[0]
        warehouse.execute("insert into sales values (?, ?, ?, ?, ?, ?)", [id, at, draw.choice("NS"), currency, money(), draw.randint(1, 5)])
    for at in draw.sample(range(60), draw.randint(0, 4)):
        for shop in "NS":
            if draw.random() < 0.8:
                row = [FIRST + dt.timedelta(days=at), shop, draw.choice(("USD", "EUR")), money()]
                warehouse.execute("insert into owed values (?, ?, ?, ?)", row)


@pytest.mark.parametrize("seed", range(16))
def test_both_give_the_same_or_find_no_rate(seed: int, tmp_path: Path) -> None:
    draw = random.Random(f"money {seed}")
    project(tmp_path, draw)
    with duckdb.connect() as warehouse:
        warehouse.execute(f"set timezone = '{draw.choice(('Pacific/Honolulu', 'Asia/Tokyo'))}'")
        fill(warehouse, draw)
        layer = Layer.load(tmp_path, warehouse=warehouse)
        assert [finding.render() for finding in layer.check() if finding.is_error] == []
        tables = rows_of(layer.model, warehouse)
        for _ in range(6):
            metrics = draw.sample(METRICS, draw.randint(1, 3))
            by = draw.choice((["month"], ["day"], ["shop"], ["currency"], ["month", "shop"], []))
            ask: dict[str, object] = {"metrics": metrics, "by": ["month"] if "before_eur" in metrics else by}
            if draw.random() < 0.5:
                ask |= {"start": "2026-01", "end": draw.choice(("2026-01", "2026-02"))}
            try:
                expected = answer_of(layer.model, tables, **dict(ask))[1]
            except Unanswerable as why:
                expected, lacks = None, "no rate" in str(why)
                assert lacks, why
            try:
                found = layer.query(**ask).rows()
            except DecisionLayerError as refused:
                assert refused.codes == ("missing-rate",), refused
                found = None
            if found is None and "before_eur" in metrics:  # it may read a month that makes no cell, and refuse it
                continue
            assert (found is None) == (expected is None), (ask, found, expected)
            assert found is None or expected is None or same_rows(found, expected), f"\n{ask}\nfound    {found}\nexpected {expected}"
