"""The sample's warehouse, which pages read and publish into."""

from __future__ import annotations

from tests.sample.conftest import flights_warehouse

__all__ = ["flights_warehouse"]
