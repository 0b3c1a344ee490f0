"""A project's folder, its log, and declarations made in Python → one book."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from decisionlayer.declare import KINDS, Book, Declaration, Entry, Origin, Project
from decisionlayer.declare.problems import kind_of
from decisionlayer.findings import Finding, Place
from decisionlayer.frozen import replace
from decisionlayer.load.bodies import incomplete
from decisionlayer.load.files import RECORDS, read_files
from decisionlayer.load.harvest import Harvest
from decisionlayer.load.items import read_document
from decisionlayer.load.yamldoc import read_yaml
from decisionlayer.sweeping import nothing_to_sweep

_KINDS: Final[dict[type[Declaration], str]] = {model: kind for kind, model in KINDS.values()} | {Project: "project"}


def load_project(path: str | os.PathLike[str], declarations: Iterable[Declaration] = ()) -> Book:
    """Return everything that a project declares, in its files and in ``declarations``, and all that is wrong with it.

    Nothing is raised for what people wrote: a missing folder, a file that cannot be read or a wrong key is a finding of the
    book, and all come at once. Python files of the project are not run.
    """
    with nothing_to_sweep():
        return _load(Path(path), declarations)


def _load(root: Path, declarations: Iterable[Declaration]) -> Book:
    harvest = Harvest()
    files, unreadable = read_files(root)
    harvest.findings += unreadable
    for file in files:
        reading = read_yaml(file.raw)
        for document in reading.documents:
            read_document(document, file.name, reading.text, harvest)
    for position, declared in enumerate(declarations):
        _add(declared, position, root, harvest)
    if not unreadable and not harvest.mentions_project:
        told = "no file says what the project is called and in which time zone its days begin"
        fix = "add `project: {name: NAME, timezone: Europe/Berlin, week_start: monday}`"
        harvest.find(Finding("missing-key", "project", told, Place("definitions/project.yml"), help=fix))
    book = harvest.book(str(root))
    if not (root / RECORDS).is_dir():
        return book
    from decisionlayer.load.records import read_log  # nine models, which a project without a record does not pay for

    log = read_log(root)
    return replace(book, records=log.records, log_findings=log.findings)


def _add(declared: object, position: int, root: Path, harvest: Harvest) -> None:
    """Add a declaration made in Python; its place is the line that made it."""
    kind = _KINDS.get(type(declared)) if isinstance(declared, Declaration) else None
    if kind is None or not isinstance(declared, Declaration):
        given = f"a {type(declared).__name__}" if isinstance(declared, Declaration) else kind_of(declared)
        told = f"item {position + 1} of `declarations` is {given}, not a declaration that stands by itself"
        fix = "give declare.Metric(…), declare.Source(…) and the like"
        harvest.find(Finding("wrong-type", "declarations", told, Place("<python>"), help=fix))
        return
    harvest.mentions_project |= kind == "project"
    name = str(getattr(declared, "name" if kind == "project" else kind))
    file, line = getattr(declared, "written_at", ("<python>", 1))
    place = Place(_as_known(file, root), line)
    harvest.declare(kind, name, place)
    found = [Finding(f.code, f"{kind} {name}", f.message, place, help=f.help) for f in incomplete(declared)]
    harvest.findings += found
    if found:
        harvest.unread.append((kind, name))
    else:
        origin = Origin(place.file, {(): (place.line, place.column)})
        harvest.entries.append(Entry(kind, name, declared, origin))


def _as_known(file: str, root: Path) -> str:
    """Return a Python file's name from the project's folder or from where one stands, whichever holds it."""
    for folder in (root.resolve(), Path.cwd()):
        try:
            return Path(file).resolve().relative_to(folder).as_posix()
        except ValueError:
            continue
    return file
