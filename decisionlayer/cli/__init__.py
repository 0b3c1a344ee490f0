"""CORRIDOR cli: thin verbs over ``Layer``. Machine output goes to stdout alone; progress and talk go to stderr.

Exit codes: 0 fine; 1 findings of severity error (an unknown name in a question too); 2 the command was misused; 3 the warehouse
failed; 130 interrupted. Start reading at ``main.py``; ``exits.py`` is how a command ends.
"""

from __future__ import annotations

from collections.abc import Sequence


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; never raises for anything that a user can type."""
    from decisionlayer.cli.exits import run_command

    return run_command(arguments)
