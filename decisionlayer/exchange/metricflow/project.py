"""A manifest as a project of ours: the text of its files, and the book that they are read into.

dbt names no owner, purpose, unit or definition of its own accord; they are left out, so that ``check`` asks for them. Whatever
dbt says that we say otherwise is a loss, told aloud, never dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from decisionlayer.declare import Book
from decisionlayer.exchange.metricflow.definitions import Definitions
from decisionlayer.exchange.metricflow.graph import Graph
from decisionlayer.exchange.metricflow.losses import Loss, report
from decisionlayer.exchange.metricflow.manifest import Manifest, read_manifest
from decisionlayer.exchange.metricflow.places import Places, Types
from decisionlayer.exchange.metricflow.views import views
from decisionlayer.load.harvest import Harvest
from decisionlayer.load.items import read_document
from decisionlayer.load.spell import in_braces, key, text
from decisionlayer.load.starter import legal_name
from decisionlayer.load.yamldoc import read_yaml

_NOTE = """\
# Read from dbt's {file}. `decisionlayer check` lists what dbt does not say and you have to: owners, purposes, units.
"""


def imported(manifest: Manifest, types: Types) -> tuple[Book, tuple[Loss, ...]]:
    """Return a manifest as a book, and what was lost on the way; ``types`` gives those of a table's columns, where it is known."""
    files, lost = project_files(manifest, types=types)
    harvest = Harvest()
    for name, content in files.items():
        reading = read_yaml(content.encode())
        for document in reading.documents:
            read_document(document, name, reading.text, harvest)
    return harvest.book("."), lost


def project_of(file: str | Path, name: str) -> tuple[Mapping[str, str], str, int]:
    """Return the files of a project that says what a ``semantic_manifest.json`` says, the losses as text, and how many they are.

    Raises DeclarationError ``unreadable`` for a file that is no manifest.
    """
    files, losses = project_files(read_manifest(file), name)
    return files, report(losses), len(losses)


def project_files(
    manifest: Manifest, name: str = "imported", *, types: Types = lambda table: {}
) -> tuple[Mapping[str, str], tuple[Loss, ...]]:
    """Return the files of a project, path from its folder → text, and what was lost on the way."""
    graph = Graph(manifest)
    places = Places(graph, types)
    definitions = Definitions(graph, places)
    metrics = list(definitions.all())
    lost: list[Loss] = []
    asked = list(views(definitions, lost))
    sources = list(places.sources())
    note = _NOTE.format(file=manifest.file)
    called = in_braces(legal_name(name, otherwise="imported"))
    files = {
        "definitions/project.yml": f"{note}project: {{name: {called}, timezone: UTC, week_start: monday}}\n",
        "definitions/sources.yml": note + _listed("sources", sources),
        "metrics/metrics.yml": note + _listed("metrics", metrics),
    }
    if asked:
        files["definitions/views.yml"] = note + _listed("views", asked)
    losses = (*places.losses, *definitions.losses, *lost, *_without_counterpart(manifest))
    return files, tuple(dict.fromkeys(losses))


def _without_counterpart(manifest: Manifest) -> Iterator[Loss]:
    for spine in manifest.spines:
        for custom in spine.customs:
            instead = "declare it as a frame: `calendar: {file: …, grains: {…}}`, a row a day"
            yield Loss(f"grain {custom}", "dbt keeps a calendar's own grain as a column of its spine", instead)


def _listed(head: str, items: list[Mapping[str, object]]) -> str:
    if not items:
        return f"{head}: []\n"
    return "\n".join([f"{head}:", *(line for item in items for line in _item(item))]) + "\n"


def _item(item: Mapping[str, object]) -> Iterator[str]:
    for number, (name, value) in enumerate(item.items()):
        lead = "  - " if number == 0 else "    "
        if isinstance(value, Mapping) and name in ("links", "columns", "dimensions"):
            yield f"{lead}{name}:"
            for inner, each in value.items():
                yield f"      {key(inner)}: {_value(each, inside=False)}"
        else:
            yield f"{lead}{name}: {_value(value, inside=False)}"


def _value(value: object, *, inside: bool) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return in_braces(value) if inside else text(value)
        case Mapping():
            return "{" + ", ".join(f"{key(str(name))}: {_value(each, inside=True)}" for name, each in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(_value(each, inside=True) for each in value) + "]"
        case _:
            return str(value)
