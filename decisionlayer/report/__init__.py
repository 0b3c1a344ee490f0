"""ROOM report: brief, audit, diff and catalog as HTML and Markdown. The only room that knows jinja2.

In: plain data from the judging rooms. Out: text. Nothing lives here yet; the first page furnishes it.
"""
