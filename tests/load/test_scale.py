"""What grows with a project grows with its size, not with its square: counted, not timed."""

from __future__ import annotations

from difflib import SequenceMatcher

import pytest

from decisionlayer import names
from decisionlayer.declare import spelling
from decisionlayer.declare.book import Origin
from decisionlayer.resolve.language import parser


def test_a_file_is_cut_into_lines_once_for_all_findings_in_it() -> None:
    text = "".join(f"measure: sum(amuont) + {number}\n" for number in range(500))
    before = spelling._lines.cache_info()
    origin = Origin("metrics/all.yml", {(number,): (number + 1, 10) for number in range(500)}, text=text)
    places = {str(origin.place(number, offset=4)) for number in range(500)}
    assert len(places) == 500
    assert spelling._lines.cache_info().misses == before.misses + 1


def test_a_text_that_many_metrics_say_is_parsed_once() -> None:
    before = parser._parsed.cache_info()
    found = {id(parser.parse_measure("sum(counted_in_test_scale) / count(*)").expr) for _ in range(100)}
    assert len(found) == 1
    assert parser._parsed.cache_info().misses == before.misses + 1


def test_near_names_among_thousands_are_found_by_few_comparisons(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    class Counting(SequenceMatcher):  # type: ignore[type-arg]
        def ratio(self) -> float:
            compared.append(self.b)
            return super().ratio()

    monkeypatch.setattr(names, "SequenceMatcher", Counting)
    many = [f"revenue_of_shop_{number}" for number in range(5_000)]
    assert names.near("revenue_of_shp_777", many)[0] == "revenue_of_shop_777"
    assert len(compared) <= 40
