"""Units by row: a metric of which each row is in the unit that a column of its source says."""

from __future__ import annotations

from decisionlayer.findings import Finding
from decisionlayer.names import did_you_mean
from decisionlayer.resolve.drafting.bench import Bench
from decisionlayer.resolve.drafting.drafts import Draft
from decisionlayer.resolve.language.tree import Name
from decisionlayer.resolve.language.types import Kind
from decisionlayer.resolve.quantities.units import CURRENCIES, Unit
from decisionlayer.resolve.reach.paths import Parts
from decisionlayer.resolve.world.expressions import names_settle


def unit_column(draft: Draft, bench: Bench, computed: Unit | None) -> Parts | None:
    """Return the path to the column in which each row says its unit; None when the metric has one unit.

    ``computed`` is the unit of what the measure adds up, as far as its columns say it. ``unknown-key`` for another key than
    ``column``, ``wrong-argument`` on what is no measure of rows or for a column that is no text, ``mixed-units`` where both say a currency.
    """
    written, about = draft.item.unit, draft.about
    if not isinstance(written, dict):
        return None
    column = written.get("column")
    if column is None or len(written) > 1:
        other = next((key for key in written if key != "column"), "")
        help = did_you_mean(other, ("column",)) if other else "write `unit: {column: currency}`"
        about.say("unknown-key", f"`unit` takes a unit, or `{{column: …}}` and nothing else; it says `{other}`", "unit", help=help)
        return None
    source = draft.item.source
    if draft.item.measure is None:
        told = f"{about.title} counts no rows of its own, so no row can say its unit"
        about.say("wrong-argument", told, "unit", help="declare the unit that the result is in; a term is converted by `convert:`")
        return None
    parts = tuple(column.split("."))
    if source is None or source not in bench.sources:
        return parts
    rows = bench.rows(source)
    if not names_settle(about, Name(parts), rows, ("unit",)):
        return parts
    type = rows.type(Name(parts))
    if type is not None and type.kind not in (Kind.text, Kind.unknown):
        about.findings.append(Finding(
            "wrong-argument", about.subject, f"`{column}` is {type}, and a unit is a text", draft.entry.origin.place("unit"),
            help="name the column that holds USD, EUR or their like",
        ))  # fmt: skip
    elif computed is not None and any(base in CURRENCIES for base in computed.powers):
        about.say(
            "mixed-units", f"`{column}` says the unit of each row, and what {about.title} adds up is declared in {computed}", "unit",
            why="both cannot be so", help="leave the unit of the column out, or declare the metric in it",
        )  # fmt: skip
    return parts
