"""Where words go: results to stdout, talk to stderr; plain when piped."""

from __future__ import annotations

import io
import os
import shutil
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from typing import TypeVar

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


def paragraph(text: str) -> str:
    """Return prose in lines that one can read, no longer than the terminal is wide."""
    return textwrap.fill(text, min(width(), 100), break_long_words=False, break_on_hyphens=False)


def wants_colour() -> bool:
    """Say whether stdout is a terminal that wants colour."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def encode_whatever_comes() -> None:
    """Have both streams write every character: as UTF-8 into files and pipes, with ``?`` on a terminal that lacks it."""
    # Who closed a stream wants nothing of it.
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if stream.isatty():
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8", errors="surrogateescape")


Answer = TypeVar("Answer")


def patiently(doing: str | None, work: Callable[[], Answer]) -> Answer:
    """Do the work and return what it returns; say on stderr what takes so long, once it does.

    On a terminal that is a line that counts the seconds, elsewhere one line; nothing for work that talks itself. The work has a
    thread of its own, so that Ctrl-C is heard whatever a database is busy with; it ends the program there and then, for all
    that writes does so whole or not at all.
    """
    answers: Queue[Callable[[], Answer]] = Queue()
    threading.Thread(target=lambda: answers.put(_outcome(work)), daemon=True).start()
    began = time.monotonic()
    try:
        told = False
        while True:
            with suppress(Empty):
                answer = answers.get(timeout=1.0 if told else PATIENCE)
                break
            if doing is not None:
                _tell(doing, time.monotonic() - began, again=told)
                told = True
    except KeyboardInterrupt:
        os._exit(130)
    if told and sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()
    return answer()


def _outcome(work: Callable[[], Answer]) -> Callable[[], Answer]:
    """Do the work and return a call that returns its result, or raises what it raised."""
    try:
        result = work()
    except BaseException as wrong:
        raised = wrong

        def fail() -> Answer:
            raise raised

        return fail
    return lambda: result


def _tell(doing: str, seconds: float, *, again: bool) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{doing} … {seconds:.0f} s")
    elif not again:
        sys.stderr.write(f"still {doing} …\n")
    sys.stderr.flush()
