"""Choosing among what there is, for everything random here: an index into a list, which shrinks towards the list's first item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

Item = TypeVar("Item")

#: One strategy for every choice. A strategy for each list would be checked anew at each draw, which takes most of the time.
_INDEX = st.integers(0, 719)


class Choice:
    """Draws from lists; the first item of a list is the plainest one."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def of(self, *items: Item) -> Item:
        """Return one of the items."""
        return items[self.draw(_INDEX) % len(items)]

    def among(self, items: Sequence[Item]) -> Item:
        """Return one of a list that is not empty."""
        return items[self.draw(_INDEX) % len(items)]

    def several(self, items: Sequence[Item], *sizes: int) -> list[Item]:
        """Return as many different items as one of the sizes says, or all when there are fewer."""
        left = list(items)
        return [left.pop(self.draw(_INDEX) % len(left)) for _ in range(min(self.of(*sizes), len(left)))]
