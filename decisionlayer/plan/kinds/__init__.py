"""CHAPTER kinds: one planner for each body of a metric.

``measure.py`` takes arithmetic over aggregates apart into states that add up and a finish; ``formula.py`` is the algebra of
values and absence, which both follow and every reader of numbers should know.
"""
