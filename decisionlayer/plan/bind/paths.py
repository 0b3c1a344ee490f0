"""Paths: which way each asked path is walked by each measure, and why not when it is not.

A path is bound per measure: as the question settles it; exactly; as a unique suffix; else by meaning, as the only way to the
same attribute of the same entity to which another measure of the question binds it. What two measures bind to different
things does not meet, and is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass, replace
from decisionlayer.names import did_you_mean
from decisionlayer.plan.bind.tree import Node, Tree
from decisionlayer.resolve.model import Model
from decisionlayer.resolve.reach.across import for_filter
from decisionlayer.resolve.reach.grain import determines
from decisionlayer.resolve.reach.paths import Parts, Paths, Route

#: What a question says of how a path is walked: for an asked path, a path for each metric or source.
Settled = Mapping[str, Mapping[str, str]]


@dataclass(slots=True)
class Ways:
    """How the paths of one question are walked; ``bind`` fills it and says what cannot be.

    ``filtered`` are the paths that only the question's ``where`` names.
    """

    model: Model
    tree: Tree
    settled: Settled
    findings: list[Finding]
    filtered: frozenset[Parts] = frozenset()
    _bound: dict[tuple[Parts, Node], Route] = field(default_factory=dict)
    _asked: set[Parts] = field(default_factory=set)
    _misled: set[tuple[Parts, Node]] = field(default_factory=set)

    def route(self, parts: Parts, leaf: Node) -> Route | None:
        """Return how a measure walks an asked path, None when it cannot (the finding is written)."""
        return self._bound.get((parts, leaf))

    def asked(self) -> Iterable[Parts]:
        """Return every path that was bound."""
        return self._asked

    def bind(self, parts: Parts) -> None:
        """Bind an asked path for every measure of the question; findings for those that do not reach it."""
        if parts in self._asked:
            return
        self._asked.add(parts)
        known = Paths.of(self.model)
        leaves = self.tree.leaves
        found = {leaf: self._own(known, parts, leaf) for leaf in leaves}
        meant = {known.attribute(route): route for route in found.values() if route is not None}
        if len({attribute for attribute in meant if attribute is not None}) > 1:
            self._differ(parts, found, known)
            return
        attribute = next((each for each in meant if each is not None), None)
        refused: set[tuple[str, str]] = set()
        for leaf, route in found.items():
            if (parts, leaf) in self._misled:
                continue
            if route is None and attribute is not None:
                route = self._by_meaning(known, parts, leaf, attribute, refused)
            elif route is None:
                self._refuse(known, parts, leaf, refused)
            if route is not None:
                self._bound[parts, leaf] = route

    def _own(self, known: Paths, parts: Parts, leaf: Node) -> Route | None:
        way = self.way(parts, leaf)
        if way is None:
            found = known.bind(leaf.rows_are_of, parts)
            return for_filter(known, leaf.rows_are_of, parts) if found is None and parts in self.filtered else found
        # A role is short for the same attribute behind it.
        short = None if way[-1] == parts[-1] else known.bind(leaf.rows_are_of, (*way, parts[-1]))
        route = short or known.bind(leaf.rows_are_of, way)
        if route is not None and not self._is_meant(known, parts, route):
            self._mislead(parts, leaf, way)
            return None
        return route

    def _is_meant(self, known: Paths, parts: Parts, route: Route) -> bool:
        """Whether a settled way ends in what is asked; another thing would stand under a name that is not its own."""
        source = route.source
        exact = known.exact(source, parts)
        readings = known.ending_in(source, parts) if exact is None else (exact,)
        if readings:
            return _thing(known, route) in {_thing(known, reading) for reading in readings}
        if route.end != "key":
            return route.name == parts[-1]
        entity, _ = _thing(known, route)
        links = [link for each in self.model.sources.values() for role, link in each.links.items() if role == parts[-1]]
        return parts[-1] == entity or any(link.entity == entity for link in links)

    def _mislead(self, parts: Parts, leaf: Node, way: Parts) -> None:
        asked, source = ".".join(parts), leaf.rows_are_of
        told = Finding(
            "bad-question", "question", f"`paths` leads `{asked}` of `{source}` to `{'.'.join(way)}`, which is something else",
            why=f"a column called `{asked}` would hold what it does not say",
            help=f"settle `{asked}` by another way to the same thing, or ask by `{'.'.join(way)}`",
        )  # fmt: skip
        self._misled.add((parts, leaf))
        if told not in self.findings:
            self.findings.append(told)

    def way(self, parts: Parts, leaf: Node) -> Parts | None:
        """Return what the question says of how a measure walks a path: by the metric above it, or by its source."""
        settled = self.settled.get(".".join(parts), {})
        way = settled.get(leaf.context.settles or "", settled.get(leaf.rows_are_of))
        return None if way is None else tuple(way.split("."))

    def _by_meaning(
        self, known: Paths, parts: Parts, leaf: Node, attribute: tuple[str, str | None], refused: set[tuple[str, str]]
    ) -> Route | None:
        source = leaf.rows_are_of
        routes = () if self.way(parts, leaf) or known.ending_in(source, parts) else known.to_attribute(source, *attribute)
        if len(routes) == 1:
            return routes[0]
        if not routes:
            self._refuse(known, parts, leaf, refused)
        elif (source, ".".join(parts)) not in refused:
            refused.add((source, ".".join(parts)))
            asked = ".".join(parts)
            entity, name = attribute
            shown = [f"`{route.path}`" for route in routes]
            self.findings.append(Finding(
                "ambiguous-path", "question",
                f"`{asked}` is the {name or 'key'} of the {entity}, and `{source}` leads to it in {len(shown)} ways: {', '.join(shown)}",
                why="each of them groups the rows in another way, so they are different numbers",
                help=f'say which one: paths={{"{asked}": {{"{source}": "{routes[0].path}"}}}}',
            ))  # fmt: skip
        return None

    def _refuse(self, known: Paths, parts: Parts, leaf: Node, refused: set[tuple[str, str]]) -> None:
        way = self.way(parts, leaf)
        source = leaf.rows_are_of
        wanted = parts if way is None else way
        if (source, ".".join(wanted)) in refused:
            return
        refused.add((source, ".".join(wanted)))
        roots = [root.metric.name for root in self.tree.roots if leaf in self.tree.under(root)]
        named = self._misnamed(parts[0], in_where=parts in self.filtered) if len(parts) == 1 else None
        if named is not None:
            self.findings.append(named)
            return
        refusal = known.refusal(source, wanted, metric=roots[0] if roots else None)
        if refusal.code == "ambiguous-path" and roots:
            refusal = self._within_grain(refusal, known, source, wanted, roots[0])
        self.findings.append(_in_where(refusal, source, parts) if parts in self.filtered else refusal)

    def _within_grain(self, refusal: Finding, known: Paths, source: str, wanted: Parts, metric: str) -> Finding:
        """Return the refusal of an ambiguous path with a reading that the metric's grain answers, where there is one."""
        by = [known.bind(source, tuple(path.split("."))) for path in self.model.metrics[metric].grain.by or ()]
        licence = [route for route in by if route is not None]
        answered = next((route for route in known.ending_in(source, wanted) if determines(licence, route)), None)
        if answered is None:
            return refusal
        return replace(refusal, help=f"write the one you mean in full, such as `{answered.path}`")

    def _misnamed(self, name: str, *, in_where: bool) -> Finding | None:
        if name in self.model.metrics or f"metric {name}" in self.model.broken:
            if in_where:
                return Finding(
                    "bad-question", "question", f"in `where`: `{name}` is a metric, and `where` chooses rows before they are counted",
                    help="choose results with `having`",
                )  # fmt: skip
            return Finding(
                "bad-question", "question", f"`{name}` is a metric, and a question is split by dimensions",
                help="ask for it under `metrics`",
            )  # fmt: skip
        return None

    def _differ(self, parts: Parts, found: Mapping[Node, Route | None], known: Paths) -> None:
        asked = ".".join(parts)
        by_thing: dict[tuple[str, str | None], str] = {}
        for leaf, route in found.items():
            thing = None if route is None else known.attribute(route)
            if thing is not None:
                by_thing.setdefault(thing, leaf.rows_are_of)
        said = " but ".join(
            f"the {name or 'key'} of the {entity} in `{source}`" for (entity, name), source in by_thing.items()
        )
        self.findings.append(Finding(
            "ambiguous-path", "question", f"`{asked}` is {said}",
            why="two things of one name would be put into one group",
            help="ask these metrics one by one, or write the paths in full under `paths`",
        ))  # fmt: skip


def _thing(known: Paths, route: Route) -> tuple[str, str | None]:
    """Return what stands at the end of a path: an attribute of an entity, or a dimension of a source that describes none."""
    return known.attribute(route) or (f"source {route.holder}", route.name)


def _in_where(refusal: Finding, source: str, parts: Parts) -> Finding:
    """Return the refusal of a name in a filter: more often than not it is a text that lost its quotes."""
    if refusal.code != "unreachable-dimension":
        return refusal
    name = ".".join(parts)
    is_column = f"`{name}` is a column" in refusal.help
    quotes = f" If it is a text, write it in quotes: '{name}'" if len(parts) == 1 and not is_column else ""
    return replace(
        refusal, message=f"in `where`: `{source}` leads to nothing called `{name}`", help=(refusal.help + quotes).strip()
    )


def check_settled(settled: Settled, asked: Iterable[str], model: Model, findings: list[Finding]) -> None:
    """Refuse what a question settles in vain: a path that it does not ask, a name that is neither metric nor source."""
    asked = tuple(asked)
    for path, ways in settled.items():
        if path not in asked:
            findings.append(Finding(
                "bad-question", "question", f"`paths` settles `{path}`, which the question does not ask",
                help=did_you_mean(path, asked),
            ))  # fmt: skip
        for who in ways:
            if who not in model.metrics and who not in model.sources:
                findings.append(Finding(
                    "unknown-name", "question", f"`paths` settles `{path}` for `{who}`, which is neither metric nor source",
                    help=did_you_mean(who, (*model.named_metrics, *model.sources)),
                ))  # fmt: skip
