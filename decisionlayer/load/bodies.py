"""Keys that exclude or need each other: a thing is told by the one of several keys that is present."""

from __future__ import annotations

from collections.abc import Iterator

from decisionlayer.declare import Calendar, Declaration, Frame, Hierarchy, Metric, Source
from decisionlayer.declare.problems import Fault, one_of
from decisionlayer.declare.shape import Path

_WHERE_ROWS_ARE = ("table", "sql", "file")
_BODIES = ("measure", "formula", "conversion")
_VIEWS_OF = ("calendar", "hierarchy", "fx")
_CALENDARS = ("year_starts", "weeks", "file")


def incomplete(item: Declaration) -> Iterator[Fault]:
    """Yield a fault for each place where a declaration says too much or too little to be one thing."""
    match item:
        case Source():
            yield from _source(item)
        case Metric():
            yield from _metric(item)
        case Frame():
            yield from _frame(item)


def _source(source: Source) -> Iterator[Fault]:
    present = [key for key in _WHERE_ROWS_ARE if getattr(source, key) is not None]
    if not present:
        yield Fault("missing-key", (), "a source needs one of `table`, `sql` and `file`", "add `table: …`")
    yield from _too_many(present, "a source is a table, a query or a file")
    for role, link in source.links.items():
        if link.column is None and link.columns is None:
            yield Fault("missing-key", ("links", role), f"the link `{role}` needs `column`", "add `column: …`")
        if link.column is not None and link.columns is not None:
            message = f"the link `{role}` has both `column` and `columns`"
            yield Fault("wrong-type", ("links", role, "columns"), message, "keep one of the two", at_key=True)


def _frame(frame: Frame) -> Iterator[Fault]:
    present = [key for key in _VIEWS_OF if getattr(frame, key) is not None]
    if not present:
        yield Fault("missing-key", (), "a frame needs one of `calendar`, `hierarchy` and `fx`", "add `calendar: {…}`")
    yield from _too_many(present, "a frame is a calendar, a hierarchy or a table of rates")
    if frame.versions and frame.hierarchy is None:
        message = "`versions` names a reporting line as it stood on a day, and this frame has no `hierarchy`"
        yield Fault("wrong-type", ("versions",), message, "take `versions` out", at_key=True)
    if frame.calendar is not None:
        yield from _calendar(frame.calendar)
    if frame.hierarchy is not None:
        yield from _hierarchy(frame.hierarchy)


def _calendar(calendar: Calendar) -> Iterator[Fault]:
    """Each kind of calendar needs its own keys and takes no other's."""
    at = ("calendar",)
    present = [key for key in _CALENDARS if getattr(calendar, key) is not None]
    if not present:
        message = "a calendar needs one of `year_starts`, `weeks` and `file`"
        yield Fault("missing-key", at, message, "add `year_starts: july`, for instance")
        return
    if len(present) > 1:
        yield from _too_many(present, "a calendar starts its years in a month, counts weeks, or stands in a file", at)
        return
    is_iso = calendar.weeks == "iso"
    wanted: tuple[str, ...] = ("grains",)
    if calendar.file is None:
        wanted = () if is_iso else ("year_ends", "year_named") if calendar.weeks is not None else ("year_named",)
        wanted = () if calendar.year_starts == "january" else wanted
    for key in wanted:
        if not getattr(calendar, key):
            fix = {"grains": "{term: column}", "year_ends": "saturday nearest january 31", "year_named": "start` or `year_named: end"}
            message = f"a calendar with `{present[0]}` needs `{key}`"
            yield Fault("missing-key", at, message, f"add `{key}: {fix[key]}`")
    for key in ("year_ends", "year_named", "grains"):
        is_harmless = key == "year_named" and calendar.year_starts == "january"
        if getattr(calendar, key) and key not in wanted and not is_harmless:
            message = f"a calendar with `{present[0]}{': iso' if is_iso else ''}` takes no `{key}`"
            yield Fault("wrong-type", (*at, key), message, f"take `{key}` out", at_key=True)


def _hierarchy(hierarchy: Hierarchy) -> Iterator[Fault]:
    at = ("hierarchy",)
    if hierarchy.source is None and hierarchy.file is None:
        yield Fault("missing-key", at, "a hierarchy needs `source` or `file`", "add `source: …`")
    yield from _too_many([key for key in ("source", "file") if getattr(hierarchy, key) is not None], "a hierarchy has one origin", at)
    if not hierarchy.levels:
        yield Fault("missing-key", at, "a hierarchy needs `levels`, widest first", "add `levels: […]`")


def _metric(metric: Metric) -> Iterator[Fault]:
    present = [key for key in _BODIES if getattr(metric, key) is not None]
    yield from _too_many(present, "a metric is one of measure, formula and conversion")
    translation = metric.translation
    if translation is None:
        if not present:
            fix = "add `measure: …`, `formula: …`, or a `translation` with `from`"
            yield Fault("missing-key", (), "a metric needs a body", fix)
        return
    if translation.from_ is not None:
        if present:
            message = f"`from` is a body of its own, and there is a `{present[0]}` already"
            fix = "name the metric under `terms`" if present[0] == "formula" else f"take `from` or `{present[0]}` away"
            yield Fault("wrong-type", ("translation", "from"), message, fix, at_key=True)
        if translation.terms:
            message = "`from` takes one metric as it is, `terms` name the parts of a formula: one of the two"
            yield Fault("wrong-type", ("translation", "terms"), message, "keep one of the two", at_key=True)
        return
    if translation.terms and "formula" not in present:
        yield Fault(
            "missing-key", (), "`terms` are the parts of a formula, and there is no `formula`", "add `formula: …`"
        )
    elif not present:
        yield Fault("missing-key", (), "a metric needs a body", "add `formula: …`, or `from: …` to its translation")
    for key in ("where", "population", "to"):
        if getattr(translation, key) is not None:
            message = f"`{key}` changes what `from` takes, and there is no `from`"
            yield Fault("wrong-type", ("translation", key), message, f"move `{key}` to a term", at_key=True)


def _too_many(present: list[str], rule: str, at: Path = ()) -> Iterator[Fault]:
    for key in present[1:]:
        message = f"{rule}: this one says both `{present[0]}` and `{key}`"
        yield Fault("wrong-type", (*at, key), message, f"keep {one_of((present[0], key))}", at_key=True)
