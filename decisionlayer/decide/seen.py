"""What is seen of the options over one horizon: the question that is asked, and the level of each criterion for each option.

A horizon with a ``period`` is the last whole one before today. What is discounted is asked period by period, and paid at the
end of each::

    year | A   B   C        at 10 %, at the end of each year
       1 | 50  30 -10       A  50/1.1 + 25/1.21 + 15/1.331 =  77.39
       2 | 25  45  60       B                                 98.27
       3 | 15  45  90       C                                108.11
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from fractions import Fraction

from decisionlayer.ask import Desk
from decisionlayer.decide.readings import Cells, Reading, figures
from decisionlayer.decide.scoring import Levels, exact
from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan.bind.ranges import begins
from decisionlayer.plan.query import Parameter, Query
from decisionlayer.resolve.frames.timeunits import is_below_a_day
from decisionlayer.resolve.model import Decision, Formula, Horizon, Project
from decisionlayer.run import Result

_TICK = dt.timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Seen:
    """A decision over one horizon: the question, its answer, and what each reading of it says of the options."""

    decision: Decision
    horizon: Horizon
    query: Query
    result: Result
    known: dict[object, Cells]

    @property
    def criteria(self) -> tuple[str, ...]:
        """The metrics that are weighed, in order."""
        return self.query.metrics

    def options(self) -> tuple[str, ...]:
        """Return the options: those that are listed, else every value of the dimension with rows; and the status quo."""
        said = self.decision.options
        if said is None and self.decision.dimension is not None:
            keys = (row[len(self.query.by) - 1] for row in self.result.rows())
            said = tuple(sorted({option_text(key) for key in keys if key is not None}))
        quo = self.decision.status_quo
        said = said or ()
        return said if quo in (None, "none", *said) else (*said, str(quo))

    def keys(self) -> Mapping[str, Parameter]:
        """Return the key of each option as the data have it; without a dimension an option has none."""
        if self.decision.dimension is None:
            return dict.fromkeys(self.options())
        at = len(self.query.by) - 1
        return {option_text(row[at]): row[at] for row in self.result.rows() if row[at] is not None}

    def is_option(self, option: str, cell: tuple[object, ...]) -> bool:
        """Whether a cell is one of an option."""
        return self.decision.dimension is None or (cell[-1] is not None and option_text(cell[-1]) == option)

    def level(self, desk: Desk, name: str, reading: Reading | None = None) -> Mapping[str, Fraction | None]:
        """Return the level of one criterion for each option, governed unless a reading is given."""
        return self._by_option(self._cells(desk, name, reading))

    def levels(self, desk: Desk, reading: Reading | None = None) -> Mapping[str, Levels]:
        """Return the level of each criterion for each option, governed unless a reading is given; None where there is none."""
        by_metric = {name: self.level(desk, name, reading) for name in self.criteria}
        return {option: {name: by_metric[name].get(option) for name in self.criteria} for option in self.options()}

    def _cells(self, desk: Desk, name: str, reading: Reading | None) -> Cells:
        """Return the values of one metric; each reading of what lies beneath it is asked once."""
        reading = (reading or Reading()).beneath(desk.model, name)
        read = frozenset(
            (one, repr(metric.translation), tuple(metric.body.terms.items()) if isinstance(metric.body, Formula) else metric.body)
            for one, metric in reading.metrics.items()
        )
        shifted = frozenset((key, tuple(values.items())) for key, values in reading.shifted.items())
        key = (name, read, reading.passed, shifted, reading.as_reported, reading.repeated)
        if key not in self.known:
            plain = not (reading.repeated or reading.metrics or reading.passed or reading.shifted or reading.as_reported)
            self.known[key] = cells_of(self.result, name, self.query) if plain else figures(desk, reading, name, self.query)
        return self.known[key]

    def _by_option(self, values: Cells) -> Mapping[str, Fraction | None]:
        """Return the value of each option. Without a dimension the number tells none of them apart, and is that of all."""
        found: dict[str, dict[object, Fraction | None]] = {}
        for cell, value in values.items():
            time = cell[0] if cell else None
            if self.decision.dimension is None:
                for option in self.options():
                    found.setdefault(option, {})[time] = exact(value)
            elif cell[-1] is not None:
                found.setdefault(option_text(cell[-1]), {})[time] = exact(value)
        discount = self.horizon.discount
        if discount is None:
            return {option: next(iter(each.values())) for option, each in found.items()}
        times = sorted({time for each in found.values() for time in each}, key=str)
        return {option: present_value(Fraction(discount.rate), [each.get(time) for time in times]) for option, each in found.items()}


def cells_of(result: Result, name: str, query: Query) -> Cells:
    """Return the values of one metric of an answer by cell."""
    at, width = result.columns.index(name), len(query.by)
    return {tuple(row[:width]): row[at] for row in result.rows()}


def see(desk: Desk, decision: Decision, horizon: Horizon, today: dt.date, known_on: dt.date | None) -> Seen:
    """Return what is seen of a decision over one horizon. Raises what asking raises."""
    query = question(decision, horizon, desk.model.project, today, known_on)
    compare = () if horizon.against is None else (horizon.against,)
    return Seen(decision, horizon, query, desk.answer(replace(query, compare=compare)), {})


def question(decision: Decision, horizon: Horizon, project: Project, today: dt.date, known_on: dt.date | None) -> Query:
    """Return the question of a horizon: its criteria by its periods, if it has any, and by option."""
    start, end = horizon.start, horizon.end
    time: tuple[str, ...] = ()
    if horizon.period is not None:
        start, end = last_whole(horizon.period, today, project)
        time = (horizon.period,)
    if horizon.discount is not None:
        time = (horizon.discount.each,)
    by = (*time, *(() if decision.dimension is None else (decision.dimension,)))
    return Query(
        metrics=tuple(dict.fromkeys(criterion.metric for criterion in decision.criteria)), by=by, start=start, end=end,
        today=today, known_on=known_on, basis=horizon.basis, structure=horizon.structure, definition=horizon.definition,
        fill="spine" if horizon.discount is not None else None,
    )  # fmt: skip


def last_whole(period: str, today: dt.date, project: Project) -> tuple[str, str]:
    """Return the first and the last day of the last whole period before a day, as a question takes them."""
    after = begins(dt.datetime.combine(today, dt.time()), period, project)
    first = begins(after - _TICK, period, project)
    unit = project.almanac.parse(period)
    if unit is not None and is_below_a_day(str(unit)):
        return first.isoformat(), (after - _TICK).isoformat(timespec="microseconds")
    return first.date().isoformat(), (after - _TICK).date().isoformat()


def present_value(rate: Fraction, flows: Iterable[Fraction | None]) -> Fraction | None:
    """Return what flows are worth at the beginning, each paid at the end of its period; None where there is none at all.

    >>> float(round(present_value(Fraction(1, 10), [Fraction(50), Fraction(25), Fraction(15)]), 2))
    77.39
    """
    total, is_there = Fraction(0), False
    for number, flow in enumerate(flows, start=1):
        if flow is not None:
            total += flow / (1 + rate) ** number
            is_there = True
    return total if is_there else None


def option_text(key: object) -> str:
    """Return the key of a group as an option is written."""
    return key.isoformat() if isinstance(key, dt.date) else str(key).lower() if isinstance(key, bool) else str(key)

