"""Asked once for all options: questions that differ in nothing but the option are one question, split by what the options are.

::

    late_minutes where carrier = 'UA', where carrier = 'DL', ...      becomes  late_minutes by carrier, and each reads its row

A split and a filter say the same of a row unless a number looks at what is filtered out or at rows that count in several groups;
such numbers are asked for each option.
"""

from __future__ import annotations

from collections.abc import Iterable

from decisionlayer.ask import Compiled, Desk
from decisionlayer.frozen import replace
from decisionlayer.plan.query import Parameter, Query
from decisionlayer.resolve.language.tree import Call, walk
from decisionlayer.resolve.model import Formula, Model
from decisionlayer.resolve.reach.across import road_of
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.reach.paths import Paths
from decisionlayer.run import Result

#: The parameter that holds an option; nobody's own filter has it, for a horizon has none.
OPTION = "option"


class OptionDesk(Desk):
    """A desk whose questions are filtered by ``where``, which compares the dimension of a decision with one option."""

    def __init__(self, desk: Desk, dimension: str, where: str, first: Parameter) -> None:
        super().__init__(desk.model, desk.engine, desk.capabilities)
        self._verified = desk._verified
        self._holds = desk._holds
        self._real = desk
        self._dimension = dimension
        self._where = where
        self._first = first
        self._rows: dict[object, tuple[Result, dict[object, list[int]]]] = {}
        self._desks: list[OptionDesk] = []

    def beside(self, model: Model) -> OptionDesk:
        """Return a desk for another reading of the metrics, the same one for equal readings."""
        for known in self._desks:
            if known.model.metrics == model.metrics and known.model.sources == model.sources:
                return known
        made = OptionDesk(self._real.beside(model), self._dimension, self._where, self._first)
        self._desks.append(made)
        return made

    def compile(self, query: Query, *, inline: bool = False) -> Compiled:
        """Return the question as plan and statement, for whoever wants to know what it goes through: that of the first option."""
        if self._is_option(query):
            query = replace(query, params={OPTION: self._first})
        return self._real.compile(query, inline=inline)

    def answer(self, query: Query) -> Result:
        """Return the answer for one option, out of that for all of them where it is there."""
        if not self._is_option(query) or not self._is_split(query):
            return self._real.answer(query)
        asked = replace(query, by=(self._dimension, *query.by), where=None, params={})
        key = asked.key()
        if key not in self._rows:
            result = self._real.answer(asked)
            places: dict[object, list[int]] = {}
            for place, row in enumerate(result.rows()):
                places.setdefault(row[0], []).append(place)
            self._rows[key] = result, places
        result, places = self._rows[key]
        mine = places.get(query.params[OPTION])
        if not mine:  # no rows: zero or nothing, which the number itself knows best
            return self._real.answer(query)
        statement = replace(result.statement, columns=result.statement.columns[1:])
        table = result.arrow().take(mine).drop_columns([result.columns[0]])
        return Result(table, statement, result.passports, result.about, self.model.project.timezone)

    def _is_option(self, query: Query) -> bool:
        return query.where == self._where and set(query.params) == {OPTION}

    def _is_split(self, query: Query) -> bool:
        """Whether a split says of an option what a filter does."""
        if self._dimension in query.by or query.having or query.order or query.limit is not None or query.compare:
            return False
        return is_alike(self.model, query.metrics, self._dimension)


def is_alike(model: Model, names: Iterable[str], path: str) -> bool:
    """Say whether some metrics split by a path say of each group what they say filtered to it."""
    beneath, paths = Beneath(model.metrics), Paths.of(model)
    for name in names:
        tree = beneath.tree(name)
        earlier = (each for metric in tree for edition in metric.editions[1:] for each in beneath.tree(edition.name))
        for metric in (*tree, *earlier):
            if metric.translation is not None and metric.translation.reweight is not None:
                return False
            if isinstance(metric.body, Formula) and any(
                isinstance(node, Call) and node.function == "total" for node in walk(metric.body.expr)
            ):
                return False
        if any(road_of(paths.bind(source, tuple(path.split(".")))) is not None for source in beneath.sources(name)):
            return False
    return True
