"""Filters: the question's ``where`` over the rows of each measure, and its ``having`` over the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass
from decisionlayer.names import did_you_mean
from decisionlayer.plan.bind.aliases import base_alias
from decisionlayer.plan.bind.columns import Columns
from decisionlayer.plan.bind.marks import Mark
from decisionlayer.plan.bind.moments import zone
from decisionlayer.plan.bind.parameters import Parameters
from decisionlayer.plan.bind.periods import Period, period_of, period_type, read_period
from decisionlayer.plan.rules.walking import conjuncts
from decisionlayer.plan.types import type_of
from decisionlayer.resolve.frames.timeunits import Almanac
from decisionlayer.resolve.language.parser import parse_question_filter
from decisionlayer.resolve.language.problems import Problem
from decisionlayer.resolve.language.tree import Expr, Name, names, transform
from decisionlayer.resolve.language.types import UNKNOWN, DataType
from decisionlayer.resolve.language.typing import check_filter
from decisionlayer.resolve.reach.across import Road, Unclear, beyond, by_road, last, road_of
from decisionlayer.resolve.reach.grain import PLAIN
from decisionlayer.resolve.reach.paths import Parts, Route


def read_filter(key: str, text: str | None, findings: list[Finding]) -> Expr | None:
    """Return the filter under ``key`` of a question, None without one or after its findings."""
    if text is None:
        return None
    parsed = parse_question_filter(text)
    findings.extend(_finding(key, problem) for problem in parsed.problems)
    return parsed.expr


def _finding(key: str, problem: Problem) -> Finding:
    return Finding(problem.code, "question", f"in `{key}`: {problem.message}", help=problem.help)


@dataclass(frozen=True, slots=True)
class Over:
    """Rows that a filter is bound over: their source, their clock (None: no clock), and how they walk asked paths."""

    source: str
    clock: str | None
    route: Callable[[Parts], Route | None]


class Where:
    """The question's filter over rows. ``paths`` and ``periods`` are what it names, ``marks`` what it asks of many sides."""

    def __init__(self, expr: Expr | None, clocks: frozenset[str], almanac: Almanac = PLAIN) -> None:
        self.expr = expr
        self.marks: dict[str, Mark] = {}
        self.periods: dict[Parts, Period] = {}
        self.paths: tuple[Parts, ...] = ()
        if expr is not None:
            asked = dict.fromkeys(name.parts for name in names(expr))
            for parts in asked:
                period = read_period(".".join(parts), clocks, almanac)
                if period is not None:
                    self.periods[parts] = period
            self.paths = tuple(parts for parts in asked if parts not in self.periods)

    def narrowed(self, expr: Expr | None) -> Where:
        """Return the filter with only ``expr`` of its conditions."""
        rest = Where(None, frozenset())
        rest.expr = expr
        kept = {name.parts for name in names(expr)} if expr is not None else set()
        rest.periods = {parts: period for parts, period in self.periods.items() if parts in kept}
        rest.paths = tuple(parts for parts in self.paths if parts in kept)
        return rest

    def bind(self, over: Over, columns: Columns, parameters: Parameters, findings: list[Finding]) -> Expr | None:
        """Return the filter as a condition over the scans of ``over``; None without one, or after its findings.

        Paths that ``over`` does not reach have their finding already, and end it quietly.
        """
        if self.expr is None:
            return None
        bound: dict[Name, Expr] = {}
        types: dict[Name, DataType] = {}
        for name in names(self.expr):
            found = self._named(name, over, columns, findings)
            if found is None:
                return None
            bound[name], types[name] = found
        lookup = types.__getitem__
        typed = check_filter(self.expr, lookup, zone(columns.project.timezone))
        findings.extend(finding for finding in (_finding("where", each) for each in typed.problems) if finding not in findings)
        parameters.fit(typed.expr, lambda part: type_of(part, lookup))

        def put_in(source: str, part: Expr) -> Expr:
            return columns.in_zone(source, transform(part, lambda node: bound[node] if isinstance(node, Name) else None))

        def asked_of(source: str, part: Expr, routes: Mapping[Name, Route | None], marks: dict[str, Mark]) -> Expr:
            """Return a condition over rows of ``source``; what it asks of the rows beyond a step from one to many goes to ``marks``."""

            def fits(road: Road, inner: Expr) -> Expr:
                within: dict[str, Mark] = {}
                there = {name: beyond(route) for name in names(inner) if (route := routes[name]) is not None}
                mark = Mark(road, asked_of(road[-1].target, inner, there, within), tuple(within.items()))
                marks[mark.alias] = mark
                return mark.is_there(columns.back(road[-1])[0])

            return by_road(part, lambda name: road_of(routes[name]), lambda plain: put_in(source, plain), fits)

        walked = {name: None if name.parts in self.periods else over.route(name.parts) for name in names(typed.expr)}
        try:
            return asked_of(over.source, typed.expr, walked, self.marks)
        except Unclear as unclear:
            told = Finding("bad-question", "question", f"in `where`: {unclear.args[0]}", help=unclear.args[1])
            if told not in findings:
                findings.append(told)
            return None

    def of_time(self, over: Over, columns: Columns, parameters: Parameters) -> tuple[Expr, ...]:
        """Return those of its conditions that ask periods and nothing else, as ``bind`` has them; it was bound before."""
        if self.expr is None or not self.periods:
            return ()
        asked = (part for part in conjuncts(self.expr) if (read := names(part)) and all(name.parts in self.periods for name in read))
        bound = (self.narrowed(part).bind(over, columns, parameters, []) for part in asked)
        return tuple(part for part in bound if part is not None)

    def _named(
        self, name: Name, over: Over, columns: Columns, findings: list[Finding]
    ) -> tuple[Expr, DataType] | None:
        period = self.periods.get(name.parts)
        source = columns.sources[over.source]
        if period is not None:
            clock = source.clock(period.clock or over.clock) if period.clock or over.clock else None
            if clock is None:
                return None
            unit = period.of(clock)
            return period_of(clock, base_alias(source), unit, columns.project), period_type(unit)
        route = over.route(name.parts)
        if route is None:
            return None
        route = last(route)
        found = columns.at(route)
        if len(found) > 1:
            keys = " and ".join(f"`{part}`" for part in columns.parts(route))
            told = Finding(
                "bad-question", "question", f"in `where`: `{name.text}` is a key of {len(found)} columns ({keys}), not one value",
                help="filter by one of its attributes",
            )  # fmt: skip
            if told not in findings:
                findings.append(told)
            return None
        return found[0], columns.type_of_route(route)


def bind_having(
    expr: Expr | None, known: Mapping[str, tuple[str, DataType]], timezone: str, parameters: Parameters, findings: list[Finding]
) -> Expr | None:
    """Return ``having`` over the result's columns; ``known`` gives column and type for each name that it may use."""
    if expr is None:
        return None
    fine = True
    for name in dict.fromkeys(names(expr)):
        if name.text not in known:
            fine = False
            findings.append(Finding(
                "unknown-name", "question", f"in `having`: `{name.text}` is no column of the result",
                help=f"{did_you_mean(name.text, known)} To filter rows before they are counted, use `where`.",
            ))  # fmt: skip
    types = {name: known[name.text][1] if name.text in known else UNKNOWN for name in names(expr)}
    lookup = types.__getitem__
    typed = check_filter(expr, lookup, zone(timezone))
    findings.extend(_finding("having", problem) for problem in typed.problems)
    parameters.fit(typed.expr, lambda part: type_of(part, lookup))
    if not fine:
        return None
    return transform(typed.expr, lambda node: Name((known[node.text][0],)) if isinstance(node, Name) else None)
