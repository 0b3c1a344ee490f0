"""Totals: which splits `total(m, …)` may keep. A path that its metric cannot be split by would be dropped in silence."""

from __future__ import annotations

from collections.abc import Mapping

from decisionlayer.resolve.drafting.bench import Bench
from decisionlayer.resolve.drafting.drafts import Draft
from decisionlayer.resolve.language.tree import Call, Expr, Literal, names, walk
from decisionlayer.resolve.model import Term


def check_totals(draft: Draft, bench: Bench, formula: Expr, terms: Mapping[str, Term]) -> None:
    """``unreachable-dimension`` (or why else a path cannot be asked) for what a total keeps and its metric cannot be split by."""
    for node in walk(formula):
        if not isinstance(node, Call) or node.function != "total":
            continue
        sources = dict.fromkeys(
            leaf.source for one in names(node.arguments[0]) if one.text in terms for leaf in bench.leaves[terms[one.text].metric]
        )
        for argument in node.arguments[1:]:
            path = argument.value if isinstance(argument, Literal) else None
            if not isinstance(path, str) or path == "all" or not sources:
                continue
            parts = tuple(path.split("."))
            if any(bench.paths.bind(source, parts) is not None for source in sources):
                continue
            place = draft.entry.origin.place(*draft.formula_path, offset=argument.span.start)
            first = next(iter(sources))
            draft.about.findings.append(
                bench.paths.refusal(first, parts, subject=draft.subject, metric=draft.name, place=place)
            )
