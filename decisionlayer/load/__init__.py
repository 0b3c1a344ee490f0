"""ROOM load: files and Python → Book, keeping file, line and column of everything.

In: a project's folder, and declarations made in Python. Out: a ``Book``, with every finding of reading it; the JSON Schema of
the files; the text of a new project. Start reading at ``project.py``: ``files`` finds, ``yamldoc`` reads YAML, ``items`` makes
declarations of it. A new project is ``starter``, or ``propose`` for data that ``run.inspect`` looked at;
those and ``schema`` are imported where they are used, for a question needs none of them.
"""

from __future__ import annotations

from decisionlayer.load.project import load_project

__all__ = ["load_project"]
