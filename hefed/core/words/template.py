"""One entry of the catalogue: a code with its words in each language, and the small language of those words.

{name}            the fact; a tuple joined by ", " (things said by "; "), something said in the reader's language
{name:,}          whole number in groups of three           {name:,.1f}  with digits after the point
{name:.3g}        three digits that count                   {name:.1%}   a share in per cent
{name|row|rows}   "1 row", "2 rows"; also {name:,|row|rows}; a tuple counts its items and lists them: "rows 3, 4"
{name?is|are}     one of two words, by the same count
{name:lines}      a tuple, each item on a line of its own
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from hefed.core.words.said import EXACT, Fact, One, Said

PLACEHOLDER = re.compile(r"\{(\w+)(?::(,?(?:\.\d+[fg%])?|lines))?(?:([|?])([^|{}]*)\|([^|{}]*))?\}")
YES_NO = {"en": ("yes", "no"), "ko": ("예", "아니요")}

Tell = Callable[[Said], str]
_LONG = 10**15  # numbers from here on are short: six digits and an exponent


def placeholders(template: str) -> set[str]:
    return {found[1] for found in PLACEHOLDER.finditer(template)}


def filled(template: str, facts: Mapping[str, Fact], language: str, tell: Tell) -> str:
    """The template with its facts, "…" for one that was kept back. ``tell``: words for something said in a fact."""

    def put(found: re.Match[str]) -> str:
        name, form, mark, one, many = found.groups()
        fact = facts.get(name, "…")
        chosen = one if _count(fact) == 1 else many
        if mark == "?":
            return chosen
        text = _shown(fact, form or "", language, tell)
        if mark == "|":
            return f"{chosen} {text}" if isinstance(fact, tuple) else f"{text} {chosen}"
        return text

    return PLACEHOLDER.sub(put, template)


def _count(fact: Fact) -> object:
    return len(fact) if isinstance(fact, tuple) else fact


def _shown(fact: Fact, form: str, language: str, tell: Tell) -> str:
    if not isinstance(fact, tuple):
        return _one(fact, form, language, tell)
    items = [_one(item, form, language, tell) for item in fact]
    if form == "lines":
        return "".join(f"\n  {item}" for item in items)
    return ("; " if any(isinstance(item, Said) for item in fact) else ", ").join(items)


def _one(fact: One, form: str, language: str, tell: Tell) -> str:
    if isinstance(fact, Said):
        return tell(fact)
    if isinstance(fact, bool):
        return YES_NO[language][0 if fact else 1]
    return fact if isinstance(fact, str) else number(fact, form if form != "lines" else "")


def number(value: int | float, form: str) -> str:
    """``form`` as above. Halves are rounded away from zero; without a form, whole numbers whole, others to 6 digits."""
    grouped, form = form.startswith(","), form.removeprefix(",")
    text = _number(value, form[-1:], int(form[1:-1] or 0) if form else 6)
    return _grouped(text) if grouped else text


def _number(value: int | float, kind: str, digits: int) -> str:
    if kind == "%":
        return _number(value * 100.0, "f", digits) + "%"
    if not kind and value == int(value) and abs(value) <= EXACT:
        return str(int(value))
    exact = Decimal(value or 0)
    if kind == "f" and abs(exact) < _LONG:
        return f"{exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}"
    return _general(exact, max(digits, 1) if kind == "g" else 6)


def _general(value: Decimal, digits: int) -> str:
    """As C's %g: ``digits`` significant ones, no zeros at the end, an exponent below 1e-4 and from 10**digits."""
    if not value:
        return "0"
    rounded = value.quantize(Decimal(1).scaleb(value.adjusted() - digits + 1), ROUND_HALF_UP)
    exponent = rounded.adjusted()
    if -4 <= exponent < digits:
        return _short(f"{rounded:f}")
    return f"{_short(f'{rounded.scaleb(-exponent):f}')}e{exponent:+03d}"


def _short(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _grouped(text: str) -> str:
    whole, point, rest = text.partition(".")
    return re.sub(r"(?<=\d)(?=(\d{3})+$)", ",", whole) + point + rest


@dataclass(frozen=True)
class Entry:
    code: str
    en: str
    ko: str

    @property
    def facts(self) -> set[str]:
        """The names of the facts; every raise site gives exactly these."""
        return placeholders(self.en)

    def words(self, language: str) -> str:
        return self.ko if language == "ko" else self.en


def entry(code: str, *, en: str, ko: str) -> Entry:
    """``code``: the name of the catalogue's module, a point, and what happened: ``pool.too_small``."""
    return Entry(code, en, ko)
