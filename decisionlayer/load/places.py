"""Where the parts of one declaration stand, found when somebody asks: most are never asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from decisionlayer.load.yamldoc import Mark, Path


class Places(Mapping[Path, tuple[int, int]]):
    """Paths within an item → line and column, of values or of keys. Keys shared under ``for_all`` stand there.

    For ``- {metric: late, unit: minute}`` in line 2 the values' places are ``(): (2, 3)``, ``("metric",): (2, 12)`` …
    """

    __slots__ = ("_mark", "_of_keys", "_shared")

    def __init__(self, mark: Mark, shared: Mapping[str | int, Mark], *, of_keys: bool = False) -> None:
        self._mark = mark
        self._shared = shared
        self._of_keys = of_keys

    def __getitem__(self, path: Path) -> tuple[int, int]:
        mark = self._mark
        for step in path:
            inside = mark.parts or {}
            if step in inside:
                mark = inside[step]
            elif mark is self._mark and step in self._shared:
                mark = self._shared[step]
            else:
                raise KeyError(path)
        return (mark.key_line, mark.key_column) if self._of_keys else (mark.line, mark.column)

    def __iter__(self) -> Iterator[Path]:
        yield ()
        own = self._mark.parts or {}
        for step, mark in (*own.items(), *((s, m) for s, m in self._shared.items() if s not in own)):
            yield from _walk((step,), mark)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _walk(path: Path, mark: Mark) -> Iterator[Path]:
    yield path
    for step, part in (mark.parts or {}).items():
        yield from _walk((*path, step), part)
