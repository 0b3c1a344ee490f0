"""The second opinion: what a question means, written as slowly and plainly as possible.

``evaluate(model, tables, question)`` walks rows one by one, with no SQL, no plan and nothing shared with the planner. Read it as
the specification of a question in this order:

1. ``language``  what an expression says about one row (NULL, text, time, arithmetic);
2. ``clocks``    which period a row lies in, and whether it lies between start and end; ``almanac`` lists the periods of calendars;
3. ``walks``     where a path leads from a row, and which path a question means;
4. ``spans``     what stretch of time a metric function makes of another, and ``looks`` what it says in a formula;
5. ``rows``      which rows a measure counts, which of them a cell reads, and which cells there are;
6. ``cells``     what a group of rows is worth: aggregates, and sums in which a side may be absent;
7. ``answer``    the question itself: metrics in cells, comparisons, having, order, limit.

Exact numbers stay exact (``int`` and ``Fraction``); floats appear only where a column or a division makes one. It refuses
nothing for grain, purpose or units: it says what a number is, never whether it may be asked.
"""

from tests.reference.answer import evaluate
from tests.reference.question import Question
from tests.reference.walks import Tables, Unanswerable

__all__ = ["Question", "Tables", "Unanswerable", "evaluate"]
