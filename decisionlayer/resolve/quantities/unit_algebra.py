"""Units: exponents over named bases, read from text and printed, multiplied, and converted where that is exact.

Bases are ``millisecond second minute hour day week month quarter year``, the currency codes of ISO 4217, and what the project
declares under ``units:``. Each is its own base: nothing is converted by itself, because 90 minutes and 1.5 hours must
not meet unnoticed. Nothing here is taken from a physics library: there ``quarter`` and ``pound`` are masses.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import field
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from types import MappingProxyType
from typing import TypeAlias

from decisionlayer.frozen import dataclass
from decisionlayer.names import PERIODS, near
from decisionlayer.resolve.language.problems import Problem, said
from decisionlayer.resolve.language.tree import Span

TIMES = PERIODS
#: An exponent: whole where it can be, for every product and comparison is quicker so.
Power: TypeAlias = int | Fraction

# ISO 4217: today's codes, and those that the euro and redenominations replaced since 1999, which old rows still bear.
_CODES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY
COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS
INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP
MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR
SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND
VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG BOV CHE CHW CLF COU MXV USN UYI XDR XAU XAG XPT XPD
ATS BEF CYP DEM EEK ESP FIM FRF GRD HRK IEP ITL LTL LUF LVL MTL NLG PTE SIT SKK
ANG AZM BYR CUC GHC MRO MZM ROL SDD SLL STD TMM TRL VEB VEF ZMK ZWL
"""
CURRENCIES = frozenset(_CODES.split())

#: What a project cannot declare, because it is there already.
BUILT_IN = frozenset((*TIMES, *CURRENCIES, "percent"))

#: What counts rows or different values, until something says what is counted. No unit can be declared under this name.
COUNT = "#"

_MILLISECONDS = {
    "millisecond": 1, "second": 1_000, "minute": 60_000, "hour": 3_600_000, "day": 86_400_000, "week": 604_800_000,
}  # fmt: skip
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_SAID_ELSEWHERE = {
    "%": "percent", "pct": "percent", "percentage": "percent", "share": "percent", "ratio": "percent", "rate": "percent",
    "fraction": "percent", "none": "1", "ms": "millisecond", "s": "second", "sec": "second", "min": "minute", "mins": "minute", "h": "hour",
    "hr": "hour", "hrs": "hour", "d": "day", "dollar": "USD", "dollars": "USD", "euro": "EUR", "euros": "EUR",
    "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unit:
    """Exponents over bases, sorted by base, none of them zero; ``printed`` is ``percent`` for a share printed so.

    Two units are equal when their exponents are: percent and 1 are both a pure number.
    """

    exponents: tuple[tuple[str, Power], ...] = ()
    printed: str = field(default="", compare=False)

    @classmethod
    def of(cls, powers: Mapping[str, Power]) -> Unit:
        """Return the unit with these powers; those that are zero are left out."""
        found = [(base, power.numerator if power.denominator == 1 else power) for base, power in powers.items() if power]
        return cls(tuple(sorted(found)))

    @property
    def powers(self) -> Mapping[str, Power]:
        """The exponent of each base."""
        return MappingProxyType(dict(self.exponents))

    @property
    def is_pure(self) -> bool:
        """Whether it is a pure number: 1 or percent."""
        return not self.exponents

    def __mul__(self, other: Unit) -> Unit:
        return _multiplied(self, other, 1)

    def __truediv__(self, other: Unit) -> Unit:
        return _multiplied(self, other, -1)

    def __pow__(self, power: Power) -> Unit:
        return Unit.of({base: own * power for base, own in self.exponents})

    def __str__(self) -> str:
        """Return it as ``parse_unit`` reads it: ``USD/seat``, ``USD/(seat*mile)``, ``1/hour``, ``percent``."""
        if not self.exponents:
            return self.printed or "1"
        above = [_raised(base, power) for base, power in self.exponents if power > 0]
        below = [_raised(base, -power) for base, power in self.exponents if power < 0]
        top = "*".join(above) or "1"
        if not below:
            return top
        return f"{top}/{below[0]}" if len(below) == 1 else f"{top}/({'*'.join(below)})"


@lru_cache(maxsize=1024)
def _multiplied(left: Unit, right: Unit, sign: int) -> Unit:
    """Multiply by a unit raised to ``sign``. A project has few units, and multiplies them in every formula."""
    powers = dict(left.exponents)
    for base, power in right.exponents:
        powers[base] = powers.get(base, 0) + sign * power
    return Unit.of(powers)


PURE = Unit()
PERCENT = Unit((), "percent")
COUNTED = Unit(((COUNT, 1),))


def exact_factor(source: Unit, target: Unit) -> Fraction | None:
    """Return what a value in ``source`` is multiplied by to be in ``target``; None when that is not exact.

    Exact are second, minute, hour, day and week among themselves, and month, quarter and year among themselves. A day
    is 24 hours here: it measures a length, not a date. Currencies are never exact.

    >>> def unit(text):
    ...     return parse_unit(text)[0]
    >>> str(exact_factor(unit("minute"), unit("hour"))), str(exact_factor(unit("USD/minute"), unit("USD/hour")))
    ('1/60', '60')
    >>> exact_factor(unit("day"), unit("month"))
    """
    if source == target:
        return Fraction(1)
    ratio = source / target
    factor = Fraction(1)
    for family in (_MILLISECONDS, _MONTHS):
        total = Fraction(0)
        for base, power in ratio.exponents:
            if base not in family:
                continue
            if power.denominator != 1:
                return None
            total += power
            factor *= Fraction(family[base]) ** int(power)
        if total:
            return None
    left_over = [base for base, _ in ratio.exponents if base not in _MILLISECONDS and base not in _MONTHS]
    return None if left_over else factor


@lru_cache(maxsize=1024)
def fits(computed: Unit, declared: Unit) -> bool:
    """Say whether what was computed may be declared so: equal, or equal once its counts count something.

    Rows counted may be declared as one thing that is neither time nor money (``flight``), or as a pure number.
    """
    if computed == declared:
        return True
    count = computed.powers.get(COUNT)
    if count is None:
        return False
    rest = (declared / (computed * COUNTED**-count)).exponents
    if not rest:
        return True
    base, power = rest[0]
    return len(rest) == 1 and power == count and base not in TIMES and base not in CURRENCIES


def in_words(unit: Unit) -> str:
    """Return a unit for a sentence after "is": ``in minute``, ``a pure number``, ``a count``."""
    if unit.is_pure:
        return "a pure number"
    return "a count" if unit == COUNTED else f"in {unit}"


def is_money(unit: Unit) -> bool:
    """Say whether a currency is part of it."""
    return any(base in CURRENCIES for base, _ in unit.exponents)


def _raised(base: str, power: Power) -> str:
    name = "count" if base == COUNT else base
    if power == 1:
        return name
    return f"{name}^{power}" if power.denominator == 1 else f"{name}^({power})"


# -- reading -----------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(r"\s*(?:([^\W\d]\w*)|(\d+)|([*/^()-])|(\S))")
_MOST = 200


class _Wrong(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def parse_unit(text: str, declared: Collection[str] = ()) -> tuple[Unit | None, tuple[Problem, ...]]:
    """Return the unit that ``text`` writes, or None and what is wrong; ``declared`` are the project's own units.

    ``USD/seat``, ``seat*mile``, ``mile^2``, ``USD/(seat*mile)``, ``1/hour``; ``1`` is a pure number, ``percent`` one
    that is printed by the hundred. ``a/b*c`` is refused, because people read it in two ways.
    """
    try:
        return _UnitReader(text, declared).read(), ()
    except _Wrong as wrong:
        return None, (wrong.problem,)


class _UnitReader:
    """The text of one unit being read: a quotient of products of powers."""

    def __init__(self, text: str, declared: Collection[str]) -> None:
        self.text = text
        self.declared = declared
        found = islice(_TOKEN.finditer(text), _MOST + 1)
        self.tokens = [(match[match.lastindex or 0], match.span(match.lastindex or 0)) for match in found]
        self.at = 0

    def read(self) -> Unit:
        """Return the unit of the whole text."""
        if not self.tokens:
            raise self.wrong("the unit is empty", "A number without a unit has the unit 1, a share percent.")
        if len(self.tokens) > _MOST:
            raise self.wrong("the unit is too long")
        if self.text.strip() == "percent":
            return PERCENT
        unit = self.quotient()
        if self.at < len(self.tokens):
            raise self.wrong(f"{said(self.token())} has no place there", "Between two units stands `*` or `/`.")
        return unit

    def quotient(self) -> Unit:
        """Read products divided by powers."""
        unit = self.product()
        while self.token() == "/":
            self.at += 1
            unit = unit / self.power()
            if self.token() == "*":
                message = f"{said(self.text)} can be read in two ways"
                raise self.wrong(message, "Write a*c/b or a/(b*c).")
        return unit

    def product(self) -> Unit:
        """Read powers with stars between them."""
        unit = self.power()
        while self.token() == "*":
            self.at += 1
            unit = unit * self.power()
        return unit

    def power(self) -> Unit:
        """Read a base or a parenthesis, raised or not."""
        token = self.token()
        if token == "(":
            self.at += 1
            unit = self.product()
            if self.token() != ")":
                raise self.wrong("a parenthesis is not closed")
            self.at += 1
        else:
            unit = self.base()
        if self.token() != "^":
            return unit
        self.at += 1
        return unit ** self.exponent()

    def exponent(self) -> Fraction:
        """Read ``2``, ``-1`` or ``(1/2)``."""
        if self.token() != "(":
            return Fraction(self.whole())
        self.at += 1
        above = self.whole()
        if self.token() != "/":
            raise self.wrong("the power in parentheses is no fraction", "Write mile^(1/2).")
        self.at += 1
        below = self.whole()
        if self.token() != ")" or below <= 0:
            raise self.wrong("the power in parentheses is no fraction", "Write mile^(1/2).")
        self.at += 1
        return Fraction(above, below)

    def whole(self) -> int:
        """Read a whole number of at most two digits."""
        sign = -1 if self.token() == "-" else 1
        self.at += self.token() == "-"
        token = self.token()
        if not token.isdecimal() or len(token) > 2:
            raise self.wrong("the power after `^` is no whole number", "Write mile^2.")
        self.at += 1
        return sign * int(token)

    def base(self) -> Unit:
        """Read one name, which must be known."""
        token = self.token()
        if token == "1":
            self.at += 1
            return PURE
        if not token or not (token[0].isalpha() or token[0] == "_"):
            wanted = f"{said(token)} stands where a unit was expected" if token else "a unit is missing at the end"
            raise self.wrong(wanted, self.elsewhere(token))
        if token == "percent":
            raise self.wrong("`percent` is how a share is printed, so it stands alone", "Write 1 in its place.")
        if token not in TIMES and token not in CURRENCIES and token not in self.declared:
            raise self.wrong(f"there is no unit {said(token)}", self.elsewhere(token), "unknown-name")
        self.at += 1
        return Unit(((token, 1),))

    def elsewhere(self, token: str) -> str:
        """Return what to write for a unit that is not there."""
        known = _SAID_ELSEWHERE.get(token.casefold())
        if known is None and token.upper() in CURRENCIES:
            known = token.upper()
        if known is not None:
            return f"Write {known}."
        close = near(token, [*TIMES, *self.declared]) if token else ()
        declare = "Counted things and units of measure are declared under `units:`."
        return f"Did you mean {' or '.join(close)}? {declare}" if close else declare

    def token(self) -> str:
        """Return the text of the token to read next, empty at the end."""
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def wrong(self, message: str, help: str = "", code: str = "bad-expression") -> _Wrong:
        """Return the stop at the token to read next."""
        start, end = self.tokens[self.at][1] if self.at < len(self.tokens) else (len(self.text), len(self.text))
        return _Wrong(Problem(code, message, Span(start, end), help))
