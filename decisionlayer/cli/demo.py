"""The demo: real flights become executive views, a naive number is walked back, and a frontline average is refused."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

from decisionlayer.cli.console import out, wants_colour, width
from decisionlayer.cli.findings import summary
from decisionlayer.cli.sample import build
from decisionlayer.cli.tables import result_table
from decisionlayer.decide import Walk, naive_walk
from decisionlayer.errors import DecisionLayerError
from decisionlayer.findings import Finding
from decisionlayer.layer import Layer
from decisionlayer.names import counted

#: The file that the sample's tables are loaded into, within the demo's folder.
WAREHOUSE = "new_york.duckdb"

#: A frontline average that somebody would like to see in the board room.
UPWARDS = """\
views:
  - view: delay_for_the_board
    audience: executive
    owner: bizops
    definition: The average departure delay, month by month.
    metrics: [departure_delay]
    by: [month]
"""


def run_demo(folder: str | Path, say: Callable[[str], None]) -> int:
    """Show the sample company from raw tables to executive views; return the exit code.

    ``folder`` keeps the warehouse, which is loaded once; ``say`` is told about slow work. What the demo shows goes to
    stdout. Raises EngineError ``missing-package`` when the flight data is not installed.
    """
    began = time.monotonic()
    here = Path(folder)
    project, warehouse = _project(here), here / WAREHOUSE
    _head(1, "Real data: every departure from New York's three airports in 2013")
    if not warehouse.is_file():
        say(f"loading the flight data into {warehouse} (once)")
        build(warehouse, say=lambda line: say(f"  {line}"))
    with Layer.load(project, warehouse) as layer:
        _show_project(layer, project)
        _show_findings(layer, say)
        _show_publication(layer, say)
        _show_views(layer)
        _show_walk(layer)
    _show_refusal(project, warehouse)
    _show_next(project, warehouse)
    say(f"\nthe demo took {time.monotonic() - began:.0f} s")
    return 0


def sample_project() -> Path:
    """Return the folder of the sample project: the repository's own, or the copy that was installed with the package."""
    house = Path(__file__).resolve().parents[1]
    for folder in (house.parent, house / "_sample"):
        if (folder / "definitions" / "project.yml").is_file() and (folder / "metrics").is_dir():
            return folder
    raise DecisionLayerError(Finding(
        "unreadable", "sample project", "the sample project was not installed with the package",
        help="install the package again, or run the demo in a clone of the repository",
    ))  # fmt: skip


def _project(folder: Path) -> Path:
    """Return the project to show: the repository's, or a copy beside the warehouse that its reader may change."""
    found = sample_project()
    if found.name != "_sample":
        return found
    copy = folder / "project"
    if not copy.is_dir():
        shutil.copytree(found, copy)
    return copy


# -- the scenes ------------------------------------------------------------------------------------------------------


def _show_project(layer: Layer, project: Path) -> None:
    at = "" if _near(project) == "." else f"{_near(project)}/"
    flights, weather = (layer.engine.rows(f"SELECT COUNT(*) FROM {table}")[0][0] for table in ("flights", "weather"))
    model = layer.model
    purposes = [metric.purpose.value for metric in model.named_metrics.values() if metric.purpose is not None]
    _text(
        f"{flights:,} departures and {weather:,} hourly weather readings stand in the warehouse. {at}definitions/ and "
        f"{at}metrics/ declare {purposes.count('action')} numbers for the frontline, {purposes.count('choice')} for those who "
        "choose, and what happens on the way from one to the other. For instance:"
    )
    _quote(layer.explain("kept_promise"))


def _show_findings(layer: Layer, say: Callable[[str], None]) -> None:
    _head(2, "Check: first the declarations, then the data")
    say("checking keys, links, and whether parts make up wholes")
    findings = layer.check(data=True)
    model = layer.model
    things = (("metric", model.named_metrics), ("source", model.sources), ("view", model.views), ("decision", model.decisions))
    sizes = [counted(len(found), noun) for noun, found in things]
    _text(
        f"{', '.join(sizes)}: {summary(findings)}. The data is dirty, as real data is. Nothing of it is "
        "thrown away; it stays in sight, under Unassigned:"
    )
    for finding in findings:
        if finding.code == "rows-without-home":
            _item(finding.message)
    out("")


def _show_publication(layer: Layer, say: Callable[[str], None]) -> None:
    _head(3, "Publish: the views, their meaning, and the proof of each")
    receipt = layer.publish(say=say)
    out(textwrap.indent(receipt.render(), "  ") + "\n\n")


def _show_views(layer: Layer) -> None:
    _head(4, "Ask the views with any tool that speaks SQL")
    _view(layer, "carrier_quarter", "WHERE quarter = DATE '2013-10-01' ORDER BY broken_promise_cost DESC LIMIT 8")
    _view(layer, "station_month", "WHERE month >= DATE '2013-11-01' ORDER BY month, origin__name")
    [(comment,)] = layer.engine.rows(
        "SELECT comment FROM duckdb_columns() "
        "WHERE schema_name = 'executive' AND table_name = 'carrier_quarter' AND column_name = 'kept_promise'"
    )
    _text("The meaning travels with the number. The comment on the column kept_promise of carrier_quarter:")
    _quote(str(comment))


def _show_walk(layer: Layer) -> None:
    _head(5, "What a naive number would have said")
    _text("The frontline's numbers passed up as they are, against the governed one, and every step between the two:")
    _walk(naive_walk(layer, "kept_promise", start="2013-02", end="2013-02"))
    _walk(naive_walk(layer, "late_cost_per_seat", where="carrier = 'AA'", start="2013", end="2013"))


def _show_refusal(project: Path, warehouse: Path) -> None:
    _head(6, "Publish a frontline average upward")
    _text("Somebody adds definitions/board.yml, with an average that the gates watch:")
    out(textwrap.indent(UPWARDS, "  ") + "\n")
    with tempfile.TemporaryDirectory() as copy:
        for part in ("definitions", "metrics"):
            shutil.copytree(project / part, Path(copy) / part)
        (Path(copy) / "definitions" / "board.yml").write_text(UPWARDS, encoding="utf-8")
        with Layer.load(copy, warehouse) as layer:
            try:
                layer.publish()
            except DecisionLayerError as refused:
                out(f"{refused}\n\n")
            else:
                raise AssertionError("a frontline average was published for executives")
    _text("Nothing was published, and what stood before still stands.")


def _show_next(project: Path, warehouse: Path) -> None:
    _head(7, "Try next")
    where = f"--project {shlex.quote(_near(project))} " if _near(project) != "." else ""
    at = f"{where}--warehouse {shlex.quote(_near(warehouse))}"
    for command in (
        f"query kept_promise on_time_share --by carrier.name --start 2013-12 --end 2013-12 {at}",
        f"explain late_cost_per_seat --by quarter --by carrier.name {at}",
        f"check --data {at}",
    ):
        out(f"  {_program()} {command}")


# -- how it looks ----------------------------------------------------------------------------------------------------


def _head(number: int, title: str) -> None:
    line = f"{number}  {title}"
    rule = "─" * min(len(line), width())
    out(f"\033[1m{line}\033[0m\n{rule}\n\n" if wants_colour() else f"{line}\n{rule}\n\n")


def _text(text: str) -> None:
    out(f"{_filled(text, '', '')}\n\n")


def _item(text: str) -> None:
    out(_filled(text, "  - ", "    "))


def _quote(text: str) -> None:
    out(f"{_filled(text, '  ', '  ')}\n\n")


def _filled(text: str, first: str, rest: str) -> str:
    # A name with a hyphen or a path must not be torn: it is there to be copied.
    return textwrap.fill(
        text, width=_width(), initial_indent=first, subsequent_indent=rest, break_on_hyphens=False, break_long_words=False
    )


def _width() -> int:
    return min(width(), 110)


def _walk(walk: Walk) -> None:
    out(textwrap.indent(walk.render(_width() - 2), "  ") + "\n\n")


def _view(layer: Layer, name: str, rest: str) -> None:
    """Print rows of a published view, asked with the SQL that is shown above them."""
    from decisionlayer.publish import read_view

    sql = f"SELECT * FROM executive.{name} {rest}"
    out(f"  {sql}\n\n")
    table = result_table(read_view(layer.desk, name, sql), width=width() - 2, colour=wants_colour())
    out(textwrap.indent(table, "  ") + "\n\n")


def _near(path: Path) -> str:
    """Return a path as one would type it here."""
    absolute, here = path.resolve(), Path.cwd().resolve()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(absolute)


def _program() -> str:
    """Return how to call this program again, as its caller could type it."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return f"{shlex.quote(_near_program(Path(sys.executable)))} -m decisionlayer"
    found = shutil.which(called.name)
    if found is not None and Path(found).resolve() == called.resolve():
        return called.name
    return shlex.quote(_near_program(called))


def _near_program(path: Path) -> str:
    # Not resolved: the python of a virtual environment is a link, and only the link knows its packages.
    absolute = Path(os.path.abspath(path))  # noqa: PTH100
    return str(absolute.relative_to(Path.cwd())) if absolute.is_relative_to(Path.cwd()) else str(absolute)
