"""Where words go: results to stdout, talk to stderr; plain when piped."""

from __future__ import annotations

import io
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

#: After so many seconds of silence a reader is told what is going on.
PATIENCE = 2.0


def out(text: str) -> None:
    """Print to stdout, with one newline at the end."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def say(text: str) -> None:
    """Print to stderr, after what stdout holds."""
    sys.stdout.flush()
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def width() -> int:
    """Return how wide a table may be: the terminal's width, 100 when there is none."""
    return shutil.get_terminal_size((100, 40)).columns


def wants_colour() -> bool:
    """Say whether stdout is a terminal that wants colour."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def encode_whatever_comes() -> None:
    """Have both streams write every character: as UTF-8 into files and pipes, with ``?`` on a terminal that lacks it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if stream.isatty():
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8", errors="surrogateescape")


@contextmanager
def patiently(doing: str) -> Iterator[None]:
    """Say on stderr what takes so long, once it does: a line that counts the seconds on a terminal, one line elsewhere."""
    done = threading.Event()
    watcher = threading.Thread(target=_tell, args=(doing, done), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _tell(doing: str, done: threading.Event) -> None:
    began = time.monotonic()
    if done.wait(PATIENCE):
        return
    if not sys.stderr.isatty():
        sys.stderr.write(f"still {doing} …\n")
        return
    while True:
        sys.stderr.write(f"\r{doing} … {time.monotonic() - began:.0f} s")
        sys.stderr.flush()
        if done.wait(1.0):
            break
    sys.stderr.write("\r\033[K")
    sys.stderr.flush()
