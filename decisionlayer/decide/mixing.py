"""Mixing: the classes that a metric watches, asked of the warehouse, and what is said when their mix misleads (DL601)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from decisionlayer.ask import Desk
from decisionlayer.decide.drivers import Mix, Parts, mix_of
from decisionlayer.errors import DecisionLayerError
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.plan.query import Query
from decisionlayer.resolve.adding.quotients import Quotient, quotient_of
from decisionlayer.resolve.meaning.comparing import exact
from decisionlayer.resolve.model import Metric, Model
from decisionlayer.resolve.quantities.printed import change_text
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.uses.watches import unlimited
from decisionlayer.run import Result

#: How a class is called whose key is unknown.
UNASSIGNED = "Unassigned"

#: What sets other cells of time beside a metric; a target is no such cell.
_TIMES = ("previous", "year_ago", "same_weekday_last_year")


def apart(model: Model, quotient: Quotient) -> Model:
    """Return a model that can be asked for both parts of a quotient by whatever its metric watches."""
    whole = quotient.added_to(model)
    beneath = Beneath(whole.metrics)
    return unlimited(whole, {part.name for half in (quotient.over, quotient.under) for part in beneath.tree(half.name)})


def parts_by_class(desk: Desk, quotient: Quotient, query: Query, watch: tuple[str, ...]) -> dict[str, Parts]:
    """Return what stands above and below the line in each class, for a question with one cell; ``desk`` knows the parts."""
    asked = replace(query, metrics=(quotient.over.name, quotient.under.name), by=watch)
    found: dict[str, Parts] = {}
    for row in desk.answer(asked).rows():
        name, over, under = class_name(row[:-2]), *row[-2:]
        was = found.get(name, (Fraction(0), Fraction(0)))
        found[name] = was[0] + fraction(over), was[1] + fraction(under)
    return found


def class_name(keys: tuple[object, ...]) -> str:
    """Return how a class is called: by its keys, ``Unassigned`` where one is unknown."""
    return ", ".join(UNASSIGNED if key is None else str(key) for key in keys)


def fraction(value: object) -> Fraction:
    """Return a figure exactly; one without rows adds nothing."""
    known = exact(value)
    return Fraction(0) if known is None else Fraction(known)


def misleading(metric: Metric, mix: Mix, told: str) -> Finding | None:
    """DL601 where the total of a quotient moves one way and the values of its classes the other; None where it does not.

    ``told`` says between what it moved.
    """
    strict = mix.is_reversed(metric.min_base)
    if not strict and not mix.misleads:
        return None
    rose = mix.change > 0
    if strict:
        both = [driver for driver in mix.drivers if driver.is_on_both_sides and min(driver.bases) >= (metric.min_base or 0)]
        each = f"each of the {len(both)} classes of `{', '.join(metric.watch)}` {'fell' if rose else 'rose'}"
    else:
        each = f"the values of the classes of `{', '.join(metric.watch)}` {'fell' if rose else 'rose'} on the whole"
    percent = str(metric.unit) == "percent"
    return Finding(
        "mix-misleads", f"metric {metric.name}",
        f"`{metric.name}` {'rose' if rose else 'fell'} {told}, and {each}: the mix makes the difference", metric.place,
        why="whoever reads the total alone believes the opposite of what happened in every class"
        if strict
        else "whoever reads the total alone takes a shift between classes for a change of their values",
        damage=f"{moved(mix.change, percent=percent)} = rate {moved(mix.rate, percent=percent)} + mix {moved(mix.mix, percent=percent)}",
        help=f"read it by {' and '.join(f'`{path}`' for path in metric.watch)}, or at one mix: `reweight` in its translation",
    )  # fmt: skip


def moved(change: Fraction, *, percent: bool = False) -> str:
    """Return a change as people read it.

    >>> moved(Fraction(-29, 20)), moved(Fraction(-3, 100), percent=True)
    ('-1.45', '-3.00 points')
    """
    return change_text(float(change), "percent" if percent else "")


def watched(desk: Desk, query: Query, result: Result) -> Iterator[Finding]:
    """Yield DL601 for each cell of an answer with ``compare`` in which a watched mix misleads.

    It costs one question more for each metric that watches anything. Answers whose rows are of several kinds are left alone.
    """
    words = [word for word in query.compare if word in _TIMES]
    if not words or query.levels or query.totals or query.rest or not query.by:
        return
    for name in query.metrics:
        metric = desk.model.metrics[name]
        quotient = quotient_of(desk.model, metric) if metric.watch else None
        if quotient is not None:
            try:
                yield from _of_cells(desk, query, result, metric, quotient, words)
            except DecisionLayerError:
                continue  # the answer stands; its classes cannot be asked, such as a filter on what is compared


def _of_cells(
    desk: Desk, query: Query, result: Result, metric: Metric, quotient: Quotient, words: list[str]
) -> Iterator[Finding]:
    halves = (quotient.over.name, quotient.under.name)
    watch = tuple(path for path in metric.watch if path not in query.by)
    if not watch:
        return
    asked = replace(
        query.of_all_cells(), metrics=halves, by=(*query.by, *watch), compare=tuple(words), fill="spine", naive=False,
    )  # fmt: skip
    answer = desk.beside(apart(desk.model, quotient)).answer(asked)
    columns = {column: index for index, column in enumerate(answer.columns)}
    width = len(result.columns) - sum(1 for column in result.statement.columns if column.role == "metric")
    classes = range(width, min(columns[half] for half in halves))
    sides: dict[tuple[object, ...], dict[str, list[dict[str, Parts]]]] = {}
    for row in answer.rows():
        name = class_name(tuple(row[index] for index in classes))
        for word in words:
            before, after = sides.setdefault(row[:width], {}).setdefault(word, [{}, {}])
            after[name] = fraction(row[columns[halves[0]]]), fraction(row[columns[halves[1]]])
            before[name] = (
                fraction(row[columns[f"{halves[0]}__{word}"]]), fraction(row[columns[f"{halves[1]}__{word}"]]),
            )  # fmt: skip
    shown = {row[:width] for row in result.rows()}
    for cell, by_word in sides.items():
        for word, (before, after) in by_word.items():
            mix = mix_of(before, after) if cell in shown else None
            found = None if mix is None else misleading(metric, mix, _told(query, cell, word))
            if found is not None:
                yield found


def _told(query: Query, cell: tuple[object, ...], word: str) -> str:
    keys = ", ".join(f"{path} {UNASSIGNED if key is None else key}" for path, key in zip(query.by, cell, strict=False))
    against = {"previous": "the one before", "year_ago": "the year before", "same_weekday_last_year": "that weekday a year before"}
    return f"in {keys} against {against[word]}"
