"""The files of a project: every YAML file under ``definitions/`` and ``metrics/``, in one order on every machine."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Final

from decisionlayer.findings import Finding, Place
from decisionlayer.frozen import dataclass

FOLDERS: Final = ("definitions", "metrics")
ENDINGS: Final = (".yml", ".yaml")
#: Written by commands and read by those who check signatures; no declarations.
RECORDS: Final = "definitions/records"


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """A file: its name as the user knows it, from the project's folder with forward slashes, and what stands in it."""

    name: str
    raw: bytes


def read_files(root: Path) -> tuple[tuple[ProjectFile, ...], tuple[Finding, ...]]:
    """Return the project's files, definitions first, by name; and what could not be read, as ``unreadable`` findings.

    Links to folders are followed once each, so that a loop of links ends. Hidden files and folders are left alone.
    """
    wrong = _no_project(root)
    if wrong is not None:
        return (), (wrong,)
    files: list[ProjectFile] = []
    findings: list[Finding] = []
    for folder in FOLDERS:
        if (root / folder).exists():
            _collect(root / folder, folder, files, findings, set())
    return tuple(files), tuple(findings)


def _no_project(root: Path) -> Finding | None:
    if root.is_dir():
        if any((root / folder).is_dir() for folder in FOLDERS):
            return None
        message = f"`{root}` holds no project: it has neither a definitions nor a metrics folder"
        return Finding("unreadable", "project", message, Place(str(root)), help="`decisionlayer init` writes one")
    if root.exists():
        message = f"`{root}` is a file; a project is the folder that holds definitions and metrics"
        return Finding("unreadable", "project", message, Place(str(root)), help="name the folder")
    return Finding("unreadable", "project", f"there is no folder `{root}`", Place(str(root)), help="check the path")


def _collect(
    folder: Path, name: str, files: list[ProjectFile], findings: list[Finding], seen: set[tuple[int, int]]
) -> None:
    try:
        status = folder.stat()
        if (status.st_dev, status.st_ino) in seen:
            return
        seen.add((status.st_dev, status.st_ino))
        inside = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as wrong:
        findings.append(_cannot_read(name, wrong))
        return
    for path in inside:
        inner = f"{name}/{path.name}"
        if path.name.startswith(".") or inner == RECORDS:
            continue
        if path.is_dir():
            _collect(path, inner, files, findings, seen)
        elif path.suffix.lower() in ENDINGS:
            _read(path, inner, files, findings)


def _read(path: Path, name: str, files: list[ProjectFile], findings: list[Finding]) -> None:
    try:
        # A pipe or a device that is called x.yml would be waited for without end.
        if not stat.S_ISREG(path.stat().st_mode):
            findings.append(Finding("unreadable", f"file {name}", "this is no ordinary file", Place(name)))
            return
        files.append(ProjectFile(name, path.read_bytes()))
    except OSError as wrong:
        findings.append(_cannot_read(name, wrong))


def _cannot_read(name: str, wrong: OSError) -> Finding:
    match wrong:
        case FileNotFoundError():
            told = "this is a link to something that is not there"
        case PermissionError():
            told = "you are not allowed to read this"
        case _:
            told = f"this cannot be read: {(wrong.strerror or str(wrong)).lower()}"
    return Finding("unreadable", f"file {name}", told, Place(name), why="what it declares is missing from the project")
