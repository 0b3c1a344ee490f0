"""``python -m decisionlayer`` and the console script: hand over to the command line."""

from __future__ import annotations


def main() -> None:
    """Run the command line and exit with its code."""
    from decisionlayer.cli import run

    raise SystemExit(run())


if __name__ == "__main__":
    main()
