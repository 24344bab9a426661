"""Golden vectors of the language that puts facts into words: ``[template, facts, language, words]``."""

from typing import Any

from hefed.core.words import Said
from hefed.core.words.rendering import words
from hefed.core.words.template import filled

NUMBERS = [0, 1, -1, 7, 1234, 1234567, -98765.5, 0.5, 1.5, 2.5, -2.5, 0.05, 1e-5, 9.996, 123456.7, 1e16, 1e300, 2**53]
FORMS = ["", ":,", ":.0f", ":.1f", ":,.2f", ":.3g", ":.1g", ":,.6g", ":.0%", ":.1%"]
PAIR = ("age", "sex")
NESTED = Said("a.newer.code", rows=2, names=PAIR)
CASES: list[tuple[str, dict[str, Any], str]] = [
    *((f"{{x{form}}}", {"x": value}, "en") for value in NUMBERS for form in FORMS),
    *(("{n|row|rows} {n?is|are} left, {n:,|one|many}", {"n": n}, "en") for n in (0, 1, 2, 1000, 1.0)),
    ("{c|column|columns} {c?is|are} the same", {"c": PAIR}, "en"),
    ("{c|column|columns} {c?is|are} the same", {"c": PAIR[:1]}, "en"),
    ("names: {c}, none: {d}", {"c": PAIR, "d": ()}, "en"),
    ("listed:{c:lines}", {"c": PAIR}, "en"),
    ("listed:{c:lines}", {"c": (NESTED, Said("b"))}, "ko"),
    ("because {why}; {all}", {"why": NESTED, "all": (NESTED, Said("b"))}, "en"),
    ("counts {n:,.1f}", {"n": (1234.5, 2, True)}, "en"),
    ("{yes}, {no}", {"yes": True, "no": False}, "en"),
    ("{yes}, {no}", {"yes": True, "no": False}, "ko"),
    ("a text keeps its braces: {text}, {lost}", {"text": "{n} $& $1"}, "en"),
    ("{n:,} of {m:,|row|rows} {m?is|are} kept back", {}, "en"),
    ("환자 {n:,}명, {text:.3g}", {"n": 12345, "text": "글"}, "ko"),
]


def words_vectors() -> list[list[Any]]:
    return [
        [template, Said("x", **facts).to_json()["facts"], language, _filled(template, facts, language)]
        for template, facts, language in CASES
    ]


def _filled(template: str, facts: dict[str, Any], language: str) -> str:
    return filled(template, Said("x", **facts).facts, language, lambda nested: words(nested, language))
