"""ROOM govern: judging models and remembering who agreed: audit, sign-off, records, diff.

In: ``Model``, and what somebody signs, decides or says. Out: records in the log of the project; ``Audit``, ``Diff``. Start
reading at ``writing.py``, which writes one record; ``load/records.py`` reads them, ``resolve/log.py`` puts them in order.
"""
