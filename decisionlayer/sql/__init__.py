"""ROOM sql: a plan becomes a statement, in the spelling of one dialect. The only room that builds SQL.

In: ``Plan`` and ``Capabilities``. Out: ``Statement``: text, parameters, columns. Start at ``emit.py``; ``functions.py`` is the
closed table of spellings, ``expressions.py`` spells trees, ``select.py`` lays out text, ``naming.py`` quotes, ``ddl.py`` is
what publishing needs. Nothing that people wrote enters a text unquoted.
"""

from decisionlayer.sql.emit import emit

__all__ = ["emit"]
