"""ROOM govern: judging models and remembering who agreed: audit, sign-off, records, diff.

In: ``Model``. Out: ``Audit``, ``Diff``, records. Nothing lives here yet; it is furnished with signatures and records.
"""
