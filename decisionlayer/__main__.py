"""``python -m decisionlayer`` and the console script: hand over to the command line."""

from __future__ import annotations


def main() -> None:
    """Run the command line and exit with its code."""
    import gc
    import os
    import sys

    # One short command: collecting garbage on the way, and asking every installed package whether it plugs into pydantic,
    # would be a tenth of its time.
    gc.set_threshold(200_000)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        from decisionlayer.cli import run

        code = run()
    except KeyboardInterrupt:
        # While modules were still being loaded.
        code = 130
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        # The reader went away; Python's own ending would complain of it.
        pass
    # Everything is closed and written; taking a model of thousands of values apart would only take time.
    os._exit(code)


if __name__ == "__main__":
    main()
