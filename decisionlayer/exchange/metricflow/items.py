"""What dbt groups and filters by: ``listing__country_latest``, ``metric_time__month``, ``TimeDimension('metric_time', 'day')``.

A name is read without looking anything up, but for the grains that calendars add: whether the last word of
``booking__ds__month`` is a grain is known by its list.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from decisionlayer.errors import QueryError
from decisionlayer.exchange.metricflow.grains import GRAINS, PARTS
from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass, replace

METRIC_TIME = "metric_time"


@dataclass(frozen=True, slots=True)
class Item:
    """A group-by item: the entities that lead to it, the element, and for a time its grain or date part.

    ``grain`` None of a time is its default, which ``settled`` fills in; of anything else it stays None.
    """

    links: tuple[str, ...]
    element: str
    grain: str | None = None
    part: str | None = None

    @property
    def is_metric_time(self) -> bool:
        """Whether it is each metric's own time."""
        return not self.links and self.element == METRIC_TIME

    @property
    def column(self) -> str:
        """The name of its column, as dbt writes it."""
        last = f"extract_{self.part}" if self.part else self.grain
        return "__".join((*self.links, self.element, *((last,) if last else ())))

    @property
    def path(self) -> str:
        """Its name without grain or part."""
        return "__".join((*self.links, self.element))

    def at(self, grain: str | None) -> Item:
        """Return it at another grain, without a date part."""
        return replace(self, grain=grain, part=None)


@dataclass(frozen=True, slots=True)
class MetricRef:
    """A metric as an attribute of what it is grouped by: ``Metric('bookings', group_by=['listing'])``."""

    metric: str
    group_by: tuple[Item, ...]


def read_item(text: str, customs: Iterable[str]) -> Item:
    """Return the item that a name or a call spells.

    >>> read_item("listing__ds__month", ()).column, read_item("TimeDimension('metric_time', 'day')", ()).column
    ('listing__ds__month', 'metric_time__day')
    """
    if "(" in text:
        found = read_reference(text, customs)
        if isinstance(found, MetricRef):
            raise refused(f"`{text}` is a metric, and answers are split by dimensions, times and entities")
        return found[0]
    return named(text, customs)


def named(text: str, customs: Iterable[str], grain: str | None = None, part: str | None = None) -> Item:
    """Return the item of a name such as ``listing__ds__month`` or ``metric_time__extract_dow``."""
    words = text.strip().lower().split("__")
    if not all(words):
        raise refused(f"`{text}` is no name of a dimension, a time or an entity")
    if len(words) > 1 and grain is None and part is None:
        last = words[-1]
        if last in GRAINS or last in customs:
            grain, words = last, words[:-1]
        elif last.startswith("extract_") and last.removeprefix("extract_") in PARTS:
            part, words = last.removeprefix("extract_"), words[:-1]
    if part is not None and part not in PARTS:
        raise refused(f"`{part}` is no date part", f"there are: {', '.join(PARTS)}")
    if grain is not None and grain not in GRAINS and grain not in customs:
        raise refused(f"`{grain}` is no grain", f"there are: {', '.join((*GRAINS, *sorted(customs)))}")
    return Item(tuple(words[:-1]), words[-1], None if part else grain, part)


def read_reference(text: str, customs: Iterable[str]) -> tuple[Item, bool] | MetricRef:
    """Return what a call in a template refers to; of an item also whether it runs downwards, as in an order.

    Calls are ``Dimension``, ``TimeDimension``, ``Entity`` and ``Metric``, with ``.grain(…)``, ``.date_part(…)`` and
    ``.descending(…)`` after them. They are read, never run.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        raise refused(f"`{text.strip()}` cannot be read as a reference", "write Dimension('listing__country')") from None
    calls: list[tuple[str, list[object], dict[str, object]]] = []
    while isinstance(tree, ast.Call):
        values = [_constant(each, text) for each in tree.args]
        words = {str(each.arg): _constant(each.value, text) for each in tree.keywords}
        if isinstance(tree.func, ast.Attribute):
            calls.append((tree.func.attr, values, words))
            tree = tree.func.value
            continue
        if isinstance(tree.func, ast.Name):
            calls.append((tree.func.id, values, words))
            return _referred(list(reversed(calls)), text, tuple(customs))
        break
    raise refused(f"`{text.strip()}` cannot be read as a reference", "write Dimension('listing__country')")


def _constant(node: ast.expr, text: str) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError:
        raise refused(f"`{text.strip()}` holds something other than names", "write the names in quotes") from None


def _referred(
    calls: list[tuple[str, list[object], dict[str, object]]], text: str, customs: tuple[str, ...]
) -> tuple[Item, bool] | MetricRef:
    head, values, words = calls[0]
    given = [*values, *words.values()]
    if not given or not isinstance(given[0], str):
        raise refused(f"`{text.strip()}` names nothing")
    name = given[0]
    grain = part = None
    downwards = False
    if head == "Metric":
        listed = values[1] if len(values) > 1 else words.get("group_by", ())
        listed = [listed] if isinstance(listed, str) else listed
        assert isinstance(listed, list | tuple)
        by = tuple(named(str(each), customs) for each in listed)
        if len(calls) > 1 or not by:
            raise refused(f"`{text.strip()}` needs `group_by`, the entities that it is counted for")
        return MetricRef(name.lower(), by)
    if head not in ("Dimension", "TimeDimension", "Entity"):
        raise refused(f"dbt knows no `{head}(…)` in a filter", "there are Dimension, TimeDimension, Entity and Metric")
    if head == "TimeDimension":
        grain = _word(values[1] if len(values) > 1 else words.get("time_granularity_name"))
        part = _word(words.get("date_part_name"))
    links = words.get("entity_path") or (values[1] if head != "TimeDimension" and len(values) > 1 else ())
    for function, more, named_more in calls[1:]:
        first = more[0] if more else next(iter(named_more.values()), None)
        match function:
            case "grain":
                grain = _word(first)
            case "date_part":
                part = _word(first)
            case "descending":
                downwards = first is not False
            case _:
                raise refused(f"dbt knows no `.{function}(…)` of a dimension")
    item = named(name, customs, grain, part)
    if isinstance(links, list | tuple) and links:
        item = replace(item, links=(*(word.lower() for each in links for word in str(each).split("__")), *item.links))
    return item, downwards


def _word(value: object) -> str | None:
    return None if value is None else str(value).lower()


def refused(message: str, help: str = "", code: str = "bad-question") -> QueryError:
    """Return the refusal of a question."""
    return QueryError((Finding(code, "question", message, help=help),))
