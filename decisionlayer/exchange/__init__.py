"""ROOM exchange: other people's formats, in and out, each with its loss report.

In: foreign manifests, or a ``Model``. Out: a ``Book``, or foreign text. ``metricflow/`` reads dbt's semantic manifests, and answers
their questions in dbt's own arithmetic, which no planner of ours knows of.
"""
