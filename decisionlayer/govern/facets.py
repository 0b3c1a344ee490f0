"""Facets: what an object says, piece by piece in words, so that two states of it can be set side by side.

A facet is compared by what it means and shown as it reads: the formula by its tree, a filter by its text, a path by its name. What
an object merely stands on is no facet of it, but a change of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import TypeAlias, assert_never

from decisionlayer.resolve.language.printing import canonical, text_of
from decisionlayer.resolve.language.tree import Aggregate, Call, Case, Expr, Literal, Name, Param
from decisionlayer.resolve.model import (
    Assumption,
    DataFile,
    Decision,
    Exclusion,
    Formula,
    Hierarchy,
    Lines,
    Measure,
    Metric,
    Model,
    Relation,
    Source,
    SqlText,
    Table,
    Target,
    Term,
    Tree,
    View,
)

#: A facet as it is compared and as it reads.
Facet: TypeAlias = tuple[object, str]
Facets: TypeAlias = Mapping[str, Facet]

#: What a metric has that moves no number, or that another facet tells.
_SILENT = frozenset({
    "name", "title", "definition", "owner", "respond", "digits", "watch", "min_base", "type", "approximate", "place", "meaning",
    "wording", "edition_of", "grain", "limit", "body", "translation", "editions", "purpose", "unit", "unit_column", "better", "additivity",
})  # fmt: skip


def of_metric(model: Model, metric: Metric) -> Facets:
    """Return the facets of a metric. What its terms and its source mean are changes of their own."""
    found: dict[str, Facet] = {
        "purpose": _same(metric.purpose.value if metric.purpose else "none"),
        "unit": (_unit(metric), metric.unit_said or "none"),
        "better": _same(_plain(metric.better)),
        "kind": _same(_KINDS.get(metric.additivity.value, metric.additivity.value)),
        "time": _same(metric.limit.time or "any"),
        "splits": _same("any" if metric.limit.by is None else ", ".join(sorted(metric.limit.by)) or "the total only"),
    }
    match metric.body:
        case Measure() as body:
            source = model.sources.get(body.source)
            found["rows of"] = (None if source is None else _relation(source.relation), body.source)
            found["measure"] = _expr(body.expr)
            found |= {"clock": _same(body.clock or "none"), "over time": _same(body.over_time or "as it is")}
            found |= _filters(body.population, body.where, body.excludes)
            if body.last_of_each:
                found["last of each"] = _same(", ".join(sorted(".".join(parts) for parts in body.last_of_each)))
            if body.match is not None:
                found["followed by"] = _same(_plain(body.match))
        case Formula() as body:
            found["formula"] = _expr(body.expr)
            found["over time"] = _same(body.over_time or "as it is")
            for name, term in body.terms.items():
                found[f"term {name}"] = _same(_term(term))
        case _:
            assert_never(metric.body)
    found |= _of_the_whole(metric)
    for edition in metric.editions[:-1]:
        found[f"definition since {edition.since}"] = _same(f"what was before: {edition.past}")
    for name in type(metric).__match_args__:
        value = getattr(metric, name)
        if name not in _SILENT and value not in (None, (), False):
            found[name.replace("_", " ").strip()] = _same(_plain(value))
    return found


def of_source(source: Source) -> Facets:
    """Return the facets of a source: where its rows are, what tells them apart, and everything that leads from it."""
    found: dict[str, Facet] = {
        "rows": (_relation(source.relation), _said(source.relation)),
        "key": _same(", ".join(source.key)),
        "describes": _same(source.describes or "nothing"),
        "snapshot": _same("yes" if source.snapshot else "no"),
        "history": _same(_plain(source.valid)),
        "arrival": _same("none" if source.arrival is None else source.arrival.column),
        "first clock": _same(source.clocks[0].column if source.clocks else "none"),
    }
    found |= {f"clock {clock.column}": _same(f"{clock.grain}, {clock.type}, {clock.zone or 'no zone'}") for clock in source.clocks}
    found |= {f"link {role}": _same(f"{link.entity} by {', '.join(link.columns)}") for role, link in source.links.items()}
    found |= {
        f"column {name}": (
            (str(column.type), _plain(column.unit), column.holds),
            f"{column.type}{f' in {column.unit}' if column.unit else ''}{f', {column.holds}' if column.holds != 'amount' else ''}",
        )
        for name, column in source.columns.items()
    }
    found |= {
        f"dimension {name}": _same(_plain(dimension.metric)) if dimension.metric is not None else _expr(dimension.expr)
        for name, dimension in source.dimensions.items()
    }
    found |= {
        f"bridge {name}": _same(f"{bridge.source}, {f'shared by {bridge.by}' if bridge.by else 'each counted in all'}")
        for name, bridge in source.bridges.items()
    }
    return found


def of_assumption(assumption: Assumption) -> Facets:
    """Return the facets of an assumption."""
    dates = {"dates": _same(assumption.told)} if assumption.lives else {}
    return {"value": (assumption.value.normalize(), f"{assumption.value}"), **dates, "unit": _same(str(assumption.unit))}


def of_hierarchy(model: Model, hierarchy: Hierarchy) -> Facets:
    """Return the facets of a reporting line: its levels, its lines and each of its versions."""
    source = model.sources.get(hierarchy.source)
    lines = None if source is None else _relation(source.relation)
    found: dict[str, Facet] = {
        "of": _same(hierarchy.of), "levels": _same(", ".join(hierarchy.levels)),
        "lines": (lines, "its lines" if source is None else _said(source.relation)),
    }  # fmt: skip
    return found | {f"version {name}": _same(day.isoformat()) for name, day in hierarchy.versions.items()}


def of_decision(decision: Decision) -> Facets:
    """Return the facets of a decision: its options, and every criterion and horizon."""
    found: dict[str, Facet] = {
        "kind": _same(decision.kind.value),
        "options": _same(decision.dimension or ("none" if decision.options is None else ", ".join(sorted(decision.options)))),
        "status quo": _same(decision.status_quo or "none"),
    }
    if decision.dimension and decision.options is not None:
        found["options"] = _same(f"{', '.join(sorted(decision.options))} of {decision.dimension}")
    for criterion in decision.criteria:
        scale = f"from {_plain(criterion.worst)} to {_plain(criterion.best)}"
        found[f"criterion {criterion.metric}"] = _same(f"{scale}, weight {_plain(criterion.weight)}, veto {_plain(criterion.veto)}")
    for horizon in decision.horizons:
        found[f"horizon {horizon.name}"] = _same(_plain(horizon))
    return found


def of_target(target: Target) -> Facets:
    """Return the facets of a target: its level, for what and when, and each part."""
    found: dict[str, Facet] = {
        "metric": _same(target.metric), "value": _same(_plain(target.value)), "time": _same(f"{target.start} to {target.end}"),
        "rows": ("" if target.where is None else canonical(target.where), "all" if target.where is None else text_of(target.where)),
        "stretch": _same(_plain(target.stretch)),
    }  # fmt: skip
    for part in target.parts:
        found[f"part {text_of(part.where)}"] = _same(f"{_plain(part.value)} of {_plain(part.base)}, offered {_plain(part.offer)}")
    return found


def of_view(view: View) -> Facets:
    """Return the facets of a view: each of its metrics, and every other key of its question."""
    found: dict[str, Facet] = {"audience": _same(view.audience), "stored as": _same(view.stored_as)}
    if view.min_group is not None:
        found["smallest group"] = _same(str(view.min_group))
    for key, value in view.question.items():
        if key == "metrics" and isinstance(value, list | tuple):
            found |= {f"metric {name}": _same("shown") for name in value}
        elif value not in (None, (), [], {}, False):
            found[key.replace("_", " ")] = _same(_plain(value))
    return found


def _of_the_whole(metric: Metric) -> Iterator[tuple[str, Facet]]:
    """What a translation does to the number as a whole, and what it lets pass."""
    switch = metric.translation
    if switch is None:
        return
    if switch.regroup is not None:
        yield "regrouped", (switch.regroup, switch.regroup.written)
    if switch.reweight is not None:
        shares = switch.reweight.shares
        mix = "the mix of the whole" if shares is None else ", ".join(f"{name} {_plain(share)}" for name, share in shares)
        yield "reweighted", (switch.reweight, f"by {switch.reweight.by} to {mix}")
    if switch.tolerance is not None:
        yield "tolerance", _same(_plain(switch.tolerance))
    if switch.control_total is not None:
        control = switch.control_total
        yield "control total", _same(f"{control.metric} by {', '.join(control.by) or 'nothing'}, within {_plain(control.within)}")


def _same(text: str) -> Facet:
    return text, text


def _expr(expr: Expr) -> Facet:
    return canonical(expr), text_of(expr)


def _filters(population: Expr | None, where: Expr | None, excludes: tuple[Exclusion, ...]) -> Iterator[tuple[str, Facet]]:
    yield "population", _same("all") if population is None else _expr(population)
    yield "where", _same("all") if where is None else _expr(where)
    if excludes:
        yield "left out", _same("; ".join(sorted(text_of(each.when) for each in excludes)))


def _term(term: Term) -> str:
    parts = [term.metric]
    if term.replaces:
        parts.append("over all rows" if term.population is None else f"over rows with {text_of(term.population)}")
    if term.where is not None:
        parts.append(f"where {text_of(term.where)}")
    if term.factor != 1:
        parts.append(f"times {term.factor}")
    if term.over_time is not None:
        parts.append(f"{term.over_time} over time")
    if term.convert is not None:
        parts.append(f"converted by {term.convert.frame}, {term.convert.kind}")
    if term.excludes:
        parts.append(f"without {'; '.join(sorted(text_of(each.when) for each in term.excludes))}")
    return " ".join(parts)


def _unit(metric: Metric) -> object:
    return metric.unit_column if metric.unit is None else tuple(metric.unit.exponents)


def _relation(relation: Relation) -> object:
    match relation:
        case SqlText(text):
            return "sql", " ".join(text.split())
        case DataFile(path=path):
            return "file", path
        case Lines(columns=columns, digest=digest):
            return "lines", tuple(name for name, _ in columns), digest
        case Tree(rows=rows):
            return "tree", _relation(rows), relation.key, relation.parent, relation.levels, relation.valid
        case Table(parts):
            return "table", parts
        case _:
            assert_never(relation)


def _said(relation: Relation) -> str:
    match relation:
        case SqlText(text):
            return f"a query of {len(text.split())} words"
        case DataFile(path=path):
            return path
        case Lines(digest=digest):
            return f"lines {digest[:8]}"
        case Tree(rows=rows):
            return f"the tree in {_said(rows)}"
        case Table(parts):
            return ".".join(parts)
        case _:
            assert_never(relation)


_KINDS = {
    "additive": "adds up", "ratio": "a quotient", "extreme": "the least or greatest", "holistic": "counted from rows only",
    "stock": "a stock",
}  # fmt: skip


def _plain(value: object) -> str:
    """Return any value in words that stay the same while it means the same."""
    match value:
        case None:
            return "none"
        case Decimal():
            return format(value.normalize(), "f")
        case Enum():
            return str(value.value)
        case Fraction():
            return str(value)
        case Literal() | Name() | Param() | Call() | Case() | Aggregate():
            return text_of(value)
        case Mapping():
            return ", ".join(f"{key}: {_plain(value[key])}" for key in sorted(value, key=str))
        case tuple() | list():
            return ", ".join(_plain(item) for item in value)
        case _ if getattr(type(value), "__match_args__", ()):  # a value of the model, by its fields
            names = [name for name in getattr(type(value), "__match_args__", ()) if name not in ("place", "meaning", "wording", "span")]
            said = [(name, getattr(value, name)) for name in names]
            return ", ".join(f"{name} {_plain(each)}" for name, each in said if each not in (None, (), ""))
        case _:
            return str(value)


def of_plain(value: object) -> Facets:
    """Return the fields of any value of the model as its facets."""
    names = [name for name in getattr(type(value), "__match_args__", ()) if name not in ("name", "word", "place", "meaning", "wording")]
    return {name.replace("_", " "): _same(_plain(getattr(value, name))) for name in names}
