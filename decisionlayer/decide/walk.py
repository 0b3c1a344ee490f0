"""A walk: the named steps that lead from one number to another and sum to the difference."""

from __future__ import annotations

from decimal import Decimal, localcontext

from decisionlayer.frozen import dataclass

#: Enough digits that figures of sixteen digits are subtracted exactly, however far apart they lie.
_DIGITS = 400


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a walk: what is changed, why that moves the number, and the figure before and after."""

    name: str
    why: str
    before: Decimal | None
    after: Decimal | None

    @property
    def change(self) -> Decimal | None:
        """By how much this step moves the figure, exactly; None where one of the two is missing."""
        return difference(self.before, self.after)


@dataclass(frozen=True, slots=True)
class Walk:
    """The way from the governed figure of a number to its naive one.

    Every step begins where the one before it ended, so that the changes sum to the gap exactly. A figure that has no
    value is None, and so is every difference with it.
    """

    metric: str
    title: str
    unit: str
    cell: str
    governed: Decimal | None
    naive: Decimal | None
    steps: tuple[Step, ...]

    @property
    def gap(self) -> Decimal | None:
        """By how much the naive figure is above the governed one."""
        return difference(self.governed, self.naive)

    def render(self, width: int = 100) -> str:
        """Return the walk as text: the governed figure, one line per step with its change and where it leads, the gap.

        ``width`` is where the reasons are broken.
        """
        name = max([len("governed"), *(len(step.name) for step in self.steps)])
        rows = [("governed", "", self._shown(self.governed), "")]
        rows += [(step.name, self._moved(step.change), self._shown(step.after), step.why) for step in self.steps]
        rows.append(("naive", "", self._shown(self.naive), ""))
        change = max(len(row[1]) for row in rows)
        figure = max(len(row[2]) for row in rows)
        lines = [f"{self.title} ({self.metric}){f', {self.cell}' if self.cell else ''}"]
        for label, moved, shown, why in rows:
            head = f"  {label:<{name}}  {moved:>{change}}  {shown:>{figure}}"
            lines += _hanging(head, why, width)
        unit = f" {self.unit}" if self.gap is not None and self.unit not in ("", "1", "percent") else ""
        lines.append(f"  the naive figure is off by {self._moved(self.gap)}{unit}")
        return "\n".join(lines)

    def _shown(self, figure: Decimal | None) -> str:
        if figure is None:
            return "–"
        if self.unit == "percent":
            return f"{figure * 100:,.2f} %"
        return f"{figure:,.{_places(figure)}f}{f' {self.unit}' if self.unit not in ('', '1') else ''}"

    def _moved(self, change: Decimal | None) -> str:
        if change is None:
            return "–"
        if self.unit == "percent":
            return f"{change * 100:+,.2f} points"
        return f"{change:+,.{_places(self.governed or change)}f}"


def difference(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    """Return how far it is from ``before`` to ``after``, exactly; None where one of them is missing."""
    if before is None or after is None:
        return None
    with localcontext() as context:
        context.prec = _DIGITS
        return after - before


def _places(figure: Decimal) -> int:
    """Return how many digits after the point a reader wants of a figure of this size."""
    return 0 if abs(figure) >= 10_000 else 2


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
