"""One YAML document → its declarations, with the findings of reading them.

The keys under ``for_all`` are shared by every item of the document that knows them; an item's own key wins, whole::

    for_all: {owner: ops, grain: {time: hour}}          metric late: owner ops, grain {time: hour}
    metrics: [{metric: late}, {metric: seen, grain:      metric seen: owner ops, grain {by: [gate]}
              {by: [gate]}}]
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from decisionlayer.declare import KINDS, Declaration, Entry, Origin, Project
from decisionlayer.declare.problems import Fault, a, faults, kind_of, one_of
from decisionlayer.declare.shape import keys_of
from decisionlayer.findings import Finding, Place
from decisionlayer.load.bodies import incomplete
from decisionlayer.load.harvest import Harvest
from decisionlayer.load.places import Places
from decisionlayer.load.syntax import Problem
from decisionlayer.load.yamldoc import Document, Mark, Path
from decisionlayer.names import did_you_mean

SHARED: Final = "for_all"
PROJECT: Final = "project"
TOP_KEYS: Final = (PROJECT, SHARED, *KINDS)
_KEYS: Final[dict[str, frozenset[str]]] = {heading: frozenset(keys_of(model)) for heading, (_, model) in KINDS.items()}
_KIND_WORDS: Final = "|".join(kind for kind, _ in KINDS.values())
#: Where a name seems to be declared, in text that could not be read to its end.
_NAMED: Final = re.compile(rf"(?:^[ ]*-|\{{)[ ]*({_KIND_WORDS}):[ ]*['\"]?(\w+)", re.MULTILINE)

#: YAML reads `missing: null` as nothing, and it is one of the two words that `missing` takes.
_MAY_BE_NULL: Final = "missing"
#: Why it matters, for the codes where the message does not say so.
_WHY: Final = {"unknown-key": "nothing reads it, so what it says would be lost"}


def read_document(document: Document, file: str, text: str, harvest: Harvest) -> None:
    """Add to ``harvest`` what a document declares.

    Findings: those of its YAML; ``unknown-key``, ``missing-key``, ``wrong-type``, ``bad-name``,
    ``duplicate-name``. A thing with a finding is no entry, and its name is ``unread``.
    """
    data = document.data
    reader = _Reader(document, file, text, harvest)
    reader.note_problems()
    if isinstance(data, dict):
        reader.share(data)
        for heading, value in data.items():
            reader.read_heading(heading, value)
    elif data is not None:
        told = f"a file is made of keys such as `metrics:`, and this is {kind_of(data)}"
        reader.find("wrong-type", told, document.mark)


class _Reader:
    """Reads one document; what is shared and what is damaged in it are at hand."""

    def __init__(self, document: Document, file: str, text: str, harvest: Harvest) -> None:
        self.document = document
        self.file = file
        self.text = text
        self.harvest = harvest
        self.marks: Mapping[str | int, Mark] = document.mark.parts or {}
        self.shared: dict[str, Any] = {}
        self.shared_marks: Mapping[str | int, Mark] = {}
        #: keys of ``for_all`` that cannot be used, and whether none of it can
        self.damaged_shared: set[str | int] = set()
        self.shared_is_lost = False
        #: an item's path → the problems in it, and the paths within it at which nothing stands
        self.damaged: dict[Path, list[Problem]] = {}
        self.empty: dict[Path, list[Path]] = {}

    # Problems of the YAML, put where they belong.

    def note_problems(self) -> None:
        document = self.document
        for problem in document.problems:
            at = _item_path(problem.path)
            if at and at[0] != SHARED:
                self.damaged.setdefault(at, []).append(problem)
                continue
            self._problem(problem, f"file {self.file}")
            if at:
                self.damaged_shared.add(at[1])
            elif problem.path[:1] == (SHARED,):
                self.shared_is_lost = True
        for path in document.empty:
            if path[-1:] == (_MAY_BE_NULL,):
                continue
            at = _item_path(path)
            if at and at[0] == SHARED:
                self.damaged_shared.add(at[1])
                self._fault(_no_value(path), document.mark, f"{SHARED} of {self.file}")
            elif at:
                self.empty.setdefault(at, []).append(path[len(at) :])
        if not document.finished:
            self._note_cut()
        if not document.finished or any(not _item_path(problem.path) for problem in document.problems):
            self.harvest.suspected += [(kind, name) for kind, name in _NAMED.findall(self.text)]
            self.harvest.mentions_project |= f"{PROJECT}:" in self.text

    def _note_cut(self) -> None:
        """Distrust the last thing that stands before broken syntax: the rest of it is missing."""
        data = self.document.data
        if not isinstance(data, dict) or not data:
            return
        heading, value = list(data.items())[-1]
        self.shared_is_lost |= heading == SHARED
        if isinstance(value, list) and value:
            self.damaged.setdefault((heading, len(value) - 1), [])
        elif heading == PROJECT:
            self.damaged.setdefault((PROJECT,), [])

    # The top level.

    def share(self, data: dict[str, Any]) -> None:
        """Take up what stands under ``for_all``, and refuse a key of it that nothing in this document takes."""
        shared = data.get(SHARED)
        if shared is None:
            return
        mark = self.marks[SHARED]
        if not isinstance(shared, dict):
            self.find("wrong-type", f"`{SHARED}` takes keys with values, not {kind_of(shared)}", mark)
            self.shared_is_lost = True
            return
        self.shared_marks = mark.parts or {}
        self.shared = shared
        headings = [heading for heading in data if heading in KINDS]
        if not headings:
            fix = "put it into the document of the items that it is for; `---` begins a new document"
            self.find("unknown-key", f"nothing in this document takes `{SHARED}`", mark, fix, at_key=True)
            return
        for key in shared:
            if any(key in _KEYS[heading] and key != KINDS[heading][0] for heading in headings):
                continue
            place = self.shared_marks[key]
            if any(key == KINDS[heading][0] for heading in headings):
                told = f"`{key}` names one {key}, so it cannot be shared under `{SHARED}`"
                self.find("wrong-type", told, place, "name each item itself", at_key=True)
            else:
                told = f"`{key}` is no key of {one_of(a(KINDS[heading][0]) for heading in headings)}"
                known = frozenset[str]().union(*(_KEYS[heading] for heading in headings))
                self.find("unknown-key", told, place, did_you_mean(key, known), at_key=True)

    def read_heading(self, heading: str, value: Any) -> None:
        mark = self.marks[heading]
        if heading == SHARED:
            return
        if heading == PROJECT:
            self.harvest.mentions_project = True
            self._item(PROJECT, Project, value, mark, (PROJECT,))
        elif heading not in KINDS:
            self.find("unknown-key", f"`{heading}` is no key of a file", mark, _heading_help(heading), at_key=True)
            self.harvest.suspected += _names_under(value)
        elif isinstance(value, list):
            kind, model = KINDS[heading]
            for index, item in enumerate(value):
                self._item(kind, model, item, (mark.parts or {})[index], (heading, index))
        elif value is not None:  # a heading whose items are all commented out declares nothing
            fix = f"begin each item with `- {KINDS[heading][0]}: NAME`"
            self.find("wrong-type", f"`{heading}` takes a list, not {kind_of(value)}", mark, fix)

    # One item.

    def _item(self, kind: str, model: type[Declaration], item: Any, mark: Mark, at: Path) -> None:
        """Add one entry, or the findings that keep it from being one."""
        damaged, empty = self.damaged.get(at), self.empty.get(at, [])
        if not isinstance(item, dict):
            if damaged is None or item is not None:
                name_key = "name" if kind == PROJECT else kind
                what = f"item {at[-1] + 1} of `{at[0]}`" if isinstance(at[-1], int) else f"`{at[0]}`"
                self.find("wrong-type", f"{what} takes {{{name_key}: …}}, not {kind_of(item)}", mark)
            for problem in damaged or ():
                self._problem(problem, f"file {self.file}")
            return
        name = item.get("name" if kind == PROJECT else kind)
        named = isinstance(name, str) and name != ""
        subject = f"{kind} {name}" if named else kind
        keys = self._keys(kind, item, at[0])
        if named:
            self.harvest.declare(kind, str(name), Place(self.file, mark.line, mark.column))
        for problem in damaged or ():
            self._problem(problem, subject)
        declared, found = _validate(model, keys, empty)
        # What is damaged by broken YAML would only be found to lack what was written there.
        found = found if damaged is None else ()
        for fault in found:
            shared = fault.path != () and fault.path[0] not in item and fault.path[0] in self.shared
            self._fault(fault, mark, f"{SHARED} of {self.file}" if shared else subject)
        known = _KEYS.get(str(at[0]), frozenset())
        lost = self.shared_is_lost or any(key in known and key not in item for key in self.damaged_shared)
        if declared is None or found or damaged is not None or lost:
            if named:
                self.harvest.unread.append((kind, str(name)))
            return
        places = Places(mark, self.shared_marks)
        key_places = Places(mark, self.shared_marks, of_keys=True)
        self.harvest.entries.append(Entry(kind, str(name), declared, Origin(self.file, places, key_places, self.text)))

    def _keys(self, kind: str, item: dict[str, Any], heading: str | int) -> dict[str, Any]:
        """Return the item's keys, with the shared ones that it takes and does not have."""
        if self.shared and kind != PROJECT:
            known = _KEYS[str(heading)]
            taken = {key: value for key, value in self.shared.items() if key in known and key != kind}
            # What cannot be used is found once, where it is shared, and not again in each item.
            item = {key: value for key, value in taken.items() if key not in self.damaged_shared} | item
        return item | {_MAY_BE_NULL: "null"} if item.get(_MAY_BE_NULL, "") is None else item

    # Findings.

    def _fault(self, fault: Fault, mark: Mark, subject: str) -> None:
        places = Places(mark, self.shared_marks, of_keys=fault.at_key)
        place = places.get(fault.path) or places[()]
        at = Place(self.file, *place)
        self.harvest.find(Finding(fault.code, subject, fault.message, at, _WHY.get(fault.code, ""), help=fault.help))

    def _problem(self, problem: Problem, subject: str) -> None:
        place = Place(self.file, problem.line, problem.column)
        self.harvest.find(Finding(problem.code, subject, problem.message, place, problem.why, help=problem.help))

    def find(self, code: str, message: str, mark: Mark, help: str = "", *, at_key: bool = False) -> None:
        """Note a finding about the document itself, at a value or at its key."""
        line, column = (mark.key_line, mark.key_column) if at_key else (mark.line, mark.column)
        place = Place(self.file, line, column)
        self.harvest.find(Finding(code, f"file {self.file}", message, place, _WHY.get(code, ""), help=help))


def _validate(
    model: type[Declaration], keys: dict[str, Any], empty: list[Path]
) -> tuple[Declaration | None, tuple[Fault, ...]]:
    """Return the declaration that the keys are, or every fault that keeps them from being one."""
    try:
        declared = model.model_validate(keys, by_alias=True, by_name=False)
    except ValidationError as wrong:
        found = faults(model, keys, wrong)
        unknown = [fault.path for fault in found if fault.code == "unknown-key"]
        kept = tuple(fault for fault in found if fault.at_key or fault.path not in empty)
        return None, kept + tuple(_no_value(path) for path in empty if path not in unknown)
    if empty:
        return None, tuple(_no_value(path) for path in empty)
    return declared, tuple(incomplete(declared))


def _no_value(path: Path) -> Fault:
    last = path[-1]
    what = f"item {last + 1} of `{path[-2]}`" if isinstance(last, int) else f"`{last}`"
    return Fault("wrong-type", path, f"{what} has no value", "write one, or take it out")


def _item_path(path: Path) -> Path:
    """Return the path of the item that a path leads into, or () when it leads to nothing inside an item."""
    match path:
        case ("project", _, *_):
            return path[:1]
        case (_, _, *_):
            return path[:2]
        case _:
            return ()


def _names_under(value: Any) -> list[tuple[str, str]]:
    """Return the things that a list under a mistyped heading seems to name, each by its first key."""
    items = [item for item in value if isinstance(item, dict) and item] if isinstance(value, list) else []
    firsts = [next(iter(item.items())) for item in items]
    return [(key, name) for key, name in firsts if re.fullmatch(_KIND_WORDS, key) and isinstance(name, str)]


def _heading_help(heading: str) -> str:
    """Say which heading was probably meant, or under which one such a thing stands."""
    for right, (kind, _) in KINDS.items():
        if heading == kind:
            return f"write `{right}:` and below it `- {kind}: NAME`"
    return did_you_mean(heading, TOP_KEYS)
