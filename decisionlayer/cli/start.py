"""``init`` and ``import``: a project to begin with, written whole or not at all, never over anything that is there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from decisionlayer.cli.console import out, patiently, say
from decisionlayer.cli.misuse import Misuse

#: What ``import`` reads.
FORMATS = ("metricflow",)


def initialise(folder: str, sources: Sequence[str]) -> None:
    """Write a new project into ``folder``: the commented starter, or a proposal for the data in ``sources``."""
    if not folder.strip() or not all(source.strip() for source in sources):
        raise Misuse("a name is empty", "name the folder to write to; after --from, the data to read")
    target = _folder(folder)
    name = _name(target)
    _place(_proposal(sources, name, target) if sources else _starter(name), folder)


def bring_in(format: str, file: str, folder: str) -> None:
    """Write what another tool's file defines as a project into ``folder``; say what has no counterpart, and what is otherwise."""
    if format not in FORMATS:
        raise Misuse(f"there is no importer for `{format}`", f"there is: {', '.join(FORMATS)}")
    from decisionlayer.exchange.metricflow import project_of

    target = _folder(folder)
    files, told, losses = project_of(file, _name(target))
    _place(files, folder)
    if losses:
        say(f"\nWhat dbt says and the project says otherwise, or not at all ({losses}):\n")
        say(told)


def _folder(folder: str) -> Path:
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise Misuse(f"{folder} is a file; a project is a folder")
    return target


def _place(files: Mapping[str, str], folder: str) -> None:
    """Write a project's files into a folder that holds none yet."""
    target = Path(folder)
    taken = sorted(path for path in files if (target / path).exists())
    if taken:
        raise Misuse(f"{target / taken[0]} is there already", "nothing was written; name another folder")
    stands = next((one for one in (target / "definitions", target / "metrics") if next(_declared(one), None)), None)
    if stands is not None:
        raise Misuse(f"{folder} holds a project already: {stands}", "nothing was written; name another folder")
    _write(files, target)
    for path in sorted(files):
        say(f"wrote {target / path}")
    where = "" if folder == "." else f" --project {folder}"
    out(f"Next: decisionlayer check{where}")


def _declared(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.suffix in (".yml", ".yaml"))


def _write(files: Mapping[str, str], target: Path) -> None:
    """Write all files or none. Raises Misuse when the folder cannot be written."""
    made: list[Path] = []
    try:
        for path, text in files.items():
            file = target / path
            made += reversed([folder for folder in file.parents if not folder.exists()])
            file.parent.mkdir(parents=True, exist_ok=True)
            made.append(file)
            file.write_text(text, encoding="utf-8")
    except OSError as wrong:
        for one in reversed(made):
            with suppress(OSError):
                one.rmdir() if one.is_dir() else one.unlink()
        raise Misuse(f"{target} cannot be written: {(wrong.strerror or str(wrong)).lower()}") from wrong


def _name(folder: Path) -> str:
    found = re.sub(r"[^A-Za-z0-9]+", "_", folder.resolve().name).strip("_").lower()
    return found if found and not found[0].isdigit() else "project"


def _starter(name: str) -> Mapping[str, str]:
    from decisionlayer.load.starter import starter_project

    return starter_project(name)


def _proposal(sources: Sequence[str], name: str, target: Path) -> Mapping[str, str]:
    from decisionlayer.load.propose import propose
    from decisionlayer.run.inspect import inspect, passed_over

    say(f"Reading {', '.join(sources)} …")
    proposed = propose(patiently("reading", lambda: inspect(*sources)), name, folder=target)
    left = [name for source in sources for name in passed_over(source)]
    if left:
        say(f"left out, as neither .parquet nor .csv: {', '.join(left[:5])}{' …' if len(left) > 5 else ''}")
    return proposed
