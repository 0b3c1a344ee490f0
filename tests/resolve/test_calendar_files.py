"""The file of a calendar, read as it stands: every mistake is told where it is, and none is read over."""

from __future__ import annotations

from pathlib import Path

import pytest

from decisionlayer.load import load_project
from decisionlayer.resolve import resolve

PROJECT = """\
project: {name: school, timezone: UTC, week_start: monday}
parties: [{party: planning, kind: team, name: Planning}]
frames: [{frame: school, owner: planning, calendar: {file: terms.csv, grains: {term: term}}}]
"""


def said(folder: Path, terms: bytes) -> list[str]:
    (folder / "definitions").mkdir()
    (folder / "definitions/school.yml").write_text(PROJECT)
    (folder / "terms.csv").write_bytes(terms)
    found = resolve(load_project(folder)).findings
    return [f"{each.code} {each.place.line if each.place else ''} {each.message}" for each in found]


def test_space_and_a_mark_of_its_order_of_bytes_say_nothing(tmp_path: Path) -> None:
    assert said(tmp_path, "\ufeffday , term\n2024-08-31, summer\n\n2024-09-01 ,autumn\n".encode()) == []


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ("day,day,term\n2024-08-31,2024-09-01,a\n", "duplicate-name 1 `terms.csv` has two columns `day`"),
        ("day,term\n2024-08-31,a,b\n", "wrong-argument 2 this line has 3 cells, and the file has 2 columns"),
        ("day,term\n2024-08-31\n", "wrong-argument 2 this line has 1 cell, and the file has 2 columns"),
        ('day,term\n2024-08-31,"a\n', "unreadable 2 this is no CSV file: unexpected end of data"),
        ("day,term\n31.8.2024,a\n", "unreadable 2 frame `school`: '31.8.2024' is no day"),
        ("day,terms\n2024-08-31,a\n", "missing-column 3 `terms.csv` has no column `term`"),
        ("day,term\n", "unreadable 3 `terms.csv` holds no day"),
        ("", "missing-column 3 `terms.csv` has no column `day`"),
    ],
)
def test_a_mistake_in_the_file_is_told_where_it_is(tmp_path: Path, terms: str, told: str) -> None:
    assert said(tmp_path, terms.encode())[0] == told


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    assert said(tmp_path, b"day,term\n2024-08-31,\xff\n") == ["unreadable 3 `terms.csv` is no UTF-8 text"]
