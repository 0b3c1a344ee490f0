"""YAML text → plain data, with the line and column of every key and value.

The C parser of libyaml finds the structure; what a plain word *means* is decided here, by the core schema of YAML 1.2,
because YAML 1.1 reads ``NO`` as false and ``22:30`` as 1350. Numbers with a point are exact decimals.
Refused, with a problem at the exact place and never an exception: duplicate keys, anchors, aliases, merges, tags, keys that
are not text, broken syntax, text that is not UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeAlias, Union

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from decisionlayer.frozen import dataclass, replace
from decisionlayer.load.syntax import Problem, syntax_problem, unseen_problem, utf8_problem

#: What YAML can say: text, numbers, truth, nothing, and lists and mappings of these.
Data: TypeAlias = Union[str, int, Decimal, bool, "list[Data]", "dict[str, Data]", None]
Path: TypeAlias = tuple[str | int, ...]

#: Lists and mappings may stand in each other this deep; the language itself needs seven.
DEEPEST: Final = 40
#: Longer than any number that a person writes; Python refuses to read integers of several thousand digits.
LONGEST_NUMBER: Final = 60
LARGEST_EXPONENT: Final = 300

_THE_REST: Final = "what comes after it in this file is not read"
_NOT_READ: Final = "this file is not read"
_QUOTED: Final = "put it in quotes"
_SHARE: Final = "write it out, or share keys under `for_all`"
_IN_PLACE: Final = "what a line says must stand in it, for whoever reads only that line"


class Mark(NamedTuple):
    """Where a value stands, where its key stands (a list item has no key: its own place), and the marks of its parts."""

    line: int
    column: int
    key_line: int
    key_column: int
    parts: dict[str | int, Mark] | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: its data and marks, its problems, and the paths at which a key or item has no value.

    ``finished`` is False when broken syntax cut it off; then ``data`` holds what stood before, the last part of it damaged.
    """

    data: Data
    mark: Mark
    problems: tuple[Problem, ...] = ()
    empty: tuple[Path, ...] = ()
    finished: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """A file, read: its text and its documents. An empty file, or one of comments only, has no document."""

    text: str
    documents: tuple[Document, ...]


def read_yaml(raw: bytes) -> Reading:
    """Return what stands in a file; after broken syntax nothing more of it is read.

    ``metrics:\\n  - metric: late`` becomes ``{"metrics": [{"metric": "late"}]}``, and ``("metrics", 0, "metric")`` has the
    mark 2:13 with its key at 2:5. The mark of quoted text is its first character inside the quotes, that of a ``|`` or ``>``
    text its first character on the next line.
    """
    try:
        text = raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as wrong:
        return Reading("", (_refused(utf8_problem(raw, wrong)),))
    unseen = unseen_problem(text)
    if unseen is not None:
        return Reading(text, (_refused(unseen),))
    return Reading(text, tuple(_documents(text)))


def _refused(problem: Problem) -> Document:
    place = (problem.line, problem.column)
    return Document(None, Mark(*place, *place), (replace(problem, why=_NOT_READ),), finished=False)


def _events(text: str) -> Callable[[], Any]:
    """Return what hands out the next event (a union too wide to be worth a type): libyaml, else PyYAML, ten times slower."""
    try:
        from yaml._yaml import CParser
    except ImportError:  # pragma: no cover - PyYAML's wheels all have it
        return yaml.Loader(text).get_event
    return CParser(text).get_event


def _documents(text: str) -> list[Document]:
    next_event = _events(text)
    found: list[Document] = []
    while True:
        reader = _Reader(text)
        try:
            event = next_event()
            if type(event) is StreamEndEvent:
                return found
            if type(event) is DocumentStartEvent:
                reader.directive(event)
                reader.read(next_event)
                found.append(reader.document())
                continue
        except _Refused as wrong:
            reader.problems.append(replace(wrong.problem, why=_THE_REST))
        except yaml.YAMLError as wrong:
            reader.problems.append(replace(syntax_problem(wrong, text), why=_THE_REST))
        if reader.problems:
            found.append(reader.document())
            return found


class _Refused(Exception):
    """Reading this file ends here; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


#: The key of a value that is read for the problems in it and then forgotten. No text can hold a lone surrogate.
_FORGOTTEN: Final = "\udcff"


class _Reader:
    """Builds the data and marks of one document from events, with a stack, so that depth costs nothing."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root: list[Data] = []
        self.marks: dict[str | int, Mark] = {}
        self.path: list[str | int] = []
        self.problems: list[Problem] = []
        self.empty: list[Path] = []
        self.finished = False

    def document(self) -> Document:
        """Return what was read so far."""
        data = self.root[0] if self.root else None
        mark = self.marks.get(0, Mark(1, 1, 1, 1))
        return Document(data, mark, tuple(self.problems), tuple(self.empty), self.finished)

    def directive(self, event: Any) -> None:
        """Refuse a document that says it is YAML 1.1: it would be read otherwise than it was written."""
        if event.version not in (None, (1, 2)):
            told = "this file asks for another YAML than 1.2"
            raise _Refused(Problem("unreadable", event.start_mark.line + 1, 1, told, help="take the `%YAML` line away"))

    def read(self, next_event: Callable[[], Any]) -> None:
        """Read to the end of the document. A container hangs in its parent as soon as it opens, so that a cut keeps it."""
        data: Any = self.root
        parts = self.marks
        keyed = False  # whether `data` is a mapping, with `key` waiting for its value
        key: str | None = None
        key_line = key_column = 0
        around: list[tuple[Any, dict[str | int, Mark], bool]] = []
        path = self.path
        mark = tuple.__new__  # `Mark(…)` itself takes twice as long, and there is one for every word of a project
        while True:
            event = next_event()
            kind = type(event)
            if kind is MappingEndEvent or kind is SequenceEndEvent:
                if keyed:
                    data.pop(_FORGOTTEN, None)
                data, parts, keyed = around.pop()
                path.pop()
                continue
            if kind is DocumentEndEvent:
                self.finished = True
                return
            start = event.start_mark
            line, column = start.line + 1, start.column + 1
            if keyed and key is None:
                key = self._key(event, line, column, data)
                key_line, key_column = line, column
                continue
            where: Any = key if keyed else len(data)
            value: Any
            inside: dict[str | int, Mark] | None = None
            if kind is ScalarEvent:
                value = event.value
                if event.style:
                    line, column = self._inside(event.style, start.index, line, column)
                elif value[:1] in _MAYBE_NOT_TEXT:
                    value = self._plain(value, line, column, where)
            elif kind is AliasEvent:
                value = None
            else:
                value = {} if kind is MappingStartEvent else []
                inside = {}
                if len(path) >= DEEPEST:
                    message = f"more than {DEEPEST} lists and braces stand in each other here"
                    raise _Refused(Problem("unreadable", line, column, message, help="write it flatter"))
            if event.anchor is not None or (kind is not AliasEvent and event.tag is not None):
                self._foreign(event, where)
            if keyed:
                parts[where] = mark(Mark, (line, column, key_line, key_column, inside))
                data[where] = value
                key = None
            else:
                parts[where] = mark(Mark, (line, column, line, column, inside))
                data.append(value)
            if inside is not None:
                around.append((data, parts, keyed))
                path.append(where)
                data, parts, keyed = value, inside, kind is MappingStartEvent

    def _key(self, event: Any, line: int, column: int, data: dict[str, Data]) -> str:
        """Return the key that ``event`` is; one that is said twice is a problem, and its second value is forgotten."""
        if type(event) is not ScalarEvent:
            what = (
                "an alias" if type(event) is AliasEvent else "braces" if type(event) is MappingStartEvent else "a list"
            )
            raise _Refused(Problem("unreadable", line, column, f"a key is text, not {what}", help=_QUOTED))
        text: str = event.value
        if event.anchor is not None or event.tag is not None:
            self._foreign(event, text)
        if text in data:
            first = self._marks_here()[text]
            why = f"of two values one would be lost; the first stands in {first.key_line}:{first.key_column}"
            self._problem("duplicate-name", line, column, text, f"`{text}` is said twice", "keep one of the two", why)
            return _FORGOTTEN
        if event.style:
            return text
        if text == "<<":
            self._problem("unreadable", line, column, text, "merges (`<<`) are not used here", _SHARE, _IN_PLACE)
        elif text[:1] in _MAYBE_NOT_TEXT and not isinstance(_plain_value(text), str):
            told = f"the key `{text}` is no text" if text else "a key lacks before this colon"
            self._problem("unreadable", line, column, text, told, f"write '{text}' in quotes" if text else _QUOTED)
        return text

    def _marks_here(self) -> dict[str | int, Mark]:
        """Return the marks of the container that is open."""
        parts = self.marks
        for step in self.path:
            parts = parts[step].parts or {}
        return parts

    def _inside(self, style: str, index: int, line: int, column: int) -> tuple[int, int]:
        """Return where the first character of a quoted or block text stands; ``index`` is that of its quote, ``|`` or ``>``."""
        if style in "'\"":
            return line, column + 1
        found = _BLOCK_TEXT.match(self.text, self.text.index("\n", index)) if "\n" in self.text[index:] else None
        if found is None:
            return line, column
        return line + found[1].count("\n"), len(found[2]) + 1

    def _plain(self, text: str, line: int, column: int, where: str | int) -> Data:
        """Return what an unquoted word means; a number that cannot be counted with is a problem."""
        value = _plain_value(text)
        if value is None:
            self.empty.append((*self.path[1:], where) if self.path else ())
        elif isinstance(value, _NoNumber):
            told = f"`{text}` is no number that can be counted with"
            self._problem("wrong-type", line, column, where, told, f"write '{text}' in quotes if it is text")
            return None
        return value

    def _foreign(self, event: Any, where: str | int) -> None:
        """Note an alias, an anchor or a tag: what YAML has and this language leaves out."""
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if type(event) is AliasEvent:
            self._problem("unreadable", line, column, where, f"aliases (`*{event.anchor}`) are not used here", _SHARE, _IN_PLACE)
        elif event.anchor is not None:
            self._problem("unreadable", line, column, where, f"anchors (`&{event.anchor}`) are not used here", _SHARE, _IN_PLACE)
        else:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._problem("unreadable", line, column, where, f"tags (`{tag}`) are not used here", "take it away")

    def _problem(self, code: str, line: int, column: int, where: str | int, message: str, help: str, why: str = "") -> None:
        path = (*self.path[1:], where) if self.path else ()
        self.problems.append(Problem(code, line, column, message, why, help, path))


#: From the line break after ``|`` or ``>``: the empty lines, then the indentation of the first line with text.
_BLOCK_TEXT: Final = re.compile(r"((?:\n[ \r]*)*\n)( *)(?=\S)")

#: First characters of the words that may be something else than text; an empty value is nothing.
_MAYBE_NOT_TEXT: Final = frozenset(["", *"~nNtTfF0123456789+-."])
_WORDS: Final[dict[str, bool | None]] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER: Final = re.compile(r"[-+]?[0-9]+\Z")
_BASED: Final = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_DECIMAL: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE]([-+]?[0-9]+))?\Z")
_ENDLESS: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")


class _NoNumber:
    """What ``.inf``, ``.nan`` and numbers of hundreds of digits are."""


_NO_NUMBER: Final = _NoNumber()


def _plain_value(text: str) -> Data | _NoNumber:
    """Return what an unquoted word means by the core schema of YAML 1.2."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0].isalpha():
        return text
    if _INTEGER.match(text):
        return int(text) if len(text) <= LONGEST_NUMBER else _NO_NUMBER
    if _BASED.match(text):
        return int(text, 0) if len(text) <= LONGEST_NUMBER else _NO_NUMBER
    found = _DECIMAL.match(text)
    if found:
        small = len(text) <= LONGEST_NUMBER and abs(int(found[1] or 0)) <= LARGEST_EXPONENT
        return Decimal(text) if small else _NO_NUMBER
    return _NO_NUMBER if _ENDLESS.match(text) else text
