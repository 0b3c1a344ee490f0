"""A project written by a test, and what reading it says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from decisionlayer.declare import Book
from decisionlayer.load import load_project

PROJECT = "project: {name: bakery, timezone: Europe/Berlin}\n"


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Book]:
    """Return what writes files (path → text or bytes) and reads them as a project; a `project:` comes along."""

    def write(files: dict[str, str | bytes], *, project: str = PROJECT) -> Book:
        for name, text in {"definitions/project.yml": project, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_project(tmp_path)

    return write


@pytest.fixture
def said(written: Callable[..., Book]) -> Callable[[str | bytes], str]:
    """Return what reads one file, metrics/a.yml, and renders every finding."""

    def read(text: str | bytes) -> str:
        return "\n".join(finding.render() for finding in written({"metrics/a.yml": text}).findings)

    return read
