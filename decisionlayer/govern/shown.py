"""A difference as text for a terminal and as Markdown for a pull request."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from decisionlayer.resolve.quantities.printed import change_text, figure_text

if TYPE_CHECKING:
    from decisionlayer.govern.diff import Change, Diff, History
    from decisionlayer.govern.effects import Effect

#: So many changes of one facet are told; the rest are counted.
_MOST = 8


def as_text(diff: Diff, width: int) -> str:
    """Return a difference as text: the worst change first, each with what changed, its effect and whom it reaches."""
    lines = [_headline(diff)]
    for change in diff.changes:
        lines += ["", f"{change.kind.value}  {change.subject}"]
        for label, text in _parts(change):
            lines += textwrap.wrap(
                f"{label:<8}  {text}", max(width, 40), initial_indent="  ", subsequent_indent=" " * 12, break_long_words=False,
                break_on_hyphens=False,
            )  # fmt: skip
    return "\n".join(lines)


def as_markdown(diff: Diff) -> str:
    """Return a difference as Markdown: a table of the changes, and under it the words of each."""
    lines = [f"### {_headline(diff)}", ""]
    if not diff.changes:
        return "\n".join(lines).rstrip()
    lines += ["| class | object | in all | periods that move | reaches |", "|---|---|---|---|---|"]
    for change in diff.changes:
        effect = change.effect
        total = "" if effect is None or effect.total is None else _total(effect, change.unit)
        moved = "" if effect is None or effect.period is None else f"{len(effect.moved):,} of {effect.periods:,} {effect.period}s"
        cells = (change.kind.value, f"`{change.subject}`", total, moved, _reached(change))
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    for change in diff.changes:
        lines += ["", f"**{change.subject}** ({change.kind.value})", ""]
        lines += [f"- {label}: {text}" for label, text in _parts(change)]
    return "\n".join(lines)


def _headline(diff: Diff) -> str:
    if not diff.changes:
        return f"{diff.before} → {diff.after}: nothing changed in meaning or in words"
    counts: dict[str, int] = {}
    for change in diff.changes:
        counts[change.kind.value] = counts.get(change.kind.value, 0) + 1
    said = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    return f"{diff.before} → {diff.after}: {len(diff.changes)} {'change' if len(diff.changes) == 1 else 'changes'}, {said}"


def _parts(change: Change) -> Iterator[tuple[str, str]]:
    for text in change.what[:_MOST]:
        yield "what", text
    if len(change.what) > _MOST:
        yield "what", f"and {len(change.what) - _MOST} more"
    if change.because:
        yield "because", f"of {', '.join(change.because)}"
    if change.history is not None:
        yield "past", _past(change.history)
    if change.effect is not None:
        yield "effect", effect_said(change.effect, change.unit)
    reached = _reached(change)
    if reached:
        yield "reaches", reached
    for each in change.reaches.signatures:
        yield "voids", f"the signature of {each.by} for {each.name}, which would hold until {each.until}"


def _past(history: History) -> str:
    if history.since is None:
        return "every period is read anew; to keep what was, write `since`, `past` and what was different under `earlier`"
    if history.past == "break":
        return f"left as it was before {history.since}, with a break mark"
    told = "and somebody signed for it" if history.recorded else "and no record restates it yet"
    return f"restated: periods before {history.since} are read anew, {told}"


def effect_said(effect: Effect, unit: str) -> str:
    """Return in words what a change does to a number."""
    parts = []
    if effect.total is not None:
        parts.append(f"in all {_total(effect, unit)}")
    if effect.period is not None and effect.periods:
        if effect.moved:
            most = effect.moved[0]
            moved = f"{len(effect.moved):,} of {effect.periods:,} {effect.period}s {'move' if len(effect.moved) > 1 else 'moves'}"
            parts.append(f"{moved}, most {most.at}: {_figure(most.before, unit)} → {_figure(most.after, unit)}")
        else:
            parts.append(f"none of {effect.periods:,} {effect.period}s moves")
    elif effect.moved:
        most = effect.moved[0]
        parts.append(f"most {most.at}: {_figure(most.before, unit)} → {_figure(most.after, unit)}")
    if effect.problem:
        parts.append(f"not measured: {effect.problem}")
    return "; ".join(parts) or "nothing to measure"


def _total(effect: Effect, unit: str) -> str:
    total = effect.total
    assert total is not None
    if total.before == total.after:
        return f"{_figure(total.before, unit)} as before"
    change = "" if total.change is None else f" ({_moved(total.change, unit)})"
    return f"{_figure(total.before, unit)} → {_figure(total.after, unit)}{change}"


def _reached(change: Change) -> str:
    reach = change.reaches
    kinds: tuple[tuple[str, Mapping[str, int]], ...] = (
        ("metric", reach.metrics), ("decision", reach.decisions), ("view", reach.views), ("target", reach.targets),
    )  # fmt: skip
    parts = [f"{kind}{'s' if len(found) > 1 else ''} {', '.join(found)}" for kind, found in kinds if found]
    if reach.owners:
        parts.append(f"owned by {', '.join(reach.owners)}")
    return "; ".join(parts)


def _figure(figure: Decimal | None, unit: str) -> str:
    return figure_text(figure, unit, 0 if figure is not None and figure == figure.to_integral_value() else 2)


def _moved(change: Decimal, unit: str) -> str:
    return change_text(change, unit, 0 if change == change.to_integral_value() else 2)
