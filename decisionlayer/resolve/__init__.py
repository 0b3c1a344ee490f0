"""ROOM resolve: what is declared becomes one model. Names settled, expressions read, units, grain and purposes checked.

In: a ``Book``. Out: a ``Model``, with everything that is wrong in it as findings; nothing raises for what people wrote, and
a broken thing silences only what stands on it. Start reading at ``steps.py``, which names the steps; ``model.py`` has the
values, ``language/`` is the one grammar, and every other folder says in its first line what it is for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from decisionlayer.declare import Book
    from decisionlayer.resolve.model import Model

__all__ = ["resolve"]


def resolve(book: Book, today: dt.date | None = None) -> Model:
    """Return the model of everything that ``book`` declares; ``today`` decides who is still a party."""
    # The corridor imports every room's worth of code; whoever only needs a type from here does not pay for it.
    from decisionlayer.resolve.steps import resolve as resolve_book

    return resolve_book(book, today)
