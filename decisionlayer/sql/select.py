"""One SELECT as parts, and its text. Nothing is decided here."""

from __future__ import annotations

from dataclasses import dataclass


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
    """One SELECT. ``sources`` are FROM and its joins, one a line; ``grouped`` is by how many of the first columns."""

    columns: tuple[Column, ...]
    sources: tuple[str, ...]
    where: tuple[str, ...] = ()
    grouped: int = 0
    having: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    limit: int | None = None

    def text(self) -> str:
        """Return the SELECT, one clause a line."""
        lines = ["SELECT", ",\n".join(f"  {column.line}" for column in self.columns), *self.sources]
        if self.where:
            lines.append("WHERE " + "\n  AND ".join(self.where))
        if self.grouped:
            lines.append("GROUP BY " + ", ".join(str(position + 1) for position in range(self.grouped)))
        if self.having:
            lines.append("HAVING " + "\n  AND ".join(self.having))
        if self.order:
            lines.append("ORDER BY " + ", ".join(self.order))
        if self.limit is not None:
            lines.append(f"LIMIT {self.limit}")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Step:
    """A named step of a statement: what one of its rows is, and its text."""

    name: str
    comment: str
    text: str


def statement(steps: list[Step], last: Select) -> str:
    """Return the steps as a WITH clause before the last SELECT; without steps the SELECT alone."""
    if not steps:
        return last.text()
    written = [f"{step.name} AS (\n  -- {step.comment}\n{indented(step.text)}\n)" for step in steps]
    return "WITH " + ",\n".join(written) + "\n" + last.text()


def indented(text: str) -> str:
    """Return a text two spaces further in."""
    return "\n".join(f"  {line}" if line else line for line in text.split("\n"))
