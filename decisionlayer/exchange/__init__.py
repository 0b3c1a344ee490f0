"""ROOM exchange: other people's formats, in and out, each with its loss report.

In: foreign manifests, or a ``Model``. Out: a ``Book``, or foreign text. Nothing lives here yet; the first importer furnishes it.
"""
