"""One SELECT as parts, and its text. Nothing is decided here.

Steps are written further in than what holds them. A line break that people wrote, inside a text or a query of theirs, must not
move with them: it passes as a mark (``verbatim``) and is put back at the end.
"""

from __future__ import annotations

from decisionlayer.frozen import dataclass

#: Stands for a line break that is part of what people wrote. No file, name or text can hold it by chance.
_BREAK = "\ue000\x1f\ue000"


def verbatim(text: str) -> str:
    """Return text that people wrote, its line breaks safe from being moved further in."""
    return text.replace("\n", _BREAK)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a SELECT: its text, and its name, quoted where it must be."""

    text: str
    name: str

    @property
    def line(self) -> str:
        """The column as it is written: with AS unless it bears the name already."""
        return self.text if self.text == self.name else f"{self.text} AS {self.name}"


@dataclass(frozen=True, slots=True)
class Select:
    """One SELECT. ``sources`` are FROM and its joins, one a line; ``grouped`` is by how many first columns, or ``group_by`` by what."""

    columns: tuple[Column, ...]
    sources: tuple[str, ...]
    where: tuple[str, ...] = ()
    grouped: int = 0
    having: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    limit: int | None = None
    group_by: tuple[str, ...] = ()

    def text(self) -> str:
        """Return the SELECT, one clause a line."""
        lines = ["SELECT", ",\n".join(f"  {column.line}" for column in self.columns), *self.sources]
        if self.where:
            lines.append("WHERE " + "\n  AND ".join(self.where))
        if self.group_by:
            lines.append("GROUP BY " + ", ".join(self.group_by))
        if self.grouped:
            lines.append("GROUP BY " + ", ".join(str(position + 1) for position in range(self.grouped)))
        if self.having:
            lines.append("HAVING " + "\n  AND ".join(self.having))
        if self.order:
            lines.append("ORDER BY " + ", ".join(self.order))
        if self.limit is not None:
            # Without an offset DuckDB 2.0.0 drops the limit where its statistics wrongly say that there are fewer rows.
            lines.append(f"LIMIT {self.limit} OFFSET 0")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Step:
    """A named step of a statement: what one of its rows is, and its text."""

    name: str
    comment: str
    text: str


def statement(steps: list[Step], last: Select) -> str:
    """Return the steps as a WITH clause before the last SELECT; without steps the SELECT alone."""
    written = [f"{step.name} AS (\n  -- {step.comment}\n{indented(step.text)}\n)" for step in steps]
    text = "WITH " + ",\n".join(written) + "\n" + last.text() if steps else last.text()
    return text.replace(_BREAK, "\n")


def indented(text: str) -> str:
    """Return a text two spaces further in."""
    return "\n".join(f"  {line}" if line else line for line in text.split("\n"))
