"""CORRIDOR: a question, a model and a warehouse become a result. Layer, publish, decide and the data checks all ask here."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from decisionlayer.capabilities import DUCKDB, Capabilities
from decisionlayer.errors import DecisionLayerError, DeclarationError, EngineError, QueryError, refuse
from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass, replace
from decisionlayer.names import did_you_mean
from decisionlayer.plan import build, show
from decisionlayer.plan.bind.structure import today_in
from decisionlayer.plan.held import control_totals, hold
from decisionlayer.plan.ledger import kept
from decisionlayer.plan.nodes import Join, Node, Plan, Scan
from decisionlayer.plan.query import Query
from decisionlayer.plan.setting import setting_of
from decisionlayer.plan.show import inputs
from decisionlayer.resolve.model import DataFile, Model
from decisionlayer.resolve.switching.control import Held
from decisionlayer.resolve.switching.ledger import Ledger
from decisionlayer.resolve.telling.passports import definitions, passport
from decisionlayer.resolve.trust.standing import Standing, Standings
from decisionlayer.run import Engine, Result
from decisionlayer.run.cells import of_difference
from decisionlayer.run.lines import torn
from decisionlayer.run.readings import both_readings, left_out, previously
from decisionlayer.run.result import no_numbers
from decisionlayer.run.stopped import stopped, with_damage
from decisionlayer.run.verify import Need, pairs_of, repeated, verify
from decisionlayer.sql import emit
from decisionlayer.sql.statement import Statement

if TYPE_CHECKING:
    import pyarrow as pa

#: How many compiled questions a desk remembers.
REMEMBERED = 512


@dataclass(frozen=True, slots=True)
class Compiled:
    """A question as a plan and as a statement."""

    plan: Plan
    statement: Statement


class Desk:
    """Where questions about one model are asked. It remembers what it compiled; a desk belongs to one model."""

    def __init__(self, model: Model, engine: Engine | None = None, capabilities: Capabilities = DUCKDB) -> None:
        self.model = model
        self.engine = engine
        self.capabilities = engine.capabilities if engine is not None else capabilities
        self._compiled: OrderedDict[object, Compiled] = OrderedDict()
        self._verified: set[object] = set()
        #: Whether numbers are held to what their translations tolerate; another reading of them is not.
        self._holds = True

    def beside(self, model: Model) -> Desk:
        """Return a desk for the same warehouse and another reading of the metrics; what was verified of the data stays so."""
        desk = Desk(model, self.engine, self.capabilities)
        desk._verified = self._verified
        desk._holds = False
        return desk

    def compile(self, query: Query, *, inline: bool = False) -> Compiled:
        """Return the question as plan and statement; ``inline`` writes parameters into the text, as a view needs them.

        Raises QueryError, PolicyError or DeclarationError with every finding that keeps it from being answered.
        """
        if query.naive:
            raise QueryError(Finding(
                "bad-question", "question", "a naive reading is made of several answers, so it has no SQL of its own",
                help="leave `naive` out here, and ask for it with `query`",
            ))  # fmt: skip
        key = (query.key(), inline, self._today(query))
        found = self._compiled.get(key)
        if found is not None:
            self._compiled.move_to_end(key)
            return found
        plan = build(query, self.model, self.capabilities)
        compiled = Compiled(plan, emit(plan, self.capabilities, inline=inline))
        self._compiled[key] = compiled
        if len(self._compiled) > REMEMBERED:
            self._compiled.popitem(last=False)
        return compiled

    def _today(self, query: Query) -> dt.date | None:
        """Return the day that a compiled question holds for; None where no answer hangs on it."""
        model = self.model
        hangs = query.today is None and (model.is_dated or any(source.valid is not None for source in model.sources.values()))
        return today_in(model.project) if hangs else None

    def answer(self, query: Query) -> Result:
        """Return the answer.

        Raises what ``compile`` raises, DeclarationError when the warehouse lacks what is declared or an answer holds NaN,
        EngineError when it fails.
        """
        assert self.engine is not None
        compiled = self.compile(query)
        table = self._rows_of(compiled, query)
        held = hold(query, self.model, compiled.plan, self._beside) if self._holds else {}
        endless = no_numbers(table, compiled.statement)
        if endless:
            raise DeclarationError(endless)
        passports = {column: {**known, **held.get(column, {})} for column, known in self.passports(compiled.plan, query).items()}
        for name, before in previously(self, query, compiled.plan).items():
            passports[name] = {**passports[name], "previously": before}
        totals, told = self._true_totals(query, compiled.plan)
        about = self.about(compiled.plan, query, (*told, *left_out(self, query))) | ({"totals": totals} if totals else {})
        setting = setting_of(query, self.model, compiled.plan)
        return Result(table, compiled.statement, passports, about, self.model.project.timezone, setting, self._told(query, compiled.plan))

    def _rows_of(self, compiled: Compiled, query: Query | None = None) -> pa.Table:
        """Return the rows of a compiled question, once the warehouse is known to have what they are read of."""
        self.verify(compiled.plan)
        self._hold_keys(compiled.plan)
        return self._fetch(compiled.statement, query)

    def ledger(self, query: Query, metric: str, plan: Plan | None = None, *, by_key: bool = False) -> Ledger:
        """Return where every row went that a metric asks about in a question; ``by_key`` looks for each row by its key.

        Raises QueryError for a metric that the model does not have, and what ``answer`` raises.
        """
        known = self.model.metrics.get(metric)
        if known is None:
            near = did_you_mean(metric, self.model.metrics)
            raise QueryError(Finding("unknown-name", "question", f"there is no metric `{metric}`", help=near))
        walked, read = ({}, ()) if plan is None else (plan.paths.get(metric, {}), plan.definitions)
        return kept(query, known, self.model, walked, self._beside, read=read, by_key=by_key)

    def control_totals(self, query: Query, metric: str) -> tuple[Held, ...]:
        """Return a metric beside its control total in the range of a question, for each definition of it that is read."""
        return control_totals(query, self.model.metrics[metric], self.model, self._beside)

    def _told(self, query: Query, plan: Plan) -> Callable[[str], Mapping[str, object]]:
        """Return what tells the ledger of a metric of an answer, to whoever reads its passport."""
        return lambda metric: self.ledger(query, metric, plan).as_json()

    def _beside(self, model: Model, query: Query) -> list[Mapping[str, object]]:
        desk = self.beside(model)
        rows: list[Mapping[str, object]] = desk._rows_of(desk.compile(query)).to_pylist()
        return rows

    def measured(self, query: Query) -> Result:
        """Return the answer, or raise what ``answer`` raises with the damage measured where it hangs on a definition in time."""
        try:
            return self.answer(query)
        except QueryError as refused:
            raise QueryError(both_readings(self, query, refused.findings)) from None

    def _fetch(self, statement: Statement, query: Query | None = None) -> pa.Table:
        """Return the rows of a statement. Raises DeclarationError (``missing-rate mixed-units empty-part``) where it stopped itself,
        QueryError where the question is too wide."""
        assert self.engine is not None
        try:
            return self.engine.fetch(statement)
        except EngineError as failed:
            found = stopped(failed, self.model)
            if found is None:
                raise
            raise refuse((found if query is None else with_damage(self, query, found),)) from failed

    def fetched(self, query: Query) -> pa.Table:
        """Return the rows of a question as they come, with nothing said about them."""
        return self._fetch(self.compile(query).statement)

    def _true_totals(self, query: Query, plan: Plan) -> tuple[dict[str, object], list[str]]:
        """Return what each metric is in all, each row once, where the groups of an answer overlap; and the same in words."""
        if not plan.overlaps or not query.metrics:
            return {}, []
        whole = replace(query.alone(()).of_all_cells(), compare=(), fill=None)
        try:
            table = self.fetched(whole)
        except (QueryError, DeclarationError):  # what looks along time has no total without a period, what is in two units none at all
            return {}, []
        totals = {name: table.column(name)[0].as_py() for name in query.metrics}
        told = [f"{name} is {value} in all, each row once" for name, value in totals.items()]
        return totals, told

    def standing(self, query: Query, *metrics: str) -> Standing:
        """Return the standing of an answer, or of some of its metrics: official or draft, signed by whom, and why not."""
        paths = (*query.by, *(path for level in query.levels for path in level), query.where or "", query.having or "")
        known_on = None if query.known_on is None else query.known_on.isoformat()
        return Standings.of(self.model).answer(metrics or query.metrics, paths, query.today, known_on=known_on)

    def passports(self, plan: Plan, query: Query) -> dict[str, Mapping[str, object]]:
        """Return the passport of each number's column: a change as a fraction of the past is in percent, one of percents in points."""
        found: dict[str, Mapping[str, object]] = {}
        for column, metric in plan.metrics:
            standing = self.standing(query, metric)
            known = passport(self.model, self.model.metrics[metric], paths=plan.paths.get(metric), standing=standing)
            known = {**known, "definitions": definitions(self.model, metric, plan.definitions)}
            if column in plan.fractions:
                known = {**known, "unit": "percent", "digits": None}
            elif column in plan.differences:
                known = {**known, "unit": of_difference(known["unit"])}
            found[column] = known
        return found

    def about(self, plan: Plan, query: Query, more: tuple[str, ...] = ()) -> dict[str, object]:
        """Return what belongs to the answer as a whole: the project, its meaning, the mark, and what a reader must know, with ``more``."""
        standing = self.standing(query)
        return {
            "project": self.model.project.name,
            "meaning": self.model.meaning,
            "timezone": self.model.project.timezone,
            "week_start": self.model.project.week_start,
            "status": standing.status,
            "mark": standing.mark,
            "notes": [*plan.notes, *more, *(flag.told for flag in standing.flags)],
        }

    def verify(self, plan: Plan) -> None:
        """Check once that the warehouse has the tables and columns that a plan reads. Raises DeclarationError if not."""
        assert self.engine is not None
        needs = []
        read = tuple(scan for scan in scans(plan.root) if scan.source in self.model.sources)  # rates are constants of the model
        sources = {scan.source for scan in read}
        for scan in read:
            source = self.model.sources[scan.source]
            pairs = pairs_of(self.model, source, sources)
            known = (scan.source, tuple(field.name for field in scan.fields), tuple(pair.role for pair in pairs))
            if known not in self._verified:
                self._verified.add(known)
                # A CSV is read with the types of all its declared columns, so all of them must be there.
                declared = dict(source.relation.types) if isinstance(source.relation, DataFile) else {}
                read_columns = {**declared, **{field.name: field.type for field in scan.fields}}
                needs.append((known, Need(source, read_columns, pairs)))
        findings = verify([need for _, need in needs], self.engine, self.model.metrics)
        if findings:
            self._verified.difference_update(known for known, _ in needs)
            raise DeclarationError(findings)

    def _hold_keys(self, plan: Plan) -> None:
        """Check once that what a plan joins to has each key once: the data, not the plan, could still multiply rows."""
        assert self.engine is not None
        joined = {
            scan.source: scan
            for scan in joins(plan.root)
            if scan.source in self.model.sources and ("key", scan.source) not in self._verified
        }
        lines = {each.source: each for each in self.model.hierarchies.values()}
        findings = list(repeated([self.model.sources[name] for name in sorted(joined) if name not in lines], self.engine))
        for name in sorted(joined):
            if name in lines:
                findings += torn(lines[name], self.model.sources[name], self.engine)
        if findings:
            raise DeclarationError(findings)
        self._verified.update(("key", name) for name in joined)

    def unanswerable(self) -> tuple[Finding, ...]:
        """Return what keeps the question of a view from being asked, for every view that is not broken already.

        The planner reads a question more closely than resolving does: its order, its times, what its filters compare.
        """
        found: list[Finding] = []
        for view in self.model.views.values():
            if f"view {view.name}" in self.model.broken:
                continue
            try:
                self.compile(Query.of(**view.question), inline=True)
            except DecisionLayerError as refused:
                subject = f"view {view.name}"
                found += [replace(finding, subject=subject, place=view.place) for finding in refused.findings]
        return tuple(found)

    def explain(self, query: Query) -> str:
        """Return the journey of a question: what was asked, the plan, each rewrite that changed something, the SQL."""
        compiled = self.compile(query)
        plan = compiled.plan
        parts = ["question", _question(query), "plan", show(plan)]
        if plan.trace:
            parts += ["rewrites", "\n".join(plan.trace)]
        if plan.notes:
            parts += ["notes", "\n".join(plan.notes)]
        parts += ["sql", compiled.statement.text]
        return "\n\n".join(
            f"-- {text}" if index % 2 == 0 else text for index, text in enumerate(parts)
        )


def joins(node: Node) -> Iterator[Scan]:
    """Yield the scan of every entity that rows below a node are joined to."""
    if isinstance(node, Join) and isinstance(node.scan, Scan):
        yield node.scan
    for below in inputs(node):
        yield from joins(below)


def scans(node: Node) -> Iterator[Scan]:
    """Yield every scan below a node, entities included."""
    if isinstance(node, Scan):
        yield node
    if isinstance(node, Join) and isinstance(node.scan, Scan):
        yield node.scan
    for below in inputs(node):
        yield from scans(below)


_KEYS = (
    "metrics", "by", "where", "having", "start", "end", "order", "limit", "params", "paths", "today", "structure", "definition",
    "basis", "known_on", "compare", "rest", "extremes",
)  # fmt: skip


def _question(query: Query) -> str:
    lines = []
    for key in _KEYS:
        value = getattr(query, key)
        if value not in (None, (), {}, False):
            shown = ", ".join(value) if isinstance(value, tuple) else value
            lines.append(f"{key}: {shown}")
    return "\n".join(lines)
