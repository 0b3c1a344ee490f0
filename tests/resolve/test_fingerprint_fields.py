"""Nothing that is resolved is left out of a fingerprint unnoticed: every field is told to be meaning, wording or neither.

A new key of the language becomes a new field; whoever adds it says here where it belongs, and a property test or a case of
``test_fingerprints.py`` shows it.
"""

from __future__ import annotations

import dataclasses

import pytest

from decisionlayer.resolve import model as m

#: Class → fields that are meaning (of it or of what holds it), wording, and neither.
FIELDS: dict[type, tuple[set[str], set[str], set[str]]] = {
    m.Metric: (
        {"purpose", "unit", "better", "limit", "body", "translation", "missing", "decimals", "editions", "unit_column", "skips_nulls",
         "roll_forward"},
        {"name", "title", "definition", "owner", "respond", "digits"},
        # `grain` is in `limit`; what is computed from the rest; what only warns
        {"grain", "additivity", "approximate", "type", "place", "meaning", "wording", "edition_of", "watch", "min_base"},
    ),
    m.Measure: ({"source", "expr", "population", "where", "clock", "over_time", "last_of_each", "match", "excludes"}, set(), set()),
    m.Formula: ({"expr", "terms", "assumptions", "over_time", "instants"}, set(), set()),
    m.Term: ({"metric", "where", "population", "replaces", "factor", "over_time", "excludes", "convert"}, set(), set()),
    m.Translation: (
        {"source_metrics", "regroup", "reweight", "tolerance", "control_total"}, {"owner", "why", "loses"},
        {"manual"},  # informs, and is counted in the buffer index
    ),
    m.Assumption: ({"name", "value", "unit", "lives"}, {"owner", "why"}, {"place", "meaning", "wording"}),
    m.Decision: (
        {"kind", "dimension", "options", "status_quo", "criteria", "horizons"},
        {"name", "question", "decider", "agree", "mode", "because", "review_on", "recommend", "perform", "cadence", "expects"},
        {"place", "meaning", "wording"},
    ),
    m.Criterion: ({"metric", "worst", "best", "weight", "veto"}, set(), set()),
    m.Horizon: ({"period", "start", "end", "against", "basis", "structure", "definition", "discount"}, {"name"}, set()),
    m.View: (
        {"audience", "question", "where", "having", "min_group"}, {"name", "owner", "definition", "stored_as"}, {"place", "meaning", "wording"},
    ),
    m.Source: (
        {"relation", "key", "clocks", "links", "columns", "dimensions", "describes", "snapshot", "valid", "arrival", "bridges"},
        {"name", "one_row_is", "owner", "within"}, {"place", "meaning", "wording"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", FIELDS, ids=lambda kind: kind.__name__)
def test_every_field_has_its_place(kind: type) -> None:
    meaning, wording, neither = FIELDS[kind]
    named = {field.name for field in dataclasses.fields(kind)}
    assert named == meaning | wording | neither, "say where the field belongs, and put it into resolve/meaning/fingerprints.py"
