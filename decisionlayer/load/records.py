"""The log of a project: one file a record under ``definitions/records``, read and held against what it must be.

::

    definitions/records/sign/2026-07-01-9c0e41d2aa07b613.yml     a record: its folder, day and hash are those of its content
    definitions/records/heads/9c0e41d2aa07b613                   a head: the file of a record that none follows yet

A record follows heads, so none but the last can vanish without leaving a gap; the heads are listed so that these cannot
either. Two branches each take the old head away and add their own, which merges without a conflict.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import time
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, cast

from pydantic import ValidationError

from decisionlayer.declare import Entry, Origin
from decisionlayer.declare.problems import faults
from decisionlayer.declare.records import RECORDS, Record, record_file, record_hash, said_by
from decisionlayer.findings import Finding, Place
from decisionlayer.frozen import dataclass
from decisionlayer.load.files import RECORDS as FOLDER
from decisionlayer.load.spell import in_braces, text
from decisionlayer.load.yamldoc import read_yaml

#: The folder of the heads, beside those of the kinds.
HEADS: Final = "heads"
_NAME: Final = re.compile(r"(?P<kind>[a-z_]+)/(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})-(?P<hash>[0-9a-f]{16})\.yml\Z")

_WHY: Final = "nothing of a log that was changed can be relied on, so nothing is official until it is mended"
_RESTORE: Final = "take the file back from version control; to say something else, write a new record"


@dataclass(frozen=True, slots=True)
class ReadLog:
    """The records that are what they were when they were written, by hash, and everything that is wrong with the log."""

    records: tuple[Entry, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_log(root: Path, *, patience: float = 0.05) -> ReadLog:
    """Return the log of the project in ``root``; ``log-broken`` for each record that was changed, moved or taken away.

    Somebody may be writing, and a head is listed a moment before its record stands: what is wrong is looked at again for
    ``patience`` seconds.
    """
    folder = root / FOLDER
    until = time.monotonic() + patience
    while True:
        found = _read_once(folder)
        if not found.findings or time.monotonic() >= until:
            return found
        time.sleep(0.005)


def render(record: Record) -> str:
    """Return a record as its file must say it.

    >>> from decisionlayer.declare.records import Close
    >>> import datetime
    >>> print(render(Close(close="F1", by="alpha_desk", dated=datetime.date(2026, 10, 12), after=("2f01bb",))), end="")
    close: F1
    by: alpha_desk
    dated: 2026-10-12
    after: ['2f01bb']
    """
    return "".join(f"{key}: {_value(value, text)}\n" for key, value in said_by(record).items())


def as_record(data: object) -> Record:
    """Return the record that keys and values are. Raises KeyError for a first key that no record has, ValidationError."""
    model = _model(data)
    return cast(Record, model.model_validate(data, by_alias=True, by_name=False))


def _model(data: object) -> Any:
    kinds = [RECORDS[key] for key in data if key in RECORDS] if isinstance(data, Mapping) else []
    if not kinds:
        raise KeyError("no record")
    return kinds[0]


def _value(value: Any, spell: Any) -> str:
    match value:
        case str():
            return str(spell(value))
        case Decimal():
            return format(value.normalize(), "f")
        case dt.date():
            return value.isoformat()
        case dict():
            return "{" + ", ".join(f"{in_braces(key)}: {_value(one, in_braces)}" for key, one in value.items()) + "}"
        case _:
            return "[" + ", ".join(_value(one, in_braces) for one in value) + "]"


def _read_once(folder: Path) -> ReadLog:
    records: list[Entry] = []
    findings: list[Finding] = []
    seen: dict[str, str] = {}
    for name in sorted(_files(folder)):
        at = _NAME.match(name)
        if at is None or at["kind"] not in RECORDS:
            findings.append(_broken(name, f"`{name}` is no file of the log", "take it out of the folder of records"))
            continue
        seen.setdefault(at["hash"], name)
        read = _read(folder, name, at["hash"])
        if isinstance(read, Finding):
            findings.append(read)
        else:
            records.append(Entry(at["kind"], at["hash"], read, Origin(f"{FOLDER}/{name}")))
    # Whom a record follows that cannot be read nobody knows; then the ends of the log cannot be told either.
    legible = len(records) == len(seen)
    findings += _gaps(records, seen)
    findings += _heads(folder, records, seen, legible=legible)
    return ReadLog(tuple(records), tuple(findings))


def _files(folder: Path) -> Iterator[str]:
    """Yield every file below the folder of records but the heads and what is hidden, with forward slashes."""
    for where, inside, files in os.walk(folder):
        here = Path(where).relative_to(folder)
        inside[:] = [one for one in inside if not one.startswith(".") and (here / one).as_posix() != HEADS]
        yield from ((here / name).as_posix() for name in files if not name.startswith("."))


def _read(folder: Path, name: str, named: str) -> Record | Finding:
    """Return the record in a file, or what is wrong with it."""
    try:
        raw = (folder / name).read_bytes()
    except OSError as wrong:
        return _broken(name, f"the record `{name}` cannot be read: {(wrong.strerror or str(wrong)).lower()}", _RESTORE)
    reading = read_yaml(raw)
    problems = [problem.message for document in reading.documents for problem in document.problems]
    if problems or len(reading.documents) != 1:
        return _broken(name, f"the record `{name}` cannot be read{f': {problems[0]}' if problems else ''}", _RESTORE)
    data = reading.documents[0].data
    try:
        record = as_record(data)
    except KeyError:
        return _broken(name, f"the record `{name}` is of no kind that there is", _RESTORE)
    except ValidationError as wrong:
        told = faults(_model(data), data, wrong)[0].message
        return _broken(name, f"the record `{name}` cannot be read: {told}", _RESTORE)
    if record_hash(record) != named or reading.text.replace("\r\n", "\n") != render(record):
        return _broken(name, f"the record `{name}` was edited after it was written", _RESTORE)
    if record_file(record) != name:
        return _broken(name, f"the record `{record_file(record)}` was renamed to `{name}`", "give it its own name back")
    return record


def _gaps(records: list[Entry], seen: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a finding for each record that another one follows and that is not there."""
    gone: dict[str, str] = {}
    for entry in records:
        for before in _after(entry):
            if before not in seen:
                gone.setdefault(before, entry.origin.file.removeprefix(f"{FOLDER}/"))
    for before, follower in gone.items():
        yield _broken(follower, f"the record {before}, which `{follower}` follows, is not there", _RESTORE)


def _heads(folder: Path, records: list[Entry], seen: Mapping[str, str], *, legible: bool) -> Iterator[Finding]:
    """Yield a finding for each head that is listed and not there, or there and not listed. One too many does no harm."""
    listed = listed_heads(folder)
    for head, file in listed.items():
        if head not in seen:
            yield _broken(f"{HEADS}/{head}", f"the record `{file}`, a head of the log, is not there", _RESTORE)
    followed = {before for entry in records for before in _after(entry)}
    for head, name in seen.items():
        if legible and head not in followed and head not in listed:
            told = f"the record `{name}` ends the log and is not listed as a head: what followed it may be gone"
            yield _broken(name, told, f"take `{FOLDER}/{HEADS}` back from version control")


def listed_heads(folder: Path) -> dict[str, str]:
    """Return the heads that are listed, each with the file of its record."""
    found = {}
    try:
        names = sorted(one.name for one in (folder / HEADS).iterdir() if not one.name.startswith("."))
    except OSError:
        return {}
    for name in names:
        try:
            found[name] = (folder / HEADS / name).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:  # it was followed, and taken away, since the folder was listed
            continue
    return found


def _after(entry: Entry) -> tuple[str, ...]:
    return tuple(getattr(entry.item, "after", ()))


def _broken(name: str, message: str, help: str) -> Finding:
    return Finding("log-broken", f"record {name}", message, Place(f"{FOLDER}/{name}"), why=_WHY, help=help)
