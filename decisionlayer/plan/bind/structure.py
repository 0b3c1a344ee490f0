"""Structure: at which moment an entity with history is read, for the rows of one measure.

| the question says | a row meets the version that holds |
|---|---|
| nothing | as the entity's own `history:` says, `as_was` or `as_is` |
| `as_was` | at the row's own time, by the clock of its metric |
| `as_is` | at the end of `today` |
| `{at: 2025-12-31}` | at the end of that day |

Only the moment is converted between zones, never the columns of the versions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass
from decisionlayer.names import did_you_mean
from decisionlayer.plan import operations
from decisionlayer.plan.bind.moments import TICK, earliest, wall_of, zone
from decisionlayer.plan.bind.ranges import bounds, read_range
from decisionlayer.plan.query import Query
from decisionlayer.resolve.language.tree import Expr, Literal, Name
from decisionlayer.resolve.language.types import TIMESTAMP, Kind
from decisionlayer.resolve.model import Clock, Model, Project, Source, Validity
from decisionlayer.resolve.reach.paths import Hop, Paths


@dataclass(frozen=True, slots=True)
class Structure:
    """How a question reads entities with history: ``as_was``, ``as_is`` or ``at`` a day; None leaves it to each entity.

    ``day`` is the day that is meant: today for ``as_is``.
    """

    kind: str | None
    day: dt.date

    def of(self, valid: Validity) -> str:
        """Return how one entity is read."""
        return self.kind or valid.history


@dataclass(frozen=True, slots=True)
class Moment:
    """When the rows of one measure meet versions: by their ``clock`` under ``alias``, or on the structure's day.

    ``query`` is the question that they are asked in.
    """

    structure: Structure
    clock: Clock | None
    alias: str
    model: Model
    query: Query

    @property
    def project(self) -> Project:
        """The project, in whose zone days are told."""
        return self.model.project

    def at(self, target: Source, day: dt.date | None = None) -> Expr | None:
        """Return the moment at which a row meets ``target``, on ``day`` where the path names one; None for one without history.

        Raises QueryError (``needs-period``) where the row's own time decides and it has none.
        """
        valid = target.valid
        if valid is None:
            return None
        if day is not None:
            return Literal(_end_of(day, valid, self.project))
        if self.structure.of(valid) == "as_was":
            if self.clock is None:
                raise QueryError(_no_clock(self.alias, target))
            return self._own(self.clock, valid)
        return Literal(_end_of(self.structure.day, valid, self.project))

    def known(self, source: Source, alias: str) -> tuple[Expr, ...]:
        """Return the conditions that a row had arrived by the day on which its content is asked for; none without such a day.

        Raises QueryError (``bad-question``) for rows that do not say when they arrived.
        """
        day = self.query.known_on
        if day is None:
            return ()
        if source.arrival is None:
            raise QueryError(Finding(
                "bad-question", "question", f"`known_on` asks what was known on {day}, and `{source.name}` does not say when a row arrived",
                source.place, help=f"declare it in `{source.name}` as `fresh: {{at: …, within: …}}`, or leave `known_on` out",
            ))  # fmt: skip
        return bounds(source.arrival, alias, read_range(None, day.isoformat(), self.project, []), self.project)

    def _own(self, clock: Clock, valid: Validity) -> Expr:
        column = Name((self.alias, clock.column))
        is_day = clock.type.kind is Kind.date
        if valid.type.kind is Kind.instant:
            if is_day:
                return operations.point(operations.cast(column, TIMESTAMP), self.project.timezone)
            return column if clock.zone is None else operations.point(column, clock.zone)
        if is_day or (valid.zone is None and clock.zone == self.project.timezone):
            return column
        return operations.wall(column, clock.zone, valid.zone or self.project.timezone)


def structure_of(query: Query, model: Model, findings: list[Finding]) -> Structure:
    """Return how a question reads history; ``bad-time`` for an ``at`` that is no day, ``bad-question`` for two answers at once."""
    today = query.today or today_in(model.project)
    asked = query.structure
    if query.basis is not None:
        asked = _of_basis(query, findings)
    if asked is None or asked in ("as_was", "as_is"):
        return Structure(asked, today)
    written = asked.removeprefix("at ")
    version = _version(written, model, findings)
    if version is not None:
        return Structure("at", version)
    try:
        return Structure("at", dt.date.fromisoformat(written))
    except ValueError:
        findings.append(Finding(
            "bad-time", "question", f"the structure is read at {written!r}, which is no day and no version of a frame",
            help=did_you_mean(written, _versions(model)) if _versions(model) else "write a day, such as 2025-12-31",
        ))  # fmt: skip
        return Structure("at", today)


def _versions(model: Model) -> frozenset[str]:
    return frozenset(version for each in model.hierarchies.values() for version in each.versions)


def _version(name: str, model: Model, findings: list[Finding]) -> dt.date | None:
    """Return the day of a version; ``bad-question`` where frames give the name to several days."""
    days = {each.name: each.versions[name] for each in model.hierarchies.values() if name in each.versions}
    if len(set(days.values())) > 1:
        said = " and ".join(f"{day} in `{frame}`" for frame, day in days.items())
        findings.append(Finding("bad-question", "question", f"the version `{name}` is of {said}", help="write the day that you mean"))
    return next(iter(days.values()), None)


def today_in(project: Project) -> dt.date:
    """Return the day that it is now in the project's zone."""
    return dt.datetime.now(zone(project.timezone)).date()


def _of_basis(query: Query, findings: list[Finding]) -> str:
    assert query.basis is not None
    for key in ("structure", "definition"):
        if getattr(query, key) is not None:
            findings.append(Finding(
                "bad-question", "question", f"`basis` says the {key} already, and `{key}` says it again",
                help=f"leave out `basis` or `{key}`",
            ))  # fmt: skip
    name, _, at = query.basis.partition("@")
    return "as_was" if name == "as_reported" else f"at {at}" if at else "as_is"


def histories(model: Model, hops: tuple[Hop, ...]) -> Iterator[tuple[Source, dt.date | None]]:
    """Yield the sources with history that a way leads through, each with the day of the version that the path names."""
    for hop in hops:
        target = model.sources[hop.target]
        if target.valid is not None:
            yield target, hop.at


def leads_to_history(model: Model, source: str) -> bool:
    """Say whether any way over links from ``source`` leads to an entity with history."""
    return any(True for walk in Paths.of(model).walks(source) for _ in histories(model, walk[-1:]))


def told(structure: Structure, target: Source, day: dt.date | None = None) -> str:
    """Return how an entity with history was read, as a note; ``day`` where the path named one."""
    assert target.valid is not None
    if day is not None:
        return f"{target.describes} as it was, at the end of {day.isoformat()}"
    how = structure.of(target.valid)
    if how == "as_was":
        return f"{target.describes} as it was at each row's own time"
    return f"{target.describes} as it {'is today' if how == 'as_is' else 'was'}, at the end of {structure.day.isoformat()}"


def _end_of(day: dt.date, valid: Validity, project: Project) -> dt.date | dt.datetime:
    if valid.type.kind is Kind.date:
        return day
    last = dt.datetime.combine(day, dt.time.max)
    if valid.zone == project.timezone:
        return last
    try:
        instant = earliest(last + TICK, project.timezone)
    except OverflowError:
        return last
    if instant is None:
        return last
    instant -= TICK
    return instant if valid.zone is None else wall_of(instant, valid.zone) or last


def _no_clock(alias: str, target: Source) -> Finding:
    return Finding(
        "needs-period", "question",
        f"the {target.describes} has history, and rows of `{alias}` have no clock that says when they met it",
        target.place, why="each version of it puts them into another group",
        help="read it on one day, as structure={at: …} or as_is, or declare a clock under `time:`",
    )  # fmt: skip
