"""The log finds every edit, gap and missing head; two writers lose nothing; two branches merge without a conflict."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import subprocess
from pathlib import Path

import pytest

from decisionlayer.declare import records
from decisionlayer.errors import DeclarationError
from decisionlayer.govern.writing import write_record
from decisionlayer.load import load_project
from decisionlayer.load.records import as_record, read_log, render
from decisionlayer.resolve.log import log_of

DAY = dt.date(2026, 7, 1)
FOLDER = "definitions/records"


def close(name: str, day: dt.date = DAY) -> records.Close:
    return records.Close(close=name, by="desk", dated=day)


def written(root: Path, *names: str) -> list[Path]:
    (root / "definitions").mkdir(exist_ok=True)
    return [root / write_record(root, close(name, DAY + dt.timedelta(days))) for days, name in enumerate(names)]


def told(root: Path) -> list[str]:
    return [finding.message for finding in read_log(root).findings]


def test_a_record_is_read_back_as_it_was_said(tmp_path: Path) -> None:
    (tmp_path / "definitions").mkdir()
    said = as_record({
        "flag": "held_rate", "id": "F1", "where": "team = 'Alpha'", "start": "2026-07", "severity": "blocks",
        "text": "Six: closed by \"it\",\nthe robot # no", "if_upheld": {"held": -6.5, "no": 12}, "by": "desk", "dated": "2026-07-01",
    })  # fmt: skip
    file = write_record(tmp_path, said)
    assert file.startswith(f"{FOLDER}/flag/2026-07-01-")
    log = read_log(tmp_path)
    assert log.findings == ()
    assert [entry.item for entry in log.records] == [said]


def test_each_record_follows_the_heads_that_it_found(tmp_path: Path) -> None:
    written(tmp_path, "A", "B", "C")
    log = log_of(load_project(tmp_path))
    assert [one.close for _, one in log.of(records.Close)] == ["A", "B", "C"]
    hashes = list(log.records)
    assert [one.after for one in log.records.values()] == [(), (hashes[0],), (hashes[1],)]
    assert log.heads == (hashes[2],)
    assert [path.name for path in (tmp_path / FOLDER / "heads").iterdir()] == [hashes[2]]


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_record_that_was_taken_away_is_missed_wherever_it_stood(tmp_path: Path, which: int) -> None:
    files = written(tmp_path, "A", "B", "C")
    files[which].unlink()
    assert [message for message in told(tmp_path) if files[which].stem.split("-")[-1] in message], told(tmp_path)


def test_the_last_record_is_missed_even_when_its_head_goes_with_it(tmp_path: Path) -> None:
    files = written(tmp_path, "A", "B")
    files[1].unlink()
    for head in (tmp_path / FOLDER / "heads").iterdir():
        head.unlink()
    assert any("what followed it may be gone" in message for message in told(tmp_path))


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize(
    ("old", "new"),
    [("by: desk", "by: desk2"), ("by: desk", "by:  desk"), ("by: desk\n", "by: desk # me\n"), ("close: ", "answer: "),
     ("after: ", "until: 2030-01-01\nafter: "), ("\nafter", "\n\nafter"), ("close: A", "close: 'A'"), ("dated: 2026-07-0", "dated: 2025-07-0")],
)  # fmt: skip
def test_every_edit_is_found(tmp_path: Path, which: int, old: str, new: str) -> None:
    files = written(tmp_path, "A", "AA")
    text = files[which].read_text()
    assert old in text
    files[which].write_text(text.replace(old, new, 1))
    assert len(told(tmp_path)) == 1, told(tmp_path)


def test_line_ends_are_no_edit(tmp_path: Path) -> None:
    for file in written(tmp_path, "A", "B"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert told(tmp_path) == []


@pytest.mark.parametrize("to", ["close/2026-07-09-{}.yml", "answer/2026-07-01-{}.yml", "close/x.yml", "2026-07-01-{}.yml"])
def test_a_renamed_record_is_found(tmp_path: Path, to: str) -> None:
    file = written(tmp_path, "A")[0]
    target = tmp_path / FOLDER / to.format(file.stem.split("-")[-1])
    target.parent.mkdir(exist_ok=True)
    file.rename(target)
    assert told(tmp_path) != []


def test_a_record_with_the_hash_of_another_is_found(tmp_path: Path) -> None:
    first, second = written(tmp_path, "A", "B")
    second.write_text(first.read_text())
    assert told(tmp_path) == [f"the record `close/{second.name}` was edited after it was written"]


def test_nothing_is_written_into_a_broken_log(tmp_path: Path) -> None:
    file = written(tmp_path, "A")[0]
    file.write_text(file.read_text() + " ")
    with pytest.raises(DeclarationError, match="was edited"):
        write_record(tmp_path, close("B"))


def _write_many(root: str, writer: int, count: int) -> None:
    for number in range(count):
        write_record(Path(root), close(f"W{writer}N{number}"))


def test_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    (tmp_path / "definitions").mkdir()
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_many, args=(str(tmp_path), writer, 12)) for writer in range(4)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
        assert one.exitcode == 0
    log = read_log(tmp_path)
    assert log.findings == ()
    assert {entry.item.close for entry in log.records} == {f"W{w}N{n}" for w in range(4) for n in range(12)}  # type: ignore[attr-defined]


def _git(root: Path, *words: str) -> str:
    who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com"}
    done = subprocess.run(
        ["git", *words], cwd=root, env={**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_two_branches_merge_without_a_conflict(tmp_path: Path) -> None:
    written(tmp_path, "A")
    _git(tmp_path, "init", "-q", "-b", "main")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "-qm", "one")
    for branch in ("left", "right"):
        _git(tmp_path, "checkout", "-qb", branch, "main")
        write_record(tmp_path, close(f"{branch}1"))
        _git(tmp_path, "add", ".")
        _git(tmp_path, "commit", "-qm", branch)
        write_record(tmp_path, close(f"{branch}2"))
        _git(tmp_path, "add", ".")
        _git(tmp_path, "commit", "-qm", branch)
    _git(tmp_path, "merge", "-q", "--no-edit", "left")
    assert told(tmp_path) == []
    assert len(list((tmp_path / FOLDER / "heads").iterdir())) == 2
    write_record(tmp_path, close("both"))
    log = read_log(tmp_path)
    assert log.findings == ()
    assert {entry.item.close for entry in log.records} == {"A", "left1", "left2", "right1", "right2", "both"}  # type: ignore[attr-defined]
    assert len(list((tmp_path / FOLDER / "heads").iterdir())) == 1


def test_two_branches_that_each_begin_the_log_merge_too(tmp_path: Path) -> None:
    (tmp_path / "definitions").mkdir()
    (tmp_path / "definitions" / "x.yml").write_text("parties: []\n")
    _git(tmp_path, "init", "-q", "-b", "main")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "-qm", "one")
    for branch in ("left", "right"):
        _git(tmp_path, "checkout", "-qb", branch, "main")
        write_record(tmp_path, close(branch))
        _git(tmp_path, "add", ".")
        _git(tmp_path, "commit", "-qm", branch)
    _git(tmp_path, "merge", "-q", "--no-edit", "left")
    assert told(tmp_path) == []
    assert len(read_log(tmp_path).records) == 2


def test_what_is_rendered_is_read_by_any_yaml_reader(tmp_path: Path) -> None:
    import yaml

    record = as_record({"hand_over": ["a", "b"], "to": "no", "by": "desk", "dated": "2026-07-01", "after": ["1234567890123456"]})
    assert yaml.safe_load(render(record)) == {
        "hand_over": ["a", "b"], "to": "no", "by": "desk", "dated": DAY, "after": ["1234567890123456"]
    }  # fmt: skip
