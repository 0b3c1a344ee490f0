"""CHAPTER bind: a question's text → names, paths, periods, ranges and filters over rows.

In: ``Query`` and ``Model``. Out: ``BoundQuestion``, or every finding of the question at once. Start at ``question.py``, which
names the steps; ``tree.py`` is what the asked metrics stand on, ``paths.py`` which way each measure walks, ``limits.py`` the
law of grain, ``columns.py`` what a name is over rows, ``ranges.py`` and ``periods.py`` time, ``result.py`` the
result's columns.
"""
