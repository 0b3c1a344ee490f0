"""Another state of a project: a folder, or what git kept of this one under a revision."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding

Read = TypeVar("Read")


def read_state(root: str | Path, named: str, read: Callable[[Path], Read]) -> Read:
    """Return what ``read`` makes of a folder, or of the project in ``root`` as git kept it under a revision.

    A folder goes first; write ``refs/heads/NAME`` for a branch that is called like one. Raises QueryError (``unknown-name``) for what is
    neither, (``bad-question``) where there is no git, no repository, or nothing of the project at that revision.
    """
    folder = Path(named)
    if named and folder.is_dir():
        return read(folder)
    if not named or named.startswith("-"):
        raise _refused("unknown-name", named, f"`{named}` is no folder and no revision", "name a folder, a branch, a tag or a commit")
    top = Path(ask_git(Path(root), named, "rev-parse", "--show-toplevel").decode().strip())
    try:
        commit = ask_git(top, named, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{named}^{{commit}}").decode().strip()
    except QueryError:
        known = ask_git(top, named, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags").decode().split()
        from decisionlayer.names import did_you_mean

        raise _refused(
            "unknown-name", named, f"there is no folder `{named}`, and git knows no revision of that name",
            did_you_mean(named, ["HEAD", *known]),
        ) from None
    below = Path(root).resolve().relative_to(top.resolve()).as_posix()
    tree = commit if below == "." else f"{commit}:{below}"
    try:
        packed = ask_git(top, named, "archive", "--format=tar", tree)
    except QueryError:
        raise _refused(
            "bad-question", named, f"`{named}` has nothing in {below}, where the project is", "name a revision in which it is there",
        ) from None  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="decisionlayer-") as room:
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(room, filter="data")
        return read(Path(room))


def ask_git(root: Path, named: str, *arguments: str) -> bytes:
    """Return what git says in a folder. Raises QueryError (``bad-question``), in which ``named`` is the revision that was asked for."""
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False)
    except OSError:
        raise _refused("bad-question", named, "git is not installed, so only folders can be compared", "name a folder") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        if any("not a git repository" in line for line in said):
            raise _refused(
                "bad-question", named, f"`{named}` is no folder, and the project is in no git repository",
                "name a folder with another state of the project, or keep the project in git",
            )  # fmt: skip
        told = said[-1] if said else "it said nothing"
        raise _refused("bad-question", named, f"git cannot show `{named}`: {told}", "name another revision")
    return done.stdout


def _refused(code: str, named: str, message: str, help: str) -> QueryError:
    return QueryError(Finding(code, f"revision {named}", message, help=help))
