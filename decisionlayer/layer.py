"""CORRIDOR: ``Layer``, one short method per room; it reads like the manual.

Load a project, ask it, check it, publish it. Every method raises a ``DecisionLayerError`` whose findings say what to mend.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from decisionlayer.declare import Book, Declaration
from decisionlayer.errors import DeclarationError, EngineError, QueryError
from decisionlayer.findings import Finding, in_order
from decisionlayer.load import load_project
from decisionlayer.names import did_you_mean
from decisionlayer.resolve import resolve
from decisionlayer.resolve.model import Model
from decisionlayer.resolve.trust.waivers import with_waivers
from decisionlayer.run.warehouse import open_warehouse
from decisionlayer.sweeping import nothing_to_sweep

if TYPE_CHECKING:
    from decisionlayer.ask import Desk
    from decisionlayer.decide import Walk
    from decisionlayer.decide.brief import Brief
    from decisionlayer.govern.audit import Audit
    from decisionlayer.govern.diff import Diff
    from decisionlayer.govern.outcomes import Outcome
    from decisionlayer.govern.recording import Recorded
    from decisionlayer.govern.signing import Signature
    from decisionlayer.plan.query import Query
    from decisionlayer.publish import Receipt
    from decisionlayer.resolve.trust.flags import Flagged
    from decisionlayer.run import Engine, Result

#: Verbs that the library will have and this version has not; asked for, they say so.
LATER = ("refresh", "catalog", "export")


class Layer:
    """A project, resolved, with the warehouse that its numbers live in."""

    def __init__(self, book: Book, model: Model, engine: Engine) -> None:
        self.book = book
        self.model = model
        self.engine = engine

    @cached_property
    def desk(self) -> Desk:
        """Where questions are asked; the rooms that answer them are not opened before the first one."""
        from decisionlayer.ask import Desk

        return Desk(self.model, self.engine)

    @classmethod
    def load(
        cls,
        project: str | Path = ".",
        warehouse: object = None,
        *,
        declarations: Iterable[Declaration] = (),
        today: dt.date | None = None,
    ) -> Layer:
        """Return the project in a folder, ready to be asked; ``declarations`` made in Python join what its files say.

        ``warehouse`` is a URL, a path to a ``.duckdb`` file, an open DuckDB connection or a SQLAlchemy engine; without one
        the project's own ``warehouse`` is used. Nothing is opened before the first question. A project with mistakes still
        loads: ``check`` lists them, and only what stands on them is refused.
        """
        with nothing_to_sweep():
            book = load_project(project, declarations=declarations)
            model = resolve(book, today=today)
        files = str(Path(book.root).resolve())
        if warehouse is None and model.project.warehouse is not None:
            return cls(book, model, open_warehouse(model.project.warehouse, root=book.root, files=files))
        return cls(book, model, open_warehouse(warehouse, files=files))

    def query(self, **question: object) -> Result:
        """Return the answer to a question; the keys are those of ``Query``."""
        self._need_a_project()
        query = _read(question)
        if query.naive:
            from decisionlayer.decide import with_naive

            return with_naive(self.desk, query)
        result = self.desk.measured(query)
        if query.compare or any(self.model.metrics[name].min_base is not None for name in query.metrics):
            from decisionlayer.decide import small_bases, watched

            return result.with_findings((*watched(self.desk, query, result), *small_bases(self.desk, query, result)))
        return result

    def walk(self, metric: str, /, *, against: str | Mapping[str, object], **question: object) -> Walk:
        """Return the steps to a number from another one of the same metric: definition, structure, calendar, fx, mix, rate, rest.

        ``against`` is ``previous`` or ``year_ago``, or the keys in which the other question differs: ``{"where": "site = 'North'"}``.
        """
        from decisionlayer.decide import change_walk

        self._need_a_project()
        return change_walk(self, metric, against=against, **question)

    def sql(self, *, dialect: str | None = None, **question: object) -> str:
        """Return the SQL of a question without running it; parameters stay named."""
        if dialect not in (None, self.desk.capabilities.dialect):
            raise QueryError(Finding(
                "not-built", "question", f"this version writes no SQL for `{dialect}`", help="leave `dialect` out, or say duckdb",
            ))  # fmt: skip
        self._need_a_project()
        return self.desk.compile(_read(question)).statement.text

    def explain(self, metric: str | None = None, /, **question: object) -> str:
        """Return one metric in plain words, or, for a question, its journey from words to SQL."""
        self._need_a_project()
        if metric is None:
            return self.desk.explain(_read(question))
        from decisionlayer.resolve.telling.sentences import sentence

        if metric not in self.model.named_metrics:
            found = self.model.broken.get(f"metric {metric}")
            kind = next((entry.kind for entry in self.book.entries if entry.name == metric and entry.kind != "metric"), None)
            raise QueryError(found or Finding(
                "unknown-name", f"metric {metric}", f"there is no metric `{metric}`",
                why=f"`{metric}` is a {kind}, and only metrics are read back" if kind else "",
                help=did_you_mean(metric, self.model.named_metrics),
            ))  # fmt: skip
        return sentence(self.model, self.model.metrics[metric])

    def check(self, *, data: bool = False) -> list[Finding]:
        """Return all findings: of the files, of the views in them, and of the tables and columns in a warehouse that is there.

        With ``data`` the rows are looked at too: keys, links, parts and wholes. A warehouse that fails is a finding itself.
        """
        from decisionlayer.decide import foretold
        from decisionlayer.publish import check_tables, with_damage

        unanswerable = (*self.desk.unanswerable(), *foretold(self.desk))
        found = [*(with_damage(self.desk, self.model.findings, self.book.root) if data else self.model.findings), *unanswerable]
        told = {(finding.code, finding.message) for finding in unanswerable}
        try:
            of_the_warehouse = self._check_rows() if data else check_tables(self.desk)
        except EngineError as failed:
            of_the_warehouse = failed.findings
        found += [finding for finding in of_the_warehouse if (finding.code, finding.message) not in told]
        return list(with_waivers(self.model, in_order(found)))

    def _check_rows(self) -> tuple[Finding, ...]:
        """Return what is found in the rows, and what the rows say of the numbers that watch a mix."""
        from decisionlayer.decide import misled
        from decisionlayer.publish import check_data

        found = check_data(self.desk)
        return (*found, *misled(self.desk, {finding.subject for finding in found if finding.is_error}))

    def audit(self) -> Audit:
        """Return everything that is found: of the project and its data, and in the SQL that the project declares as its estate.

        SQL of the estate is read and its aggregates are run; nothing else of it is.
        """
        from decisionlayer.exchange.estate import scan
        from decisionlayer.govern.audit import Audit
        from decisionlayer.publish.drift import drifted

        self._need_a_project()
        beside = (*scan(self.desk, self.book.root), *drifted(self.desk))
        found = in_order([*self.check(data=True), *with_waivers(self.model, beside)])
        return Audit(self.model.project.name, self.model.today or dt.date.today(), tuple(found))

    def publish(self, *, to: str | Path | None = None, say: Callable[[str], None] | None = None) -> Receipt:
        """Publish the declared views, one view for each decision, and the catalog tables; return a receipt.

        In place it is one transaction; with ``to`` a file is built aside and swapped in by rename. All or nothing: a refusal
        or a failure leaves what was published before.
        """
        from decisionlayer.publish import publish

        return publish(self.desk, to=None if to is None else Path(to), say=say or (lambda _: None))

    def brief(self, decision: str, *, today: dt.date | str | None = None, known_on: dt.date | str | None = None) -> Brief:
        """Return a decision laid out over its horizons: ranked, with all that the ranking hangs on, as plain data.

        ``today`` settles what the last quarter is; what arrived after ``known_on`` is left out of every number.
        """
        from decisionlayer.decide import brief

        self._need_a_project()
        days = _read({key: day for key, day in (("today", today), ("known_on", known_on)) if day is not None})
        return brief(self.desk, decision, today=days.today, known_on=days.known_on)

    def diff(self, before: str | Path | Layer, after: str | Path | None = None, /) -> Diff:
        """Return what changed in meaning since another state of the project, what it does to the numbers, and whom it reaches.

        A state is a folder, a revision that git knows, or another layer; ``after`` is this layer where nothing is named. Both are
        asked on this layer's warehouse.
        """
        from decisionlayer.govern.diff import diff_of
        from decisionlayer.load.revisions import read_state

        self._need_a_project()
        states = []
        for named in (before, after):
            if named is None or isinstance(named, Layer):
                states.append(((named or self).model, "this project" if named is None else named.model.project.name))
            else:
                book = read_state(self.book.root, str(named), load_project)
                if not book.entries and book.findings:
                    raise DeclarationError(book.findings)
                states.append((resolve(book, today=self.model.today), str(named)))
        (was, first), (now, last) = states
        return diff_of(was, now, self.engine, (first, last), root=self.book.root)

    def sign(
        self, *names: str, by: str, until: str | dt.date, dated: str | dt.date | None = None, plan: bool = False
    ) -> Signature:
        """Sign what some things mean now, or with ``plan`` all that is not signed yet; say what still keeps it from being official."""
        from decisionlayer.govern.signing import Signature, sign, still_lacking

        day = None if dated is None else str(dated)
        given = sign(self.book, self.model, names, by=by, until=str(until), dated=day, plan=plan)
        self._read_log_again()
        return Signature(given, still_lacking(self.model, given))

    def record(self, said: Mapping[str, object] | str, /) -> Recorded:
        """Write a record of any kind into the log: a mapping, or its YAML. What is not said is filled in."""
        from decisionlayer.govern.recording import record

        written = record(self.book, self.model, said)
        self._read_log_again()
        return written

    def flag(self, name: str, /, *, by: str, severity: str, text: str, **more: object) -> Recorded:
        """Say that a thing does not reflect reality; ``where``, ``start``, ``end`` and ``if_upheld`` say of what, and by how much."""
        said = {"flag": name, "by": by, "severity": severity, "text": text, **more}
        return self.record({key: value for key, value in said.items() if value is not None})

    def flag_all(self, file: str | Path, /) -> tuple[Recorded, ...]:
        """Raise every flag that a CSV file holds, one a line; all of them, or none with what is wrong in which line."""
        from decisionlayer.govern.flag_files import raise_all

        written = raise_all(self.book, self.model, Path(file))
        self._read_log_again()
        return written

    def flags(self) -> tuple[Flagged, ...]:
        """Return every flag as it stands today: what was said, answered and done."""
        from decisionlayer.resolve.trust.flags import flags

        return flags(self.model, self.model.today or dt.date.today())

    def outcomes(self) -> tuple[Outcome, ...]:
        """Return what was expected of each decision that was taken, and what was found."""
        from decisionlayer.govern.outcomes import outcomes

        return outcomes(self.model)

    def verify_records(self) -> list[Finding]:
        """Return what is wrong with the log: each record that was edited, renamed or taken away. Nothing, when it is whole."""
        self._read_log_again()
        return list(self.model.log.findings)

    def _read_log_again(self) -> None:
        """Take in what the log says now."""
        from decisionlayer.frozen import replace
        from decisionlayer.load.records import read_log

        log = read_log(Path(self.book.root))
        self.book = replace(self.book, records=log.records, log_findings=log.findings)
        self.model = resolve(self.book, today=self.model.today)
        self.__dict__.pop("desk", None)

    def _need_a_project(self) -> None:
        """Refuse questions to a folder that holds no project, with what was found there; not as unknown names."""
        if not self.book.entries and self.book.findings:
            raise DeclarationError(self.book.findings)

    def close(self) -> None:
        """Let go of the warehouse."""
        self.engine.close()

    def __enter__(self) -> Layer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __getattr__(self, name: str) -> object:
        if name in LATER:
            raise AttributeError(f"this version of decisionlayer has no `{name}` yet")
        raise AttributeError(f"a layer has no `{name}`")

    def __repr__(self) -> str:
        model = self.model
        size = f"{len(model.named_metrics)} metrics over {len(model.sources)} sources"
        return f"<Layer {model.project.name}: {size} on {self.engine.name}>"


def _read(question: Mapping[str, object]) -> Query:
    from decisionlayer.plan.query import Query

    return Query.of(**question)
