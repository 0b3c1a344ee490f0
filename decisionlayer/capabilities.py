"""What an engine can do, as facts that the planner reads; a dialect that lacks one gets another proven form or a refusal."""

from __future__ import annotations

from decisionlayer.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The abilities of one engine under one dialect name."""

    dialect: str
    aggregate_filter: bool = True
    grouping_sets: bool = True
    null_safe_equal: bool = True
    exact_quantile: bool = True
    time_zones: bool = True
    comments: bool = True
    union_by_name: bool = False


DUCKDB = Capabilities("duckdb", union_by_name=True)
