"""The receipt of a publication: what now stands where, and under which mark."""

from __future__ import annotations

import json

from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass
from decisionlayer.names import counted
from decisionlayer.resolve.trust.standing import UNSIGNED


@dataclass(frozen=True, slots=True)
class Standing:
    """One thing that was published: its schema and name, what it was declared as, and how it is stored (view or table).

    ``status`` is ``official`` or ``draft``, ``reason`` why it is a draft.
    """

    schema: str
    name: str
    declared_as: str
    stored_as: str
    meaning: str
    status: str = "draft"
    reason: str = ""

    @property
    def full_name(self) -> str:
        """Its name with its schema."""
        return f"{self.schema}.{self.name}"

    @property
    def what(self) -> str:
        """What it is, in a word or two."""
        return self.stored_as if self.declared_as == "view" else f"{self.stored_as} of a decision"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was published: one entry for each view and decision, the catalog tables, what was dropped, where, and how long.

    ``status`` is ``official`` when all of it is. ``warnings`` are findings that stop nothing and were stamped.
    """

    where: str
    status: str
    published: tuple[Standing, ...]
    catalog: tuple[str, ...]
    dropped: tuple[str, ...]
    proven: int
    warnings: tuple[Finding, ...]
    notes: tuple[str, ...]
    seconds: float

    def render(self) -> str:
        """Return the receipt as a few lines of text."""
        views = sum(standing.declared_as == "view" for standing in self.published)
        decisions = len(self.published) - views
        made = [counted(number, noun) for number, noun in ((views, "view"), (decisions, "decision")) if number] or ["no view"]
        longest = max((len(standing.full_name) for standing in self.published), default=0)
        lines = [
            f"published {', '.join(made)} and {counted(len(self.catalog), 'catalog table')} to {self.where} in {self.seconds:.1f} s",
            *(f"  {standing.full_name:<{longest}}  {standing.what}{self._marked(standing)}" for standing in self.published),
        ]
        if not self.published:
            lines.append("  no view and no decision is declared; only the catalog tables stand")
        if self.dropped:
            lines.append(f"dropped, as no longer declared: {', '.join(self.dropped)}")
        if self.proven:
            share = "all" if self.proven == len(self.published) else f"{self.proven} of"
            of = "its view" if len(self.published) == 1 else f"{share} {counted(len(self.published), 'view')}"
            lines.append(f"proven: the parts of {of} make up the whole")
        lines += [f"note: {note}" for note in self.notes]
        official = sum(standing.status == "official" for standing in self.published)
        if self.status == "official":
            lines.append("official: all of it is signed; every view, its comment and dl_publications say so")
        elif self._untouched:
            lines.append("draft: nothing of it is signed; every view, its comment and dl_publications say so")
        else:
            lines.append(
                f"draft: {len(self.published) - official} of {len(self.published)}; every view, its comment and dl_publications say which"
            )
        return "\n".join(lines)

    @property
    def _untouched(self) -> bool:
        return all(standing.reason in ("", UNSIGNED) and standing.status == "draft" for standing in self.published)

    def _marked(self, standing: Standing) -> str:
        """Return the mark of a line, where not all of them are drafts for the one reason that nobody signed anything."""
        if self._untouched:
            return ""
        return f", {standing.status}{f': {standing.reason}' if standing.reason else ''}"

    def as_json(self) -> str:
        """Return the receipt as the object that ``publish --format json`` prints."""
        return json.dumps(
            {
                "where": self.where,
                "status": self.status,
                "published": [
                    {
                        "schema": standing.schema, "name": standing.name, "declared_as": standing.declared_as,
                        "stored_as": standing.stored_as, "meaning": standing.meaning, "status": standing.status,
                        "draft_because": standing.reason,
                    }
                    for standing in self.published
                ],
                "catalog": list(self.catalog),
                "dropped": list(self.dropped),
                "proven": self.proven,
                "warnings": [finding.as_json() for finding in self.warnings],
                "notes": list(self.notes),
                "seconds": round(self.seconds, 3),
            },
            ensure_ascii=False,
            indent=1,
        )  # fmt: skip
