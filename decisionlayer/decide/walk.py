"""A walk: the named steps that lead from one number to another and sum to the difference."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass
from decisionlayer.resolve.meaning.comparing import difference as difference
from decisionlayer.resolve.quantities.printed import POINTS, change_text, figure_text, rounded_away

#: How many lines of a step are printed; all of them are in the data.
MOST_LINES = 6


@dataclass(frozen=True, slots=True)
class Line:
    """A part of a step: what of it comes from one class, one factor or one currency. The lines of a step sum to its change.

    They stand in the order of their size.
    """

    name: str
    change: Decimal


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a walk: what is changed, why that moves the number, and the figure before and after.

    ``cause`` is the kind of change in one or two words, such as ``population`` or ``average of averages``; empty where none fits.
    """

    name: str
    why: str
    before: Decimal | None
    after: Decimal | None
    cause: str = ""
    lines: tuple[Line, ...] = ()

    @property
    def change(self) -> Decimal | None:
        """By how much this step moves the figure, exactly; None where one of the two is missing."""
        return difference(self.before, self.after)


@dataclass(frozen=True, slots=True)
class Walk:
    """The way from one figure of a number to another, such as from the governed to the naive one.

    Every step begins where the one before it ended, so that the changes sum to the whole exactly. A figure that has no
    value is None, and so is every difference with it. ``ends`` says what the two figures are; ``findings`` what a reader must
    know of the way.
    """

    metric: str
    title: str
    unit: str
    cell: str
    before: Decimal | None
    after: Decimal | None
    steps: tuple[Step, ...]
    ends: tuple[str, str] = ("governed", "naive")
    findings: tuple[Finding, ...] = ()

    @property
    def change(self) -> Decimal | None:
        """By how much the last figure is above the first."""
        return difference(self.before, self.after)

    @property
    def governed(self) -> Decimal | None:
        """The first figure, of a walk to a naive one."""
        return self.before

    @property
    def naive(self) -> Decimal | None:
        """The last figure, of a walk to a naive one."""
        return self.after

    @property
    def gap(self) -> Decimal | None:
        """By how much the naive figure is above the governed one."""
        return self.change

    def render(self, width: int = 100) -> str:
        """Return the walk as text: the first figure, one line per step with its change and where it leads, the change in all.

        ``width`` is where the reasons are broken.
        """
        rows = [(self.ends[0], "", self._shown(self.before), "")]
        for step in self.steps:
            rows.append((step.name, self._moved(step.change), self._shown(step.after), step.why))
            within = [(f"  {line.name}", self._moved(line.change), "", "") for line in _greatest(step.lines)]
            rows += [*within, *self._rounding([line[1] for line in within], self._moved(step.change), "  ")]
        if None not in (self.change, *(step.change for step in self.steps)):
            rows += self._rounding([self._shown(self.before), *(self._moved(step.change) for step in self.steps)], self._shown(self.after))
        rows.append((self.ends[1], "", self._shown(self.after), ""))
        name, change, figure = (max(len(row[column]) for row in rows) for column in range(3))
        lines = [f"{self.title} ({self.metric}){f', {self.cell}' if self.cell else ''}"]
        for label, moved, shown, why in rows:
            head = f"  {label:<{name}}  {moved:>{change}}  {shown:>{figure}}"
            lines += _hanging(head, why, width)
        unit = f" {self.unit}" if self.change is not None and self.unit not in ("", "1", "percent") else ""
        said = f"the {self.ends[1]} figure is off by" if self.ends[1] == "naive" else "the change is"
        lines.append(f"  {said} {self._moved(self.change)}{unit}")
        return "\n".join((*lines, *self._told(width)))

    def as_json(self) -> dict[str, object]:
        """Return the walk as plain data: both figures, each step with its lines, and what was found; figures are decimals."""
        steps = [
            {"name": step.name, "change": step.change, "why": step.why, "lines": {line.name: line.change for line in step.lines}}
            for step in self.steps
        ]
        return {
            "metric": self.metric, "unit": self.unit, "cell": self.cell, "ends": list(self.ends), "before": self.before,
            "after": self.after, "change": self.change, "steps": steps, "findings": [found.as_json() for found in self.findings],
        }  # fmt: skip

    def _rounding(self, parts: list[str], whole: str, margin: str = "") -> Iterator[tuple[str, str, str, str]]:
        """Yield a line with what printed parts are off the printed whole, where they are: nothing is spread over the parts."""
        off = rounded_away(parts, whole)
        if off and len(parts) > 1:
            said = f"{off:+,f}{f' {POINTS}' if self.unit == 'percent' else ''}"
            yield f"{margin}rounding", said, "", "what is printed is rounded, each line by itself"

    def _told(self, width: int) -> Iterator[str]:
        for finding in self.findings:
            yield from _hanging(f"  {finding.rule.id or finding.code}", finding.message, width)

    def _shown(self, figure: Decimal | None) -> str:
        return figure_text(figure, self.unit, _places(figure))

    def _moved(self, change: Decimal | None) -> str:
        return change_text(change, self.unit, _places(self.before or change))


def _greatest(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Return as many lines as a page has room for, the greatest, and the rest as one."""
    if len(lines) <= MOST_LINES:
        return lines
    shown, rest = lines[: MOST_LINES - 1], lines[MOST_LINES - 1 :]
    return *shown, Line(f"{len(rest)} others", sum((line.change for line in rest), Decimal(0)))


def _places(figure: Decimal | None) -> int:
    """Return how many digits after the point a reader wants of a figure of this size."""
    return 0 if figure is not None and abs(figure) >= 10_000 else 2


def _hanging(head: str, why: str, width: int) -> list[str]:
    """Return ``head`` with the words of ``why`` behind it, broken at ``width`` and hung under themselves."""
    margin = len(head) + 2
    if not why:
        return [head.rstrip()]
    if width - margin < 24:
        # Too narrow for two columns: the reason stands below its figure.
        margin, lines, line = 6, [head.rstrip()], " " * 6
    else:
        lines, line = [], head + "  "
    for word in why.split():
        if len(line) + len(word) > width and line.strip():
            lines.append(line.rstrip())
            line = " " * margin
        line += f"{word} "
    return [*lines, line.rstrip()]
