"""What is wrong with the shape of a declaration, in the words of who wrote it.

The checker (pydantic) speaks of types and tags: ``literal_error``, ``Input should be a valid tuple``. Here each of its
complaints becomes what the key takes and what was given instead; the several complaints about one value that may be one of
several things become one.

    better: hihger   →   `better` takes higher, lower, none or {near: …}, not 'hihger'.   Did you mean higher?
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError

from decisionlayer.declare.base import Declaration
from decisionlayer.declare.shape import Path, is_text_at, keys_of, model_at, required_keys
from decisionlayer.errors import DeclarationError
from decisionlayer.findings import Finding, Place
from decisionlayer.frozen import dataclass
from decisionlayer.names import NAME, did_you_mean, is_name, near


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: ``path`` leads to the value, or to its key when ``at_key``."""

    code: str
    path: Path
    message: str
    help: str = ""
    at_key: bool = False


def called(model: type[Declaration]) -> str:
    """Return what people call such a declaration.

    >>> from decisionlayer.declare import Metric, MetricDimension, UnitBase
    >>> called(Metric), called(MetricDimension), called(UnitBase)
    ('metric', 'metric dimension', 'unit')
    """
    return re.sub(r"(?<!^)([A-Z])", r" \1", model.__name__).lower().removesuffix(" base")


def a(noun: str) -> str:
    """Return the noun with its article: "a metric", "an assumption"."""
    return f"an {noun}" if noun[0] in "aeio" else f"a {noun}"


def refusal(
    model: type[Declaration], keys: Mapping[str, object], wrong: ValidationError, at: tuple[str, int]
) -> DeclarationError:
    """Return the error for a declaration made in Python, with every fault at the line that made it."""
    kind = called(model)
    name = keys.get(kind)
    subject = f"{kind} {name}" if isinstance(name, str) else kind
    place = Place(*at)
    return DeclarationError(Finding(f.code, subject, f.message, place, help=f.help) for f in faults(model, keys, wrong))


def faults(model: type[Declaration], data: object, wrong: ValidationError) -> tuple[Fault, ...]:
    """Return what is wrong with ``data``, in the order in which it was written; never empty."""
    complaints: dict[Path, list[Mapping[str, Any]]] = {}
    reach: list[Path] = []
    for complaint in wrong.errors(include_url=False):
        path, missing = _path_in(data, complaint)
        complaints.setdefault((*path, *missing), []).append(complaint)
        reach.append((*path, *missing))
    found = []
    for path, group in complaints.items():
        # A value that may be text or keys was tried as both: when its keys are wrong, "no text" is beside the point.
        if any(len(other) > len(path) and other[: len(path)] == path for other in reach):
            continue
        found.append(_fault(model, data, path, group))
    return tuple(fault for fault in found if not _is_misspelt(fault, found))


def _is_misspelt(fault: Fault, found: list[Fault]) -> bool:
    """Say whether a missing key stands there under another spelling, so that one fault is enough."""
    if fault.code != "missing-key":
        return False
    missing = fault.help.split("`")[1].removesuffix(": …")
    beside = (str(other.path[-1]) for other in found if other.code == "unknown-key" and other.path[:-1] == fault.path)
    return any(missing in near(key, [missing]) for key in beside)


def _path_in(data: object, complaint: Mapping[str, Any]) -> tuple[Path, Path]:
    """Return the way to the value that is complained of, and the key that is missing there (or nothing).

    The checker's own way also names the alternatives that it tried; those are left out.
    """
    steps = [step for step in complaint["loc"] if step != "[key]"]
    missing = complaint["type"] == "missing"
    path: list[str | int] = []
    here = data
    for step in steps[:-1] if missing else steps:
        inside = isinstance(here, list | tuple) and isinstance(step, int) and step < len(here)
        if inside or (isinstance(here, Mapping) and step in here):
            here = here[step]  # type: ignore[index]
            path.append(step)
    return tuple(path), (steps[-1],) if missing else ()


def _fault(model: type[Declaration], data: object, path: Path, group: list[Mapping[str, Any]]) -> Fault:
    types = {complaint["type"] for complaint in group}
    value = group[0]["input"]
    if "extra_forbidden" in types:
        return _unknown_key(model, path, value)
    if "missing" in types:
        message = f"{_thing(model, path[:-1])} needs `{path[-1]}`"
        return Fault("missing-key", path[:-1], message, f"add `{path[-1]}: …`")
    if "name_wanted" in types:
        return _bad_name(value, path, at_key=any(complaint["loc"][-1] == "[key]" for complaint in group))
    if "string_too_short" in types:
        return Fault("wrong-type", path, f"{_key(path)} is empty", "write something, or leave the key out")
    if not types <= _WANTS.keys() | {"model_type", "literal_error", "short_form_wanted"}:
        said = str(group[0]["msg"])
        return Fault("wrong-type", path, f"{_key(path)} cannot be read: {said[:1].lower()}{said[1:]}")
    return _wrong_type(model, path, group, value)


def _unknown_key(model: type[Declaration], path: Path, value: object) -> Fault:
    key = str(path[-1])
    message = f"`{key}` is no key of {_thing(model, path[:-1])}"
    inner = model_at(model, path[:-1]) or model
    help = did_you_mean(key, keys_of(inner))
    if value is None and not NAME.match(key):
        help = "Inside braces a comma ends a value: put the whole value in quotes."
    elif inner is not model and key in keys_of(model) and not near(key, keys_of(inner)):
        help = f"`{key}` belongs to the {called(model)} itself: move it out of {_key(path[:-1])}."
    return Fault("unknown-key", path, message, help, at_key=True)


def bad_name(name: str) -> tuple[str, str]:
    """Return what is wrong with a name, and one like it that is legal.

    >>> bad_name("late minutes")[1]
    'write late_minutes'
    """
    rule = "letters, digits and single underscores, beginning with a letter or an underscore"
    legal = re.sub(r"_+", "_", re.sub(r"[^A-Za-z0-9_]", "_", name)).strip("_")
    legal = f"_{legal}" if legal[:1].isdigit() else legal
    return f"'{short(name)}' is no name: {rule}", f"write {legal}" if is_name(legal) and legal else ""


def _bad_name(name: str, path: Path, *, at_key: bool) -> Fault:
    message, help = bad_name(name)
    return Fault("bad-name", path, message, help, at_key=at_key)


#: What a key takes, by what the checker complains of when it gets something else.
_WANTS: dict[str, str] = {
    "string_type": "text",
    "string_unicode": "text",
    "tuple_type": "a list",
    "list_type": "a list",
    "text_or_list_wanted": "text or a list",
    "dict_type": "keys with values",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a whole number of less than twenty digits",
    "is_instance_of": "a number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "finite_number": "a number",
    "date_type": "a day such as 2012-01-31",
    "day_wanted": "a day such as 2012-01-31",
}
_QUOTES_WHAT_IT_GOT = ("literal_error", "date_type", "day_wanted")


def _wrong_type(model: type[Declaration], path: Path, group: list[Mapping[str, Any]], value: object) -> Fault:
    """Return one fault for everything that the value could have been: "`weight` takes a number, not text"."""
    words: list[str] = []
    for complaint in group:
        match complaint["type"]:
            case "literal_error":
                words.extend(_literals(complaint))
            case "short_form_wanted":
                words.append(complaint["ctx"]["wanted"])
            case "model_type":
                words.append(_braces(model_at(model, path) or model))
            case plain:
                words.append(_WANTS[plain])
    if words == ["a list"]:
        inner = model_at(model, (*path, 0))
        if isinstance(value, str) and value and is_text_at(model, (*path, 0)):
            return Fault("wrong-type", path, f"{_key(path)} takes a list: write [{short(value)}]")
        words = ["a list"] if inner is None else [f"a list of {_braces(inner)}"]
    wanted = one_of(dict.fromkeys(words))
    exact = any(complaint["type"] in _QUOTES_WHAT_IT_GOT for complaint in group) and isinstance(value, str)
    number = "number" in wanted and isinstance(value, int | float | Decimal)
    given = f"'{short(str(value))}'" if exact else str(value).lower() if number else kind_of(value)
    help = _of_several(model, path, value) or _smallest_fix(words, value)
    return Fault("wrong-type", path, f"{_key(path)} takes {wanted}, not {given}", help)


def _of_several(model: type[Declaration], path: Path, value: object) -> str:
    """Return the key beside it that takes several, where a list was written under the one that takes one thing."""
    inner = model_at(model, path[:-1]) or model
    if not isinstance(value, list | tuple) or f"{path[-1]}s" not in keys_of(inner):
        return ""
    return f"write {path[-1]}s: [{', '.join(short(str(item)) for item in value)}]"


def _smallest_fix(words: list[str], value: object) -> str:
    match value:
        case str() if close := near(value, [word for word in words if NAME.match(word)]):
            return f"Did you mean {one_of(close)}?"
        case str() if "true or false" in words and value.lower() in _TRUTH:
            return f"write {_TRUTH[value.lower()]}"
        case str() if _is_number(value) and ("a number" in words or "a whole number" in words):
            return f"take the quotes away: {value}"
        case bool() if len(words) == 1 and NAME.match(words[0]):
            return f"write {words[0]}"
        case bool() | int() | Decimal() if any(word.startswith("text") for word in words):
            return f"write '{str(value).lower()}' in quotes"
        case [str() as only] if only and ("text" in words or only in words):
            return f"write {short(only)}"
        case list() | tuple() if "text" in words:
            return "choose one"
        case list() | tuple() if any(word.startswith(("{", "keys")) for word in words):
            return "write `key: value` lines without dashes"
        case dict() if words[0].startswith("a list"):
            return "begin each item with `- `"
        case dict() if "text" in words:
            return "put the text in quotes if it holds a colon"
        case _:
            return ""


_TRUTH = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"} | {
    "true": "true", "false": "false",
}  # fmt: skip


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _literals(complaint: Mapping[str, Any]) -> list[str]:
    return re.findall(r"'([^']*)'", str(complaint["ctx"]["expected"]))


def _braces(model: type[Declaration]) -> str:
    """Return how a mapping looks: its required keys, or a few of all."""
    keys = required_keys(model) or keys_of(model)[:3]
    return "{" + ", ".join(f"{key}: …" for key in keys) + "}"


def kind_of(value: object) -> str:
    """Return what sort of thing was given: "text", "a number", "a list" …"""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case str():
            return "text"
        case int() | float() | Decimal():
            return "a number"
        case list() | tuple():
            return "a list"
        case Mapping():
            return "keys with values"
        case dt.date():
            return "a date"
        case _:
            return f"Python's {type(value).__name__}"


def one_of(words: Iterable[str]) -> str:
    """Return the words as a choice: "higher, lower or none"."""
    listed = list(words)
    return f"{', '.join(listed[:-1])} or {listed[-1]}" if len(listed) > 1 else "".join(listed)


def short(text: str) -> str:
    """Return text cut to what fits into a message, on one line."""
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else f"{flat[:57]}…"


def _key(path: Path) -> str:
    """Return the name of a value: its key, or its number in the list of that key."""
    match path:
        case (*_, str() as key, int() as index):
            return f"item {index + 1} of `{key}`"
        case (*_, str() as key):
            return f"`{key}`"
        case _:
            return "this"


def _thing(model: type[Declaration], path: Path) -> str:
    """Return what holds a key: the declaration itself, or a part of it by name."""
    return _key(path) if path else a(called(model))
