"""What nobody reads: columns that no number and no known SQL reaches."""

from __future__ import annotations

from collections.abc import Iterator

from decisionlayer.ask import Desk
from decisionlayer.exchange.estate.matching import tables_of
from decisionlayer.findings import Finding
from decisionlayer.resolve.about import listed
from decisionlayer.resolve.language.tree import Expr, names
from decisionlayer.resolve.model import Formula, Measure, Model
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.reach.paths import Paths


def read_by_nobody(desk: Desk, named: frozenset[tuple[str, str]]) -> Iterator[Finding]:
    """Yield ``unread-column`` for each source with columns that no declaration and no known SQL reads.

    ``named`` are the tables and columns, without case, that SQL from outside names.
    """
    model, engine = desk.model, desk.engine
    assert engine is not None
    read = _read(model)
    for table, source in tables_of(model).items():
        known = {column for each, column in named if each == table} | {column for each, column in read if each == source.name}
        idle = [column for column in engine.columns(source.relation) or {} if "*" not in known and column.casefold() not in known]
        if idle:
            yield Finding(
                "unread-column", f"source {source.name}",
                f"no metric, dimension, link or known SQL reads {listed(idle)} of `{source.name}`", source.place,
                why="what is collected and never used costs, and is a liability where it is about people",
                help="name what it is for, or stop collecting it",
            )  # fmt: skip


def _read(model: Model) -> frozenset[tuple[str, str]]:
    """Return every (source, column without case) that a declaration reads."""
    found: set[tuple[str, str]] = set()
    paths, beneath = Paths.of(model), Beneath(model.metrics)

    def expression(source: str, expr: Expr | None) -> None:
        for name in names(expr) if expr is not None else ():
            path(source, name.parts)

    def path(source: str, parts: tuple[str, ...]) -> None:
        route = paths.bind(source, parts)
        own = model.sources[source]
        if route is None and len(parts) == 1:
            found.add((own.name, parts[0].casefold()))
        elif len(parts) > 1:
            for step in parts[:-1]:
                link = own.links.get(step)
                entity = None if link is None else model.entities.get(link.entity)
                if entity is None:
                    return
                own = model.sources[entity.source]
            found.add((own.name, parts[-1].casefold()))
        else:
            found.add((own.name, parts[0].casefold()))

    for source in model.sources.values():
        columns = [*source.key, *(clock.column for clock in source.clocks)]
        columns += [column for link in source.links.values() for column in link.columns]
        columns += [source.valid.starts, source.valid.ends] if source.valid is not None else []
        columns += [source.arrival.column] if source.arrival is not None else []
        columns += [bridge.by for bridge in source.bridges.values() if bridge.by is not None]
        found |= {(source.name, column.casefold()) for column in columns}
        for dimension in source.dimensions.values():
            if dimension.metric is None:
                found |= {(source.name, name.parts[-1].casefold()) for name in names(dimension.expr)}
    for metric in model.metrics.values():
        match metric.body:
            case Measure() as body:
                for expr in (body.expr, body.population, body.where):
                    expression(body.source, expr)
                for parts in body.last_of_each:
                    path(body.source, parts)
                if body.match is not None:
                    expression(body.match.source, body.match.where)
                    pairs = ((body.source, body.match.source, pair) for pair in body.match.entity)
                    for mine, theirs, (left, right) in pairs:
                        found |= {(mine, left.casefold()), (theirs, right.casefold())}
                    for one, other in body.match.same:
                        expression(body.source, one)
                        expression(body.match.source, other)
            case Formula() as body:
                for term in body.terms.values():
                    for source_name in beneath.sources(term.metric):
                        expression(source_name, term.where)
                        expression(source_name, term.population)
        for source_name in beneath.sources(metric.name):
            for each in metric.excludes:
                expression(source_name, each.when)
    return frozenset(found)


