"""Writing a record: whole or not at all, and never over another one.

A record is written aside and linked to its name, so that nobody reads half of it; its head is listed first, so that at no
moment a record stands that could vanish unseen. Two writers at once each follow the heads that they saw: the log forks there,
and the next record follows both. No lock is taken, so none can be left behind.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from decisionlayer.declare.records import Record, record_file, record_hash
from decisionlayer.errors import DeclarationError
from decisionlayer.findings import Finding, Place
from decisionlayer.load.files import RECORDS as FOLDER
from decisionlayer.load.records import HEADS, ReadLog, read_log, render


def log_heads(log: ReadLog) -> tuple[str, ...]:
    """Return the records that none follows, which the next record follows."""
    followed = {before for entry in log.records for before in getattr(entry.item, "after", ())}
    return tuple(sorted(entry.name for entry in log.records if entry.name not in followed))


def write_record(root: Path, record: Record) -> str:
    """Write a record into the log of the project in ``root`` and return its file, from the project's folder.

    It follows the heads that stand when it is written, whatever its ``after`` says. A record that says the same after the same
    heads is the same record, and stands already. Raises DeclarationError for a log that is broken, or a folder that cannot
    be written.
    """
    log = read_log(root, patience=2)
    if log.findings:
        raise DeclarationError(log.findings)
    record = record.model_copy(update={"after": log_heads(log)})
    folder, name = root / FOLDER, record_file(record)
    heads = folder / HEADS
    try:
        for inner in (folder / name.partition("/")[0], heads):
            inner.mkdir(parents=True, exist_ok=True)
        with _aside(folder / name, render(record)) as whole, _aside(heads / record_hash(record), f"{name}\n") as head:
            _link(head, heads / record_hash(record))
            _link(whole, folder / name)
        for former in record.after:
            (heads / former).unlink(missing_ok=True)
    except OSError as wrong:
        told = f"the record cannot be written: {(wrong.strerror or str(wrong)).lower()}"
        raise DeclarationError(Finding("unreadable", "records", told, Place(f"{FOLDER}/{name}"), help="look at the folder")) from wrong
    return f"{FOLDER}/{name}"


@contextmanager
def _aside(path: Path, content: str) -> Iterator[Path]:
    """Hold the content that ``path`` shall have in a hidden file beside it."""
    aside = path.with_name(f".{secrets.token_hex(8)}")
    try:
        with aside.open("x", encoding="utf-8", newline="\n") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield aside
    finally:
        aside.unlink(missing_ok=True)


def _link(aside: Path, path: Path) -> None:
    """Give a file its name, unless one of that name stands: then it says the same already."""
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without links: still nobody's file is written over
        if not path.exists():
            aside.rename(path)
