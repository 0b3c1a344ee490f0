"""Names that may not meet: the roles, dimensions and periods of a source share one namespace, and metrics stay out of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from decisionlayer.declare import Book, Frame
from decisionlayer.declare import Source as DeclaredSource
from decisionlayer.findings import Finding
from decisionlayer.names import PERIODS, is_name
from decisionlayer.resolve.about import About
from decisionlayer.resolve.model import Source
from decisionlayer.resolve.reach.grain import PARTS

#: What a question may ask of time; nothing else may bear these names.
TIME_WORDS = frozenset((*PERIODS, *PARTS))


def check_role(about: About, item: DeclaredSource, role: str) -> bool:
    """``bad-name`` for a role that is a word of time, or a column that the role does not lead by."""
    link = item.links[role]
    if role in TIME_WORDS:
        about.say(
            "bad-name",
            f"the role `{role}` is a word for time, so a question by it could mean either",
            "links",
            role,
            help="give the role another name",
        )
        return False
    columns = (link.column,) if link.column is not None else link.columns or ()
    if role in item.columns and columns != (role,):
        about.say(
            "bad-name",
            f"`{role}` is a role and a column of `{about.entry.name}`, and the role leads by {' and '.join(f'`{c}`' for c in columns)}",
            "links",
            role,
            why="a metric that reads it could mean either",
            help="give the role another name",
        )
        return False
    return True


def check_dimension(about: About, item: DeclaredSource, name: str, *, is_own_column: bool, is_own_key: bool) -> bool:
    """``bad-name`` for a dimension that is no name, a word of time, a role, the own entity, or a column that it is not."""
    if not is_name(name):
        fault, step = f"`{name}` is no name", "use letters, digits and single underscores, and a letter first"
    elif name in TIME_WORDS:
        fault, step = (
            f"the dimension `{name}` is a word for time, so a question by it could mean either",
            "give it another name",
        )
    elif name in item.links:
        fault, step = (
            f"`{name}` is a role and a dimension of `{about.entry.name}`",
            "rename the dimension; to ask by the key, the role is enough",
        )
    elif name == item.describes and not is_own_key:
        fault, step = (
            f"`{name}` is the entity that `{about.entry.name}` describes, and stands for its key",
            "rename the dimension",
        )
    elif name in item.columns and not is_own_column:
        fault, step = (
            f"`{name}` is a column of `{about.entry.name}`, and this dimension is something else",
            f"rename the dimension, or let it be the column: `{name}: {name}`",
        )
    else:
        return True
    about.say("bad-name", fault, "dimensions", name, help=step)
    return False


def frames_beside(book: Book, sources: Mapping[str, Source]) -> Iterator[Finding]:
    """Yield ``bad-name`` for each calendar that bears the name of a role, a dimension, an entity or a clock."""
    taken = dict(askable_names(sources))
    for source in sources.values():
        for clock in source.clocks:
            taken.setdefault(clock.column, f"a clock of `{source.name}`")
    for entry in book.of("frame"):
        if isinstance(entry.item, Frame) and entry.item.calendar is not None and entry.name in taken:
            about = About(entry)
            told = f"`{entry.name}` is a frame and {taken[entry.name].rstrip(',')}"
            about.say("bad-name", told, "frame", help="give one of them another name")
            yield from about.findings


def askable_names(sources: Mapping[str, Source]) -> Mapping[str, str]:
    """Return every role, dimension and entity with the source that has it first, as messages say it."""
    taken: dict[str, str] = {}
    for source in sources.values():
        if source.describes is not None:
            taken.setdefault(source.describes, f"the entity that `{source.name}` describes,")
        for role in source.links:
            taken.setdefault(role, f"a role of `{source.name}`")
        for name in source.dimensions:
            taken.setdefault(name, f"a dimension of `{source.name}`")
    return taken
