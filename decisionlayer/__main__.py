"""``python -m decisionlayer`` and the console script: hand over to the command line."""

from __future__ import annotations


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        from decisionlayer.cli import run

        code = run()
    except KeyboardInterrupt:
        # While modules were still being loaded.
        code = 130
    raise SystemExit(code)


if __name__ == "__main__":
    main()
