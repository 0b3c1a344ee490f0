"""Drafts: metrics as they are declared, read far enough to know which others they stand on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from decisionlayer import declare
from decisionlayer.declare import Book, Entry
from decisionlayer.declare.book import Path
from decisionlayer.frozen import dataclass
from decisionlayer.resolve.about import About
from decisionlayer.resolve.drafting.earlier import editions_of
from decisionlayer.resolve.drafting.looks import settled
from decisionlayer.resolve.language.parser import parse_formula
from decisionlayer.resolve.language.tree import Expr, Name, names
from decisionlayer.resolve.model import Purpose
from decisionlayer.resolve.values.editions import Edition
from decisionlayer.resolve.world.expressions import read


@dataclass(slots=True)
class Draft:
    """One declared metric on its way: what it says, what it is made of, and what was found so far.

    ``terms`` are its translation's, with the place of each; ``formula`` is its tree, for ``translation: {from: m}`` the name m.
    ``readable`` turns false when nothing more can be said about its body. ``editions`` are its definitions, newest first, each but
    its own a draft too; such a draft says ``edition_of`` which metric it is one.
    """

    entry: Entry
    item: declare.Metric
    about: About
    purpose: Purpose | None
    formula: Expr | None = None
    formula_path: Path = ("formula",)
    terms: Mapping[str, tuple[declare.Term, Path]] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    readable: bool = True
    editions: tuple[Edition, ...] = ()
    edition_of: str | None = None

    @property
    def name(self) -> str:
        """The metric's name."""
        return self.entry.name

    @property
    def subject(self) -> str:
        """The metric as findings call it."""
        return self.about.subject


def drafts_of(book: Book) -> Mapping[str, Draft]:
    """Return every declared metric by name; the first, where one is declared twice."""
    found: dict[str, Draft] = {}
    for entry in book.of("metric"):
        item = entry.item
        assert isinstance(item, declare.Metric)
        if entry.name in found:
            continue
        draft = _draft(entry)
        found[entry.name] = draft
        if item.since is None and item.past is None and not item.earlier:
            continue
        draft.editions, earlier = editions_of(entry, draft.about)
        draft.readable = draft.readable and bool(draft.editions)
        for each in earlier:
            found[each.name] = _draft(each, edition_of=entry.name)
    for draft in found.values():
        named = (
            () if draft.formula is None else (one.text for one in names(draft.formula) if one.text not in draft.terms)
        )
        needs = (*(term.from_ for term, _ in draft.terms.values()), *named, *(edition.name for edition in draft.editions[1:]))
        draft.needs = tuple(dict.fromkeys(need for need in needs if need in found))
    return found


def _draft(entry: Entry, edition_of: str | None = None) -> Draft:
    item = entry.item
    assert isinstance(item, declare.Metric)
    purpose = None if item.purpose is None else Purpose(item.purpose)
    draft = Draft(entry, item, About(entry), purpose, edition_of=edition_of)
    _read_body(draft)
    return draft


def _read_body(draft: Draft) -> None:
    """Read which of its bodies a metric has, and what its formula is."""
    item, about = draft.item, draft.about
    bodies = [key for key in ("measure", "formula", "conversion") if getattr(item, key) is not None]
    translation = item.translation
    if len(bodies) > 1:
        about.say(
            "duplicate-name",
            f"{about.title} says twice how it is computed: `{bodies[0]}` and `{bodies[1]}`",
            bodies[1],
            help="keep one of them",
        )
        draft.readable = False
        return
    if translation is not None:
        _read_translation(draft, translation, bodies)
    if item.formula is not None:
        draft.formula = read(about, parse_formula, item.formula, ("formula",))
        if draft.formula is None:
            draft.readable = False
        else:
            draft.formula = settled(draft.formula)
    elif not bodies and draft.formula is None and draft.readable:
        about.say(
            "missing-key",
            f"{about.title} does not say how it is computed",
            help="add `measure:` over a source's rows, `formula:` over metrics, or `translation: {from: …}`",
        )
        draft.readable = False


def _read_translation(draft: Draft, translation: declare.Translation, bodies: list[str]) -> None:
    about = draft.about
    at = ("translation",)
    alone = [key for key in ("where", "population", "to") if getattr(translation, key) is not None]
    if translation.from_ is None:
        if alone:
            about.say(
                "wrong-argument",
                f"`{alone[0]}` of a translation changes what stands under `from`, and nothing does",
                *at,
                alone[0],
                help="put it on the term that it changes, or name a metric under `from`",
            )
            draft.readable = False
        if translation.terms and bodies != ["formula"]:
            about.say(
                "wrong-argument",
                f"the terms of {about.title} are named nowhere, for it has no formula",
                *at,
                "terms",
                help="add `formula:` over the terms"
                if not bodies
                else f"leave them out: `{bodies[0]}` reads rows, and no metric",
            )
            draft.readable = False
        draft.terms = {name: (term, (*at, "terms", name)) for name, term in translation.terms.items()}
        return
    if bodies or translation.terms:
        beside = "terms" if translation.terms else bodies[0]
        about.say(
            "wrong-argument",
            f"{about.title} is `from: {translation.from_}` as a whole, and has `{beside}` as well",
            *at,
            "from",
            help="with a formula, name the metrics under `terms`" if beside != "measure" else "keep one of them",
        )
        draft.readable = False
        return
    term = declare.Term(
        from_=translation.from_, where=translation.where, population=translation.population, to=translation.to
    )
    draft.terms = {translation.from_: (term, at)}
    draft.formula = Name((translation.from_,))
    draft.formula_path = (*at, "from")
