"""Parameters: the values of ``:name`` in a question's filters, fitted to what they are compared with. They are never pasted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal

from decisionlayer.findings import Finding
from decisionlayer.names import did_you_mean, near
from decisionlayer.plan.bind.moments import zone
from decisionlayer.plan.query import Parameter
from decisionlayer.resolve.language import literals
from decisionlayer.resolve.language.functions import FUNCTIONS, Gives, Takes
from decisionlayer.resolve.language.tree import Call, Expr, Param, walk
from decisionlayer.resolve.language.types import DataType, Kind

_NUMBERS = frozenset({Kind.integer, Kind.decimal, Kind.float})
_TIMES = frozenset({Kind.date, Kind.timestamp, Kind.instant})
_TAKEN = {Takes.number: Kind.float, Takes.text: Kind.text, Takes.condition: Kind.boolean}
_WORDS = {
    Kind.boolean: "true or false", Kind.integer: "a number", Kind.decimal: "a number", Kind.float: "a number",
    Kind.text: "text", Kind.date: "a date", Kind.timestamp: "a timestamp", Kind.instant: "an instant",
}  # fmt: skip


class Parameters:
    """The parameters of one question, while its filters are bound; ``bound`` are those that are used, fitted."""

    def __init__(self, given: Mapping[str, Parameter], timezone: str, findings: list[Finding]) -> None:
        self.given = given
        self.timezone = timezone
        self.findings = findings
        self.bound: dict[str, Parameter] = {}
        self._fits: dict[str, Parameter] = {}
        self._told: set[str] = set()

    def fit(self, expr: Expr, type_of: Callable[[Expr], DataType]) -> None:
        """Fit the parameters of a filter; ``type_of`` gives the type of its parts."""
        for node in walk(expr):
            if isinstance(node, Param):
                self._use(node)
            elif isinstance(node, Call) and node.function in FUNCTIONS:
                self._beside(node, type_of)

    def finish(self) -> None:
        """Refuse parameters that no filter names."""
        for name in self.given:
            if name not in self.bound and name not in self._told:
                close = near(name, self._told | set(self.bound))
                self._say(name, f"parameter `{name}` is given, and no filter uses it",
                          f"Did you mean {' or '.join(close)}?" if close else f"leave it out, or use it as :{name}")  # fmt: skip

    def _use(self, param: Param) -> None:
        value = self.given.get(param.name)
        if isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
            self._say(param.name, f"parameter `{param.name}` holds half of a character, or bytes that are no UTF-8", "give it text")
        elif param.name not in self.given:
            give = f'give its value: --param {param.name}=… on the command line, params={{"{param.name}": …}} in Python'
            self._say(param.name, f"the filter uses `:{param.name}`, and no such parameter is given",
                      did_you_mean(param.name, self.given) if self.given else give)  # fmt: skip
        else:
            self.bound.setdefault(param.name, self.given[param.name])

    def _beside(self, node: Call, type_of: Callable[[Expr], DataType]) -> None:
        """Fit the parameters among the arguments of one call to the others, or to what the function takes."""
        row = FUNCTIONS[node.function]
        compares = row.gives is Gives.condition and row.takes[0] in (Takes.alike, Takes.ordered)
        types = [type_of(argument) for argument in node.arguments if not isinstance(argument, Param)]
        beside = next((each.kind for each in types if each.kind is not Kind.unknown), None)
        for position, argument in enumerate(node.arguments):
            if not isinstance(argument, Param) or argument.name not in self.given:
                continue
            value = self.given[argument.name]
            if value is None and compares:
                self._say(argument.name, f"parameter `{argument.name}` is empty, and nothing equals nothing",
                          "write `is null` to find what is empty, or leave the comparison out")  # fmt: skip
            elif value is not None:
                kind = _TAKEN.get(row.takes_at(position), beside)
                if kind is not None:
                    self._fit(argument.name, value, kind)

    def _fit(self, name: str, value: Parameter, kind: Kind) -> None:
        fitted = _fitted(value, kind, self.timezone)
        if fitted is None:
            shown = repr(value) if isinstance(value, str) else str(value)
            self._say(name, f"parameter `{name}` is {shown}, and it stands beside {_WORDS[kind]}",
                      f"give it {_WORDS[kind]}" + (f", as '{shown}'" if kind is Kind.text else ""))  # fmt: skip
        elif name in self._fits and (type(self._fits[name]), self._fits[name]) != (type(fitted), fitted):
            self._say(name, f"parameter `{name}` stands beside things of different kinds", "use two parameters")
        else:
            self._fits[name] = self.bound[name] = fitted

    def _say(self, name: str, message: str, help: str) -> None:
        if name not in self._told:
            self._told.add(name)
            self.findings.append(Finding("bad-parameter", "question", message, help=help))


def _fitted(value: Parameter, kind: Kind, timezone: str) -> Parameter:
    """Return ``value`` as what it is compared with; None when it is something else."""
    if kind in _NUMBERS:
        return value if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None
    if kind is Kind.boolean:
        return value if isinstance(value, bool) else None
    if kind is Kind.text:
        return value if isinstance(value, str) else None
    return _moment(value, kind, timezone) if kind in _TIMES else value


def _moment(value: Parameter, kind: Kind, timezone: str) -> dt.date | dt.datetime | None:
    if isinstance(value, str):
        read = literals.day(value)
        value = read if read is not None else literals.clock(value)
    if not isinstance(value, dt.date):
        return None
    if kind is Kind.date:
        return None if isinstance(value, dt.datetime) else value
    at = value if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time())
    if kind is Kind.timestamp:
        return at if at.tzinfo is None else None
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone(timezone))
    try:
        return at.astimezone(dt.UTC)
    except OverflowError:
        return None

