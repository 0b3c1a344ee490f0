"""An edition: everything that one publication makes, compiled and put into words, before a single statement is run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from decisionlayer.ask import Desk
from decisionlayer.errors import DecisionLayerError, refuse
from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass, replace
from decisionlayer.govern.lineage import Lineage
from decisionlayer.names import PERIODS
from decisionlayer.plan.nodes import Plan
from decisionlayer.plan.query import Query
from decisionlayer.publish import beside, words
from decisionlayer.publish.criteria import criteria_of
from decisionlayer.publish.gate import about, warnings
from decisionlayer.publish.groups import hidden
from decisionlayer.publish.proofs import Proof, Titled, of_view, prove
from decisionlayer.resolve.model import DataFile, Model, Purpose, View
from decisionlayer.resolve.reach.grain import told_apart
from decisionlayer.resolve.trust.standing import Standing, Standings
from decisionlayer.sql.statement import StatementColumn

#: Where the views of each audience stand.
SCHEMAS: Mapping[str, str] = {"executive": "executive", "frontline": "frontline"}


@dataclass(frozen=True, slots=True)
class Item:
    """One view or decision, ready to be published: where, under which SQL, with which comments, proven how."""

    declared_as: str
    schema: str
    name: str
    stored_as: str
    audience: str
    owner: str | None
    definition: str
    question: str
    meaning: str
    sql: str
    comment: str
    columns: tuple[tuple[str, str], ...]
    proof: Proof
    notes: tuple[str, ...]
    standing: Standing

    @property
    def subject(self) -> str:
        """It, as findings call it."""
        return f"{self.declared_as} {self.name}"

    @property
    def full_name(self) -> str:
        """Its name with its schema."""
        return f"{self.schema}.{self.name}"


def compile_edition(desk: Desk, lineage: Lineage, *, copied: bool) -> tuple[Item, ...]:
    """Return everything that is published, views first, in the order of declaration; all as tables when rows are ``copied``.

    Raises what compiling raises, with the findings of all of them at once.
    """
    items: list[Item] = []
    findings: list[Finding] = []
    for view in desk.model.views.values():
        try:
            items.append(_view(desk, lineage, replace(view, stored_as="table") if copied else view))
        except DecisionLayerError as refused:
            findings += about(f"view {view.name}", refused.findings)
    for decision in desk.model.decisions.values():
        try:
            items.append(_decision(desk, lineage, decision.name, "table" if copied else "view"))
        except DecisionLayerError as refused:
            findings += about(f"decision {decision.name}", refused.findings)
    if findings:
        raise refuse(findings)
    return tuple(items)


def _view(desk: Desk, lineage: Lineage, view: View) -> Item:
    model = desk.model
    query = Query.of(**view.question)
    by_levels = bool(query.levels or query.totals)
    compiled = desk.compile(query, inline=True)
    desk.verify(compiled.plan)
    standing = Standings.of(model).thing(f"view {view.name}")
    proof = prove(desk.capabilities, view.name, of_view(desk, view.name) if by_levels else [Titled(view.name, compiled.plan)])
    files = _files(model, lineage, f"view {view.name}") if view.stored_as == "view" else ()  # a table has its rows already
    notes = (*compiled.plan.notes, *beside.of_its_day(model, query, compiled.plan), *files)
    warned = warnings(model, lineage, f"view {view.name}")
    return Item(
        declared_as="view",
        schema=SCHEMAS[view.audience],
        name=view.name,
        stored_as=view.stored_as,
        audience=view.audience,
        owner=view.owner,
        definition=view.definition,
        question=_json(view.question),
        meaning=view.meaning,
        sql=compiled.statement.text if view.min_group is None or not query.metrics else hidden(desk, view, query),
        comment=words.of_view(model, view, warned, notes, proof=proof.sql is not None, mark=standing.mark),
        columns=tuple(
            (column.name, _number(desk, query, column) if column.metric else _group(model, query, column.name))
            for column in compiled.statement.columns
        ),
        proof=proof,
        notes=notes,
        standing=standing,
    )  # fmt: skip


def _decision(desk: Desk, lineage: Lineage, name: str, stored_as: str) -> Item:
    model = desk.model
    decision = model.decisions[name]
    laid_out = criteria_of(desk, decision)
    for seen in laid_out.horizons:
        desk.verify(seen.plan)
    proof = prove(desk.capabilities, name, [Titled(seen.title, seen.plan) for seen in laid_out.horizons])
    files = _files(model, lineage, f"decision {name}") if stored_as == "view" else ()
    notes = (*_notes(seen.plan for seen in laid_out.horizons), *files)
    warned = warnings(model, lineage, f"decision {name}")
    standings = Standings.of(model)
    standing = standings.thing(f"decision {name}")
    audience = "executive" if decision.kind is Purpose.choice else "frontline"
    comments = {"horizon": words.of_horizon(), "period": words.of_period()}
    for criterion in decision.criteria:
        comments[criterion.metric] = words.of_criterion(
            model, decision, model.metrics[criterion.metric], standings.thing(f"metric {criterion.metric}").mark
        )
    return Item(
        declared_as="decision",
        schema=SCHEMAS[audience],
        name=name,
        stored_as=stored_as,
        audience=audience,
        owner=decision.decider,
        definition=decision.question,
        question=_json({seen.title: seen.question for seen in laid_out.horizons}),
        meaning=decision.meaning,
        sql=laid_out.sql,
        comment=words.of_decision(model, decision, warned, notes, proof=proof.sql is not None, mark=standing.mark),
        columns=tuple((column, comments.get(column) or words.of_option(column)) for column in laid_out.columns),
        proof=proof,
        notes=notes,
        standing=standing,
    )


def _number(desk: Desk, query: Query, column: StatementColumn) -> str:
    assert column.metric is not None
    metric, mark = desk.model.metrics[column.metric], desk.standing(query, column.metric).mark
    if column.name == column.metric:
        return words.of_metric(desk.model, metric, mark)
    return beside.of_number_beside(metric, column.name, mark)


def _group(model: Model, query: Query, column: str) -> str:
    told = beside.of_told_apart(query, column)
    if told is not None:
        return told
    path = column.replace("__", ".")
    if path.rpartition(".")[2] in PERIODS or told_apart(path).split(".")[-2:][0] in model.project.calendars:
        return words.of_period_column(model, path)
    return words.of_group(path)


def _notes(plans: Iterable[Plan]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(note for plan in plans for note in plan.notes))


def _files(model: Model, lineage: Lineage, subject: str) -> tuple[str, ...]:
    """Say which files a view reads: it finds them only where they lie now, on this machine."""
    files = []
    for below in lineage.beneath(subject):
        kind, _, name = below.partition(" ")
        relation = model.sources[name].relation if kind == "source" and name in model.sources else None
        if isinstance(relation, DataFile):
            files.append(relation.absolute)
    if not files:
        return ()
    listed = " and ".join(sorted(files))
    return (f"It reads {listed}, and works as long as {'that file lies' if len(files) == 1 else 'those files lie'} there.",)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
