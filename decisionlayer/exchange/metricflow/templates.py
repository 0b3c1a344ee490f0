"""dbt's filters: SQL with references in double braces, read into a tree and the items that it speaks of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from decisionlayer.exchange.metricflow.items import Item, MetricRef, named, read_reference, refused
from decisionlayer.exchange.metricflow.sqltext import read_sql
from decisionlayer.frozen import dataclass
from decisionlayer.resolve.language.tree import Expr, Name, names, transform

_HOLE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition over items; ``expr`` names the nth of ``refs`` as ``Name(("@n",))``."""

    text: str
    expr: Expr
    refs: tuple[Item | MetricRef, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        """The items among what it speaks of."""
        return tuple(ref for ref in self.refs if isinstance(ref, Item))

    def over(self, value: Callable[[Item | MetricRef], Expr]) -> Expr:
        """Return the condition with each reference replaced by its value in some rows."""
        values = {f"@{number}": value(ref) for number, ref in enumerate(self.refs)}
        return transform(self.expr, lambda node: values[node.parts[0]] if isinstance(node, Name) else None)

    def with_refs(self, change: Callable[[Item | MetricRef], Item | MetricRef]) -> Filter:
        """Return it with its references changed, as when default grains are filled in."""
        return Filter(self.text, self.expr, tuple(change(ref) for ref in self.refs))


def read_filters(texts: Sequence[str], customs: Iterable[str]) -> tuple[Filter, ...]:
    """Return the conditions of several templates; all must hold."""
    return tuple(read_filter(text, tuple(customs)) for text in texts if text.strip())


def read_filter(text: str, customs: tuple[str, ...]) -> Filter:
    """Return the condition of one template. A bare name such as ``metric_time__day`` is an item too, as dbt lets it be.

    Raises QueryError for a template, an SQL or a name that cannot be read.
    """
    if "{%" in text:
        raise refused("a filter with `{% … %}` is a program, not a condition", "write the condition out", "not-built")
    refs: list[Item | MetricRef] = []

    def put(found: re.Match[str]) -> str:
        read = read_reference(found[1], customs)
        refs.append(read if isinstance(read, MetricRef) else read[0])
        return f'"@{len(refs) - 1}"'

    expr = read_sql(_HOLE.sub(put, text))
    for name in dict.fromkeys(names(expr)):
        if not name.parts[0].startswith("@"):
            refs.append(named(name.parts[0], customs))
            at = Name((f"@{len(refs) - 1}",))
            expr = transform(expr, lambda node, name=name, at=at: at if node == name else None)  # type: ignore[misc]
    return Filter(text.strip(), expr, tuple(refs))
