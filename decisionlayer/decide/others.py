"""Others: the question of the rest of an answer, as a question of its own: all rows but those of the groups that are shown.

::

    by: site, limit: 1, rest        shown: South        the rest: not (site is not null and site = 'South')
"""

from __future__ import annotations

from decisionlayer.ask import Desk
from decisionlayer.decide.option_desk import is_alike
from decisionlayer.decide.readings import key_columns
from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.names import is_name
from decisionlayer.plan.bind.periods import read_period
from decisionlayer.plan.query import Parameter, Query
from decisionlayer.run import Result


def of_the_rest(desk: Desk, query: Query, answer: Result) -> Query:
    """Return the question of the rest, split by the periods of an answer alone.

    Raises QueryError ``not-built`` where a filter would not say what the rest is.
    """
    model = desk.model
    clocks = frozenset(clock.column for source in model.sources.values() for clock in source.clocks)
    periods = tuple(path for path in query.by if read_period(path, clocks, model.project.almanac) is not None)
    paths = tuple(path for path in query.by if path not in periods)
    columns = key_columns(paths, answer.columns)
    if query.having is not None or len(columns) != len(paths) or not all(is_alike(model, query.metrics, path) for path in paths):
        raise QueryError(Finding(
            "not-built", "question", "the rest of this question cannot be read naively by this version yet",
            why="its rows are told by a filter, and `having`, keys of several columns, bridges, totals and mixes read a filter otherwise",
            help="leave `rest` or `naive` out",
        ))  # fmt: skip
    places = [answer.columns.index(column) for column in columns]
    is_rest = answer.columns.index("rest")
    shown = dict.fromkeys(tuple(row[place] for place in places) for row in answer.rows() if not row[is_rest])
    params: dict[str, Parameter] = {}
    cells = []
    for cell in shown:
        parts = []
        for path, key in zip(paths, cell, strict=True):
            name = ".".join(part if is_name(part) else f'"{part}"' for part in path.split("."))
            if key is None:
                parts.append(f"{name} is null")
            else:
                param = f"shown_{len(params)}"
                params[param] = key
                parts.append(f"{name} is not null and {name} = :{param}")
        cells.append(f"({' and '.join(parts)})")
    others = f"not ({' or '.join(cells)})" if cells else None
    where = " and ".join(f"({part})" for part in (query.where, others) if part)
    return replace(query, by=periods, where=where or None, params={**query.params, **params}, rest=False, limit=None, order=())
