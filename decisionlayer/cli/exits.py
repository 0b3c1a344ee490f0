"""How a command ends: an exit code for everything that can happen, and never a traceback for what a user can type."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Sequence

from typer.exceptions import Exit, TyperException
from typer.main import get_command

from decisionlayer.cli import records as _verbs_of_the_log  # noqa: F401  registers them
from decisionlayer.cli.console import encode_whatever_comes, say
from decisionlayer.cli.main import app, setting
from decisionlayer.cli.misuse import Misuse, in_our_words

VERBS = frozenset(command.name or command.callback.__name__ for command in app.registered_commands if command.callback)
#: What a stream says that takes no more: its reader is gone, its disk is full.
_NOWHERE = (errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EIO)
FINE, FINDINGS, MISUSED, WAREHOUSE_FAILED, INTERRUPTED, NOBODY_READS = 0, 1, 2, 3, 130, 141


def run_command(arguments: Sequence[str] | None) -> int:
    """Run one command and return its exit code."""
    encode_whatever_comes()
    try:
        code = _run(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # The reader went away, as `head` does; what Python would flush at exit has nowhere to go. The code is that of every
        # program that ends so: nobody can say whether what was not read was fine.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
    except OSError as wrong:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        say(f"error: the output cannot be written: {(wrong.strerror or str(wrong)).lower()}")
        return MISUSED
    except KeyboardInterrupt:
        # Who is in a hurry presses twice; the second must not disturb the way out.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return INTERRUPTED


def _run(arguments: list[str]) -> int:
    from decisionlayer.cli.findings import as_text
    from decisionlayer.errors import DecisionLayerError, EngineError

    try:
        command = get_command(app)
        with command.make_context("decisionlayer", arguments) as context:
            command.invoke(context)
        return FINE
    except Exit as done:
        return done.exit_code
    except Misuse as wrong:
        say(str(wrong))
        return MISUSED
    except TyperException as wrong:
        if type(wrong).__name__ == "NoArgsIsHelpError":
            say(wrong.format_message())
        else:
            say(str(in_our_words(wrong, next((word for word in arguments if word in VERBS), None))))
        return MISUSED
    except DecisionLayerError as refused:
        say(as_text(refused.findings))
        if setting.debug and isinstance(refused, EngineError) and refused.sql:
            say(f"\n{refused.sql}")
        return WAREHOUSE_FAILED if isinstance(refused, EngineError) else FINDINGS
    except Exception as bug:
        if setting.debug or (isinstance(bug, OSError) and bug.errno in _NOWHERE):
            raise
        say(f"internal error: {type(bug).__name__}: {bug}\n  help: this is our bug, not yours; say --debug before the verb and report it")
        return FINDINGS
