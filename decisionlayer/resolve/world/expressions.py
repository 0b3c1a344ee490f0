"""Expressions over rows: text read, its names settled, its types and units checked, its findings placed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from decisionlayer.declare.book import Path
from decisionlayer.findings import Finding
from decisionlayer.resolve.about import About
from decisionlayer.resolve.language.parser import parse_filter
from decisionlayer.resolve.language.problems import Parsed, Problem
from decisionlayer.resolve.language.tree import Expr, names
from decisionlayer.resolve.language.typing import check_filter
from decisionlayer.resolve.quantities.units import unit_of
from decisionlayer.resolve.reach.across import Unclear, by_road, crossing, road_of
from decisionlayer.resolve.reach.refusals import refuse_name
from decisionlayer.resolve.world.rows import Rows


def add_problems(about: About, problems: Iterable[Problem], path: Path) -> None:
    """Add what is wrong with the text at ``path``, each at its own column."""
    for problem in problems:
        place = about.entry.origin.place(*path, offset=problem.span.start)
        about.findings.append(problem.finding(about.subject, place, why=WHY.get(problem.code, "")))


#: Why a problem of the language matters, where its message does not say so itself.
WHY = {
    "average-of-averages": (
        "each part would weigh the same, however many rows are behind it, so it is another number than that over all rows"
    ),
    "stored-ratio": "a small row weighs as much in it as a large one, so it is right for no group but a single row",
    "distinct-summed": "whoever comes on two days, or to two shops, would count twice",
    "rebuilt-quantile": "a median of medians is not a median: it forgets how many rows are behind each",
    "unlike-frames": "a quarter of costs over the heads of one day is neither the cost of a head nor of a day",
    "rounded-before-adding": "what is cut off each part adds up, and the parts no longer make the whole",
    "mixed-units": "unlike things have no sum and no order; it would only look like a number",
}


def read(about: About, parse: Callable[[str], Parsed], text: str, path: Path) -> Expr | None:
    """Return the tree of ``text``, or None after its findings."""
    parsed = parse(text)
    add_problems(about, parsed.problems, path)
    return parsed.expr


def names_settle(about: About, expr: Expr, rows: Rows, path: Path, *, filters: bool = False) -> bool:
    """Say whether a row has everything that ``expr`` names; a finding for each name that it has not.

    One that ``filters`` may ask for rows of a many side too.
    """
    fine = True
    for name in dict.fromkeys(names(expr)):
        route = rows.route(name.parts)
        if route is not None and not filters and crossing(route) is not None:
            route = None
        is_metric = route is not None and not filters and rows.is_metric(route)
        if route is not None and route.end != "key" and not is_metric:
            continue
        place = about.entry.origin.place(*path, offset=name.span.start)
        if is_metric:
            fine = False
            about.findings.append(
                Finding(
                    "not-built",
                    about.subject,
                    f"`{name.text}` is a metric of each thing, and this version does not aggregate over those yet",
                    place,
                    help="filter and split by it, or aggregate it in a source's own query",
                )
            )
            continue
        if route is None and (root := rows.paths.blocked(rows.source, name.parts)) is not None:
            rows.fall(about.subject, root, place)
            fine = False
        elif route is None:
            about.findings.append(refuse_name(rows.paths, rows.source, name.parts, subject=about.subject, place=place))
            fine = False
        elif route.end == "key" and len(columns := rows.key_columns(route)) > 1:
            listed = " and ".join(f"`{column}`" for column in columns)
            about.findings.append(
                Finding(
                    "wrong-argument",
                    about.subject,
                    f"`{name.text}` is a key of {len(columns)} columns: {listed}",
                    place,
                    help="name the column that you mean",
                )
            )
            fine = False
    return fine


def read_filter(about: About, text: str | None, rows: Rows, *path: str | int) -> tuple[Expr | None, bool]:
    """Return a filter over rows and whether it can be used; no text is no filter, which can.

    Its dates are typed: ``day >= '2013-01-01'`` compares dates, not texts.
    """
    if text is None:
        return None, True
    expr = read(about, parse_filter, text, path)
    if expr is None or not names_settle(about, expr, rows, path, filters=True):
        return None, False
    try:
        by_road(expr, lambda name: road_of(rows.route(name.parts)), lambda part: part, lambda _, part: part)
    except Unclear as unclear:
        about.say("wrong-argument", unclear.args[0], *path, help=unclear.args[1])
        return None, False
    typed = check_filter(expr, rows.type, rows.zone)
    _, mixed = unit_of(typed.expr, rows.unit, literals="adapt")
    add_problems(about, (*typed.problems, *mixed), path)
    return typed.expr, not typed.problems and not mixed
