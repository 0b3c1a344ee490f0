"""The demo on the real data: what it shows is true, its refusal has four lines, and its last commands work as printed."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from decisionlayer.cli import demo

pytestmark = [pytest.mark.flights, pytest.mark.xdist_group("demo")]

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """Run the demo once, piped, in an empty folder; return the folder and what it wrote to stdout and to stderr."""
    folder = tmp_path_factory.mktemp("demo")
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "decisionlayer", "demo"], cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < 120
    return folder, done.stdout, done.stderr


def test_demo_shows_every_scene_without_colour(shown: tuple[Path, str, str]) -> None:
    _, out, _ = shown
    assert re.findall(r"^(\d)  ", out, re.MULTILINE) == ["1", "2", "3", "4", "5", "6", "7"]
    assert "\033" not in out
    assert max(len(line) for line in out.split("4  Ask")[0].splitlines()) <= 120


def test_slow_work_is_told_to_stderr_alone(shown: tuple[Path, str, str]) -> None:
    _, out, err = shown
    assert "loading the flight data" in err and "flights: 336,776 rows" in err
    assert "loading the flight data" not in out


def test_dirt_of_the_real_data_is_counted(shown: tuple[Path, str, str]) -> None:
    _, out, _ = shown
    words = " ".join(out.split())
    assert "336,776 departures" in words
    assert "50,094 of 336,776 rows of `departures` link by `aircraft` to nothing in `planes`" in words
    assert "and 2,512 have no `aircraft`" in words
    assert "7,602 of 336,776 rows of `departures` link by `destination` to nothing in `airports`" in words


def test_published_views_hold_what_plain_sql_over_the_raw_tables_says(shown: tuple[Path, str, str]) -> None:
    folder, out, _ = shown
    with duckdb.connect(str(folder / ".demo" / demo.WAREHOUSE), read_only=True) as reader:
        ours = reader.execute("select origin__name, kept_promise from executive.station_month where month = date '2013-12-01'").fetchall()
        theirs = reader.execute("""
            select a.name, count(*) filter (where f.dep_delay <= 15) / count(*)
            from flights f left join airports a on a.faa = f.origin
            where date_trunc('month', f.time_hour at time zone 'UTC' at time zone 'America/New_York') = timestamp '2013-12-01'
            group by 1 order by 1
        """).fetchall()
    assert ours == [(name, pytest.approx(share)) for name, share in theirs]
    assert f"{100 * theirs[0][1]:.1f}" in out


def test_walk_leads_from_the_governed_to_the_naive_figure(shown: tuple[Path, str, str]) -> None:
    folder, out, _ = shown
    with duckdb.connect(str(folder / ".demo" / demo.WAREHOUSE), read_only=True) as reader:
        [(governed, of_the_flown)] = reader.execute("""
            select count(*) filter (where dep_delay <= 15) / count(*), count(*) filter (where dep_delay <= 15) / count(dep_delay)
            from flights
            where date_trunc('month', time_hour at time zone 'UTC' at time zone 'America/New_York') = timestamp '2013-02-01'
        """).fetchall()
    walk = out[out.index("Kept promises (kept_promise), 2013-02") :]
    assert re.search(rf"governed +{governed * 100:.2f} %", walk)
    assert re.search(rf"population of on_time_share +\+{(of_the_flown - governed) * 100:.2f} points +{of_the_flown * 100:.2f} %", walk)
    assert "mean of on_time_share" in walk


def test_frontline_average_is_refused_in_exactly_four_lines(shown: tuple[Path, str, str]) -> None:
    _, out, _ = shown
    refusal = out[out.index("error[") : out.index("Nothing was published")].strip().splitlines()
    assert len(refusal) == 4
    assert refusal[0].startswith("error[purpose-mismatch] DL201: view `delay_for_the_board` shows executives `departure_delay`")
    assert refusal[1] == "  --> definitions/board.yml:6:15"
    assert refusal[2].startswith("  why: ")
    assert refusal[3].startswith("  help: ")


def test_what_to_try_next_works_as_printed(shown: tuple[Path, str, str]) -> None:
    folder, out, _ = shown
    commands = [line.strip() for line in out.split("7  Try next")[1].splitlines() if " --warehouse " in line]
    assert len(commands) == 3
    for command in commands:
        done = subprocess.run(shlex.split(command), cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, (command, done.stderr)
        assert done.stdout


def test_second_run_uses_the_loaded_warehouse(shown: tuple[Path, str, str], capsys: pytest.CaptureFixture[str]) -> None:
    folder, _, _ = shown
    told: list[str] = []
    assert demo.run_demo(folder / ".demo", told.append) == 0
    assert not any("loading" in line for line in told)
    assert "published 7 views" in capsys.readouterr().out


def test_sample_that_was_installed_is_copied_for_its_reader_to_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "site-packages" / "decisionlayer"
    for part in ("definitions", "metrics"):
        shutil.copytree(REPOSITORY / part, installed / "_sample" / part)
    (installed / "cli").mkdir()
    monkeypatch.setattr(demo, "__file__", str(installed / "cli" / "demo.py"))
    assert demo.sample_project() == installed / "_sample"
    copy = demo._project(tmp_path / "here")
    assert copy == tmp_path / "here" / "project"
    (copy / "metrics" / "mine.yml").write_text("# mine\n")
    assert demo._project(tmp_path / "here") == copy
    assert (copy / "metrics" / "mine.yml").exists()


def test_source_tree_shows_its_own_project() -> None:
    assert demo.sample_project() == REPOSITORY
