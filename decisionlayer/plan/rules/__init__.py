"""CHAPTER rules: one rewrite each. A rule makes a plan cheaper or plainer; its columns and what one row is stay.

Rules off (``build(..., rules=())``) gives the same rows, slower; the tests compare the two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from decisionlayer.plan.nodes import Present
from decisionlayer.plan.rules.cut_raw_clocks import cut_raw_clocks
from decisionlayer.plan.rules.drop_idle_filters import drop_idle_filters
from decisionlayer.plan.rules.finish_once import finish_once
from decisionlayer.plan.rules.fuse_computes import fuse_computes
from decisionlayer.plan.rules.lift_filters import lift_filters
from decisionlayer.plan.rules.lone_input import lone_input
from decisionlayer.plan.rules.merge_levels import merge_levels
from decisionlayer.plan.rules.prune_columns import prune_columns
from decisionlayer.plan.rules.prune_joins import prune_joins
from decisionlayer.plan.rules.read_clocks_once import read_clocks_once
from decisionlayer.plan.rules.share_scans import share_scans
from decisionlayer.plan.rules.share_states import share_states
from decisionlayer.plan.shape import columns, grain

Rule: TypeAlias = Callable[[Present], Present]

RULES: tuple[Rule, ...] = (
    share_scans,
    # only filters of one pass have anything in common
    lift_filters,
    # what lifting leaves may say nothing
    drop_idle_filters,
    # aggregates are equal once what they have in common is lifted
    share_states,
    # what several levels are made of is settled
    merge_levels,
    # after sharing, most questions have one pass left
    lone_input,
    # cells are what they start from by now
    finish_once,
    # over whatever is left to finish
    fuse_computes,
    # what sharing and lifting have freed
    prune_joins,
    # for a join reads columns too
    prune_columns,
    # the whole range of a pass is known by now
    cut_raw_clocks,
    # last, over what is left to convert
    read_clocks_once,
)


def rewrite(root: Present, rules: tuple[Rule, ...] = RULES) -> tuple[Present, tuple[str, ...]]:
    """Return the plan after all rules, in order, and a line for each that changed something.

    Raises AssertionError when a rule changes the columns or the grain: a mistake of ours.
    """
    trace: list[str] = []
    shown, one_row = columns(root), grain(root)
    for rule in rules:
        changed = rule(root)
        if changed is root or changed == root:
            continue
        if (columns(changed), grain(changed)) != (shown, one_row):
            raise AssertionError(f"the rule {rule.__name__} changes what comes out: {columns(changed)} by {grain(changed)}")
        root = changed
        trace.append(f"{rule.__name__}: {(rule.__doc__ or '').splitlines()[0]}")
    return root, tuple(trace)
