"""ROOM: the one language of measures, formulas, filters and dimensions. Text in, tree out.

In: text, as people write it. Out: ``Expr`` trees (``tree.py``) with offsets for messages, or problems. Nothing here
knows which metrics or columns exist: names are looked up by whoever asks for types or units.

Start reading at ``functions.py`` (the closed table of what there is), then ``parser.py``. Its users read
``docs/language.md``.
"""

from decisionlayer.resolve.language.functions import AGGREGATES, FUNCTIONS, METRIC_FUNCTIONS, SCALARS, Function
from decisionlayer.resolve.language.parser import (
    parse_dimension,
    parse_filter,
    parse_formula,
    parse_measure,
    parse_question_filter,
)
from decisionlayer.resolve.language.printing import Canonical, canonical, name_text, text_of
from decisionlayer.resolve.language.problems import Parsed, Problem
from decisionlayer.resolve.language.tree import Aggregate, Call, Case, Expr, Literal, Name, Param, Span
from decisionlayer.resolve.language.typing import Typed, check, check_filter, settle, type_of

__all__ = [
    "AGGREGATES",
    "FUNCTIONS",
    "METRIC_FUNCTIONS",
    "SCALARS",
    "Aggregate",
    "Call",
    "Canonical",
    "Case",
    "Expr",
    "Function",
    "Literal",
    "Name",
    "Param",
    "Parsed",
    "Problem",
    "Span",
    "Typed",
    "canonical",
    "check",
    "check_filter",
    "name_text",
    "parse_dimension",
    "parse_filter",
    "parse_formula",
    "parse_measure",
    "parse_question_filter",
    "settle",
    "text_of",
    "type_of",
]
