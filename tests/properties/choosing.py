"""Choosing among what there is, for everything random here: an index into a list, which shrinks towards the list's first item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

Item = TypeVar("Item")

#: Many choices are drawn at once, two bytes for each. A draw for every single one would take as long as the engine's answer.
_BYTES = st.binary(min_size=256, max_size=256)


class Choice:
    """Draws from lists; the first item of a list is the plainest one."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.left: list[int] = []

    def index(self, length: int) -> int:
        if not self.left:
            drawn = self.draw(_BYTES)
            self.left = [int.from_bytes(drawn[at : at + 2]) for at in range(len(drawn) - 2, -1, -2)]
        return self.left.pop() % length

    def of(self, *items: Item) -> Item:
        """Return one of the items."""
        return items[self.index(len(items))]

    def among(self, items: Sequence[Item]) -> Item:
        """Return one of a list that is not empty."""
        return items[self.index(len(items))]

    def several(self, items: Sequence[Item], *sizes: int) -> list[Item]:
        """Return as many different items as one of the sizes says, or all when there are fewer."""
        left = list(items)
        return [left.pop(self.index(len(left))) for _ in range(min(self.of(*sizes), len(left)))]
