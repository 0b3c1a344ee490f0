"""ROOM report: what was judged, as text that people read. Later pages are HTML; this room alone knows jinja2.

In: plain data from the judging rooms (``Brief``). Out: text and Markdown.
Start reading at ``brief_page.py``; ``tables.py`` lays columns out.
"""

from __future__ import annotations

from decisionlayer.report.brief_page import as_markdown, as_text

__all__ = ["as_markdown", "as_text"]
