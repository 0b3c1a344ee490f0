"""What git kept of a project: its commits, those near the writing of a record first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from decisionlayer.errors import QueryError
from decisionlayer.load.revisions import ask_git


def kept_states(root: str | Path, record: str, most: int) -> Iterator[str]:
    """Yield at most ``most`` commits that touched the project in ``root``, each once; none where git knows nothing of it.

    First the newest, for an edit that is not committed yet, and the one that brought in the record with this hash; then the
    others, the newest first. A shallow clone has fewer.
    """
    project, path = Path(root), f":(glob)**/*-{record}.yml"
    lines: dict[str, None] = {}
    for words in (["-n", "1", "--", "."], ["-n", "1", "--diff-filter=A", "--", path], ["-n", str(most), "--", "."]):
        try:
            lines |= dict.fromkeys(ask_git(project, "HEAD", "log", "--format=%H", *words).decode().split())
        except QueryError:  # no git, no repository, or nothing committed yet
            return
    yield from list(lines)[:most]
