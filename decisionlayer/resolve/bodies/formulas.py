"""Formulas: metrics over other metrics and assumptions, straight or through the terms of a translation."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from decisionlayer import declare
from decisionlayer.declare.book import Path
from decisionlayer.findings import Finding
from decisionlayer.names import did_you_mean
from decisionlayer.resolve.adding.additivity import additivity_of
from decisionlayer.resolve.adding.counted import narrowed
from decisionlayer.resolve.adding.overlaps import Leaf, overlap_problems, summed
from decisionlayer.resolve.bodies.gathered import check_along, instants_of, read_along
from decisionlayer.resolve.bodies.stocks import check_term, frame_problems, kept_along_time, nature_of, nature_over_time
from decisionlayer.resolve.bodies.stored import ends_rounded, rounding_problems
from decisionlayer.resolve.bodies.totals import check_totals
from decisionlayer.resolve.drafting.bench import Bench
from decisionlayer.resolve.drafting.drafts import Draft
from decisionlayer.resolve.drafting.limits import formula_limit
from decisionlayer.resolve.drafting.looks import unknown_periods
from decisionlayer.resolve.drafting.number import Nature, Number
from decisionlayer.resolve.foundations import read_unit
from decisionlayer.resolve.frames.rates import Rates
from decisionlayer.resolve.frames.timeunits import Almanac
from decisionlayer.resolve.language.functions import METRIC_FUNCTIONS
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name, names, walk
from decisionlayer.resolve.language.types import FLOAT, DataType
from decisionlayer.resolve.language.typing import check
from decisionlayer.resolve.model import Additivity, Exclusion, Formula, Grain, Metric, Term
from decisionlayer.resolve.quantities.units import Unit, exact_factor, unit_of
from decisionlayer.resolve.switching.exchanges import converted_type, resolve_exchange, unconverted
from decisionlayer.resolve.switching.exclusions import read_exclusions
from decisionlayer.resolve.world.expressions import add_problems, read_filter


def resolve_formula(draft: Draft, bench: Bench, grain: Grain) -> Number | None:
    """Return what a formula is: its body, type, unit and limit; None when something that it names cannot be used."""
    assert draft.formula is not None
    fine = _check_keys(draft)
    fine = _check_term_names(draft, bench) and fine
    fine = _check_names(draft, bench, draft.formula) and fine
    fine = _check_looks(draft, draft.formula, bench.ground.project.almanac) and fine
    if not fine or _falls(draft, bench) or _looks_at_prices(draft, bench, draft.formula):
        return None
    terms: dict[str, Term] = {}
    units: dict[str, Unit | None] = {}
    for name, (written, path) in draft.terms.items():
        term = _term(draft, bench, name, written, path)
        if term is None:
            fine = False
            continue
        terms[name], units[name] = term
    if not fine:
        return None
    for name in dict.fromkeys(one.text for one in names(draft.formula)):
        if name not in terms and name in bench.metrics:
            excludes = _excludes(draft, bench, name, name)
            if excludes is None:
                return None
            terms[name], units[name] = Term(name, excludes=excludes), bench.metrics[name].unit
    unconverted(draft, bench, terms)
    return _number(draft, bench, draft.formula, terms, units, grain)


def _number(
    draft: Draft, bench: Bench, formula: Expr, terms: Mapping[str, Term], units: Mapping[str, Unit | None], grain: Grain
) -> Number:
    about = draft.about
    assumptions = tuple(dict.fromkeys(one.text for one in names(formula) if one.text not in terms))
    parts = {name: bench.metrics[term.metric] for name, term in terms.items()}

    def type_of(name: Name) -> DataType:
        if name.text not in terms:
            return check(Literal(bench.assumptions[name.text].longest), lambda _: None).type
        return _term_type(terms[name.text], parts[name.text], bench.rates)

    def unit_for(name: Name) -> Unit | None:
        return units[name.text] if name.text in terms else bench.assumptions[name.text].unit

    def additivity_for(name: Name) -> Additivity | None:
        return kept_along_time(parts[name.text].additivity, terms[name.text].over_time) if name.text in parts else None

    def nature_for(name: Name) -> Nature | None:
        if name.text not in parts:
            return Nature.constant
        return nature_over_time(terms[name.text].over_time) or bench.natures.get(parts[name.text].name)

    def is_rounded(name: Name) -> bool:
        return name.text in parts and parts[name.text].name in bench.rounded

    typed = check(formula, type_of)
    unit, mixed = unit_of(typed.expr, unit_for, literals="pure")
    leaf = _leaf(bench, terms)
    if leaf is not None:
        add_problems(about, overlap_problems(typed.expr, leaf), draft.formula_path)
        bench.counted[draft.name] = summed(typed.expr, leaf)
    frames = frame_problems(typed.expr, nature_for)
    add_problems(about, (*typed.problems, *mixed, *rounding_problems(typed.expr, is_rounded), *frames), draft.formula_path)
    check_totals(draft, bench, typed.expr, terms)
    if ends_rounded(typed.expr, is_rounded):
        bench.rounded.add(draft.name)
    limit = formula_limit(draft, bench, tuple({part.name: part for part in parts.values()}.values()), grain)
    return Number(
        body=Formula(typed.expr, terms, assumptions, read_along(draft), instants_of(limit, bench.ground.project.almanac)),
        limit=limit,
        type=FLOAT if read_along(draft) == "avg" else typed.type,
        unit=unit,
        additivity=additivity_of(typed.expr, additivity_for),
        approximate=any(part.approximate for part in parts.values()),
        enters=tuple(dict.fromkeys(term.metric for name, term in terms.items() if name in draft.terms)),
        nature=nature_of(typed.expr, nature_for),
    )


def _leaf(bench: Bench, terms: Mapping[str, Term]) -> Leaf | None:
    """Return what each name of a formula counts; None when none of them counts or measures what cannot be added."""
    counted = {name: bench.counted.get(term.metric, ()) for name, term in terms.items()}
    if not any(counted.values()):
        return None
    for name, term in terms.items():
        rows_of = {one.source: bench.rows(one.source) for one in counted[name]}
        counted[name] = narrowed(counted[name], term, name, rows_of)
    return lambda node: counted.get(node.text) if isinstance(node, Name) else ()


def _term_type(term: Term, metric: Metric, rates: Mapping[str, Rates]) -> DataType:
    if term.factor.denominator != 1 or term.over_time == "avg":
        return FLOAT
    return metric.type if term.convert is None else converted_type(metric, term.convert, rates)


# -- names --------------------------------------------------------------------------------------------------------------


def _check_keys(draft: Draft) -> bool:
    """``wrong-argument`` for filters on the metric itself: a formula has no rows, its terms have."""
    fine = True
    for key in ("population", "where", "decimals", "over_time", "last_of_each"):
        if getattr(draft.item, key) is not None and not (key == "over_time" and check_along(draft)):
            step = (
                "say it on the measures beneath"
                if key in ("decimals", "last_of_each")
                else "say it on the terms of a translation, or on the measures beneath"
            )
            draft.about.say(
                "wrong-argument", f"{draft.about.title} is a formula, and `{key}` is about rows", key, help=step
            )
            fine = False
    return fine


def _check_term_names(draft: Draft, bench: Bench) -> bool:
    """``bad-name`` for a term that bears another metric's or an assumption's name; a soft finding for one that is not used."""
    fine = True
    used = {one.text for one in names(draft.formula)} if draft.formula is not None else set()
    for name, (term, path) in draft.terms.items():
        if (name in bench.drafts and name != term.from_) or name in bench.declared("assumption"):
            what = "an assumption" if name in bench.declared("assumption") else "another metric"
            draft.about.say(
                "bad-name",
                f"the term `{name}` bears the name of {what}",
                *path,
                why="a reader of the formula would take it for that one",
                help="give the term a word of its own",
            )
            fine = False
        elif name not in used:
            draft.about.say(
                "wrong-argument",
                f"the term `{name}` stands nowhere in the formula of {draft.about.title}",
                *path,
                why="a translation that names what it does not use says something that is not so",
                help="use it in the formula, or leave it out",
            )
            fine = False
        if term.from_ not in bench.declared("metric"):
            at = path if draft.entry.origin.parts.get((*path, "from")) is None else (*path, "from")
            draft.about.say(
                "unknown-name",
                f"there is no metric `{term.from_}`",
                *at,
                help=did_you_mean(term.from_, bench.declared("metric")),
            )
            fine = False
    return fine


def _check_names(draft: Draft, bench: Bench, formula: Expr) -> bool:
    """``unknown-name`` for what is neither a term, a metric nor an assumption; ``wrong-argument`` when no metric is named."""
    fine = True
    for one in dict.fromkeys(names(formula)):
        if one.text in draft.terms or one.text in bench.declared("metric") or one.text in bench.declared("assumption"):
            continue
        place = draft.entry.origin.place(*draft.formula_path, offset=one.span.start)
        message = f"the formula of {draft.about.title} names `{one.text}`, which is neither a metric nor an assumption"
        draft.about.findings.append(
            Finding("unknown-name", draft.subject, message, place, help=_instead(draft, bench, one))
        )
        fine = False
    if fine and all(one.text not in draft.terms and one.text not in bench.declared("metric") for one in names(formula)):
        draft.about.say(
            "wrong-argument",
            f"the formula of {draft.about.title} names no metric, so it is the same in every cell",
            *draft.formula_path,
            help="name a metric; a number that never changes is an assumption",
        )
        return False
    return fine


def _check_looks(draft: Draft, formula: Expr, almanac: Almanac) -> bool:
    """``unknown-name`` for a period that no metric function can move by, ``wrong-argument`` for one that is no length."""
    fine = True
    for node in walk(formula):
        if isinstance(node, Call) and node.function == "per":
            fine = _check_per(draft, node, almanac) and fine
    for argument, unit in unknown_periods(formula, almanac):
        place = draft.entry.origin.place(*draft.formula_path, offset=argument.span.start)
        message = f"the formula of {draft.about.title} names the period `{unit}`, which there is not"
        help = did_you_mean(unit, almanac.grains())
        draft.about.findings.append(Finding("unknown-name", draft.subject, message, place, help=help))
        fine = False
    return fine


def _looks_at_prices(draft: Draft, bench: Bench, formula: Expr) -> bool:
    """``not-built`` for a price with dates inside a metric function: it would be that of the asked cell."""
    for node in walk(formula):
        if not isinstance(node, Call) or node.function not in METRIC_FUNCTIONS or node.function == "per":
            continue
        for one in names(node.arguments[0]):
            if one.text in bench.assumptions and bench.assumptions[one.text].lives:
                place = draft.entry.origin.place(*draft.formula_path, offset=one.span.start)
                draft.about.findings.append(Finding(
                    "not-built", draft.subject,
                    f"{draft.about.title} has `{one.text}`, a price with dates, inside `{node.function}`", place,
                    why="each cell that is read has the price of its own time",
                    help=f"make what stands inside a metric of its own, and write `{node.function}` around that",
                ))  # fmt: skip
                return True
    return False


def _check_per(draft: Draft, node: Call, almanac: Almanac) -> bool:
    """``wrong-argument`` where `per` divides by what is not always as long."""
    unit = node.arguments[1]
    word = unit.value if isinstance(unit, Literal) else unit.text if isinstance(unit, Name) else ""
    found = almanac.parse(str(word))
    if found is None or almanac.microseconds_in(found) is not None:
        return True
    place = draft.entry.origin.place(*draft.formula_path, offset=node.span.start)
    draft.about.findings.append(Finding(
        "wrong-argument", draft.subject, f"{draft.about.title} divides by a {word}, and one is longer than another", place,
        why="what is divided by it is compared between periods, so it must be the same in each",
        help="write `per(…, week)`, `per(…, day)` or `per(…, hour)`",
    ))  # fmt: skip
    return False


def _instead(draft: Draft, bench: Bench, one: Name) -> str:
    source = draft.item.source
    if source is not None and source in bench.sources and one.text in bench.paths.columns(source):
        return f"`{one.text}` is a column of `{source}`; a formula stands on metrics, a `measure:` on columns"
    return did_you_mean(one.text, (*draft.terms, *bench.declared("metric"), *bench.declared("assumption")))


def _falls(draft: Draft, bench: Bench) -> bool:
    """Say whether the formula stands on something broken, with its one finding."""
    used = {term.from_: path for term, path in draft.terms.values()}
    for one in names(draft.formula) if draft.formula is not None else ():
        if one.text not in draft.terms:
            used.setdefault(one.text, draft.formula_path)
    for name, path in used.items():
        for kind, finished in (("metric", bench.metrics), ("assumption", bench.assumptions)):
            if name in bench.declared(kind) and (f"{kind} {name}" in bench.collector.broken or name not in finished):
                bench.collector.fall(draft.subject, f"{kind} {name}", draft.entry.origin.place(*path))
                return True
    return False


# -- terms --------------------------------------------------------------------------------------------------------------


def _excludes(draft: Draft, bench: Bench, name: str, metric: str) -> tuple[Exclusion, ...] | None:
    return read_exclusions(draft, bench, name, (leaf.source for leaf in bench.leaves[metric]))


def _term(
    draft: Draft, bench: Bench, name: str, written: declare.Term, path: Path
) -> tuple[Term, Unit | None] | None:
    """Return a term and its unit, or None after findings; its filters must fit every source beneath its metric."""
    metric = bench.metrics[written.from_]
    replaces = written.population is not None
    everybody = replaces and written.population is not None and written.population.strip() == "all"
    where: Expr | None = None
    population: Expr | None = None
    fine = True
    for place, leaf in enumerate(dict.fromkeys(leaf.source for leaf in bench.leaves[metric.name])):
        rows = bench.rows(leaf)
        where_here, fits = read_filter(draft.about, written.where, rows, *path, "where")
        population_here, also_fits = read_filter(
            draft.about, None if everybody else written.population, rows, *path, "population"
        )
        fine = fine and fits and also_fits
        if place == 0:
            where, population = where_here, population_here
        elif fine and (where_here, population_here) != (where, population):
            draft.about.say(
                "wrong-argument",
                f"the filter on `{metric.name}` reads days in one way in `{leaf}` and in another in the sources beside it",
                *path,
                why="a date and a time of day are compared differently, so rows of that day would be in one and not in the other",
                help="declare the column with the same type in each of the sources, or name their metrics as terms of their own",
            )
            fine = False
    excludes = _excludes(draft, bench, name, metric.name)
    exchange = None if written.convert is None else resolve_exchange(draft, bench, written, path)
    factor, unit = _factor(draft, bench, written, metric, metric.unit if exchange is None else exchange[1], path)
    fine = fine and (written.convert is None) == (exchange is None)
    if not check_term(draft, bench, written, path) or not fine or factor is None or excludes is None:
        return None
    convert = None if exchange is None else exchange[0]
    return Term(metric.name, where, population, replaces, factor, written.over_time, excludes, convert), unit


def _factor(
    draft: Draft, bench: Bench, written: declare.Term, metric: Metric, own: Unit | None, path: Path
) -> tuple[Fraction | None, Unit | None]:
    """Return by what a term is multiplied, and its unit then; None after ``mixed-units`` or findings of the unit."""
    if written.to is None:
        return Fraction(1), own
    about = draft.about
    unit = read_unit(about, written.to, bench.ground.units, *path, "to")
    if unit is None:
        return None, None
    factor = None if own is None else exact_factor(own, unit)
    if factor is None:
        has = "no unit" if own is None else f"the unit {own}"
        about.say(
            "mixed-units",
            f"`{metric.name}` has {has}, which does not become {unit} exactly",
            *path,
            "to",
            why="a conversion that is only nearly right is a wrong number",
            help=_conversion_step(own, unit),
        )
    return factor, unit


def _conversion_step(unit: Unit | None, to: Unit) -> str:
    if unit is None:
        return "give the metric its unit first"
    return (
        "`to:` converts among second, minute, hour, day and week, or among month, quarter and year; "
        f"for {unit} to {to} multiply by an assumption"
    )
