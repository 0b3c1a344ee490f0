"""Keys that exclude or need each other: a thing is told by the one of several keys that is present."""

from __future__ import annotations

from collections.abc import Iterator

from decisionlayer.declare import Declaration, Metric, Source
from decisionlayer.declare.problems import Fault, one_of

_WHERE_ROWS_ARE = ("table", "sql", "file")
_BODIES = ("measure", "formula", "conversion")


def incomplete(item: Declaration) -> Iterator[Fault]:
    """Yield a fault for each place where a declaration says too much or too little to be one thing."""
    match item:
        case Source():
            yield from _source(item)
        case Metric():
            yield from _metric(item)


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


def _too_many(present: list[str], rule: str) -> Iterator[Fault]:
    for key in present[1:]:
        message = f"{rule}: this one says both `{present[0]}` and `{key}`"
        yield Fault("wrong-type", (key,), message, f"keep {one_of((present[0], key))}", at_key=True)
