"""ROOM publish: what is declared becomes views, tables and a catalog in the warehouse; and the checks that need the data.

In: a ``Desk``. Out: a ``Receipt``, or findings. A publication is a set: all of it or nothing.
Start reading at ``publication.py``, the steps in order; ``edition.py`` says what is made, ``place.py`` how it gets there,
``proofs.py`` how it is proven, ``data.py`` what is checked, ``damage.py`` how much a mistake matters.
"""

from __future__ import annotations

from decisionlayer.publish.damage import with_damage
from decisionlayer.publish.data import check_data, check_tables
from decisionlayer.publish.publication import publish
from decisionlayer.publish.reading import read_view
from decisionlayer.publish.receipt import Receipt, Standing

__all__ = ["Receipt", "Standing", "check_data", "check_tables", "publish", "read_view", "with_damage"]
