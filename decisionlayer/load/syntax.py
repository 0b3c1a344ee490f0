"""Broken YAML in plain words: what libyaml noticed, said for somebody who never read the YAML specification.

The parser's own messages name its inner rules ("did not find expected key"); ``WORDS`` turns each into what is wrong and
what to type instead. A message that is not in the table is still shown, after "this is not YAML:".
"""

from __future__ import annotations

import re
from typing import Final

import yaml

from decisionlayer.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the text that cannot be read; ``path`` leads to the value that is damaged by it."""

    code: str
    line: int
    column: int
    message: str
    why: str = ""
    help: str = ""
    path: tuple[str | int, ...] = ()


#: Characters that YAML forbids, and those that look like nothing but break a line for some readers and not for others.
_UNSEEN: Final = "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
#: The same for a file of ASCII alone, as most are: the other one takes five milliseconds to prepare.
_UNSEEN_ASCII: Final = "[^\t\n\r\x20-\x7e]"

_QUOTE: Final = "put the whole value in quotes"
_LINE_UP: Final = "line it up with the lines that it belongs to, with spaces"
_NEW_LINE: Final = ("after `|` or `>` the text begins on the next line", "begin a new line")
_BACKSLASH: Final = (
    "inside double quotes a backslash begins a special character, and this is none",
    "use single quotes",
)
_OPEN_QUOTE: Final = (
    "a quote is opened here and never closed",
    "close it; an apostrophe inside single quotes is written twice",
)
_TAG: Final = ("tags (`!word`) are not used here", _QUOTE)

#: What libyaml notices, in its words → what is wrong, and the smallest fix.
WORDS: Final[dict[str, tuple[str, str]]] = {
    "mapping values are not allowed": (
        "a colon does not fit here",
        f"{_QUOTE} if its text holds a colon, or {_LINE_UP}",
    ),
    "sequence entries are not allowed": (
        "a list item does not fit here",
        "begin each `- ` on a line of its own, under its key",
    ),
    "mapping keys are not allowed": ("a `?` does not fit here", _QUOTE),
    "could not find expected ':'": ("this line is no `key: value`", "write a colon and a space after the key"),
    "did not find expected key": (
        "this does not fit what stands before it",
        f"{_LINE_UP}; after a closing quote nothing may follow",
    ),
    "expected '-' indicator": ("this does not fit the list above it", f"begin each item with `- `, or {_LINE_UP}"),
    "expected ',' or ']'": ("a `[` is not closed, or a comma lacks", "write ] at the end, commas between the items"),
    "expected ',' or '}'": ("a `{` is not closed, or a comma lacks", "write } at the end, commas between the pairs"),
    "unexpected end of stream": _OPEN_QUOTE,
    "unexpected document indicator": _OPEN_QUOTE,
    "unknown escape character": _BACKSLASH,
    "expected hexdecimal number": _BACKSLASH,
    "Unicode character escape": _BACKSLASH,
    "expected alphabetic or numeric character": ("a value cannot begin with `&` or `*`", _QUOTE),
    "expected node content": ("a value lacks here", "write a value, or take the comma or bracket away"),
    "expected <document start>": ("this does not belong to what stands above it", f"write `key: value`, or {_LINE_UP}"),
    "undefined tag handle": _TAG,
    "while scanning a tag": _TAG,
    "while parsing a tag": _TAG,
    "while scanning a directive": ("a line cannot begin with `%`", "take it away; the files are read as YAML 1.2"),
    "incompatible YAML document": ("this file asks for another YAML than 1.2", "take the `%YAML` line away"),
    "comment or line break": _NEW_LINE,
    "indentation indicator": _NEW_LINE,
}

#: Those where the thing to be mended is not where libyaml gave up but where it began.
_AT_ITS_BEGINNING: Final = ("could not", "expected ','", "unexpected", "alphabetic", "while")


def syntax_problem(error: yaml.YAMLError, text: str) -> Problem:
    """Return what ``error`` means for the writer of ``text``, at the place that has to be changed."""
    said = getattr(error, "problem", None) or str(error)
    context = getattr(error, "context", None) or ""
    there = getattr(error, "problem_mark", None)
    if there is None:
        return Problem("unreadable", 1, 1, f"this is not YAML: {said}")
    began = getattr(error, "context_mark", None) or there
    lines = text.splitlines()
    line = lines[there.line] if there.line < len(lines) else ""
    before, here = line[: there.column], line[there.column : there.column + 1]
    if here == "\t" or "tab character" in said or (not line.strip(" \t") and "\t" in line):
        column = (before + here).find("\t") + 1 or there.column + 1
        return _tab(there.line + 1, column, indents=not before.strip())
    if "cannot start any token" in said:
        sign = "a backtick" if here == "`" else f"`{here}`"
        return Problem("unreadable", there.line + 1, there.column + 1, f"a value cannot begin with {sign}", help=_QUOTE)
    if here == ":" and ("node content" in said or "expected key" in said):
        return Problem("unreadable", there.line + 1, there.column + 1, "a key lacks before this colon", help="write the key")
    for words, (message, fix) in WORDS.items():
        if words in said or words in context:
            mark = began if any(start in words for start in _AT_ITS_BEGINNING) else there
            return Problem("unreadable", mark.line + 1, mark.column + 1, message, help=fix)
    return Problem("unreadable", there.line + 1, there.column + 1, f"this is not YAML: {said}")


def _tab(line: int, column: int, *, indents: bool) -> Problem:
    message = "a tab indents this line; YAML wants spaces" if indents else "a tab stands here; YAML wants spaces"
    return Problem("unreadable", line, column, message, help="replace the tab by spaces")


def utf8_problem(raw: bytes, wrong: UnicodeDecodeError) -> Problem:
    """Return where ``raw`` stops being UTF-8."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Problem("unreadable", 1, 1, "this file is saved as UTF-16", help="save it as UTF-8")
    before = raw[: wrong.start].decode("utf-8")
    line, column = _position(before)
    message = f"this file is not UTF-8 text: byte 0x{raw[wrong.start]:02x} stands for no character"
    return Problem("unreadable", line, column, message, help="save it as UTF-8")


def unseen_problem(text: str) -> Problem | None:
    """Return the first character that cannot be seen and must not be there, or None."""
    found = re.search(_UNSEEN_ASCII if text.isascii() else _UNSEEN, text)
    if found is None:
        return None
    line, column = _position(text[: found.start()])
    message = f"a character that cannot be seen stands here (U+{ord(found[0]):04X})"
    return Problem("unreadable", line, column, message, help="delete it, or write a space instead")


def _position(before: str) -> tuple[int, int]:
    """Return the line and column of what follows ``before``."""
    lines = re.split(r"\r\n|\r|\n", before)
    return len(lines), len(lines[-1]) + 1
