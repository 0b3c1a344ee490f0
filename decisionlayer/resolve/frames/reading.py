"""The frames of a book, each by its body; what this version does not read yet says so."""

from __future__ import annotations

from decisionlayer.declare import Book, Frame
from decisionlayer.resolve.about import About
from decisionlayer.resolve.collect import Collector


def resolve_frames(book: Book, collector: Collector) -> None:
    """Check every frame of ``book``; ``not-built`` for a body that nothing reads yet."""
    for entry in book.of("frame"):
        item = entry.item
        if not isinstance(item, Frame):
            continue
        about = About(entry)
        body = next(key for key in ("calendar", "hierarchy", "fx") if getattr(item, key) is not None)
        if body == "hierarchy":  # reporting lines are read once sources are
            continue
        about.say("not-built", f"{about.title} is a {body}, which this version does not read yet", body, help="take it out")
        collector.take(about.findings)
