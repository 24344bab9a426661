"""Texts of the scripts: each has a Korean one, found by its English sentence; none is left over."""

import json
import re
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static"
SENTENCE = r'"(?:[^"\\]|\\.)*"'
ONE = re.compile(r"\b(?:t|mark)\(\s*(" + SENTENCE + r")")
PLURAL = re.compile(r"\b(?:plural|counted)\(\s*[^\"]*?,\s*" + SENTENCE + r"\s*,\s*(" + SENTENCE + r")")
PLACEHOLDER = re.compile(r"\{\w+\}")


def scripts() -> list[Path]:
    return [path for path in STATIC.rglob("*.js") if not {"vendor", "i18n"} & set(path.parts)]


def in_use() -> set[str]:
    """Of a plural the form for many: Korean needs no other."""
    texts = (path.read_text() for path in scripts())
    return {json.loads(found) for text in texts for pattern in (ONE, PLURAL) for found in pattern.findall(text)}


def korean() -> dict[str, str]:
    pairs = re.findall(rf"^  ({SENTENCE}): ({SENTENCE}),$", (STATIC / "i18n" / "ko.js").read_text(), re.MULTILINE)
    return {json.loads(english): json.loads(text) for english, text in pairs}


def test_every_text_of_a_script_is_translated_and_none_is_left_over():
    assert in_use() - set(korean()) == set(), "write them into static/i18n/ko.js"
    assert set(korean()) - in_use() == set(), "no script says this any more"


def test_errors_are_no_texts_but_codes():
    """docs/words.md: what could not be done is said by the catalogue, not looked up by its sentence."""
    assert {text for text in in_use() if text.startswith("cannot ")} == set()


def test_translations_keep_the_placeholders():
    wrong = {
        english
        for english, text in korean().items()
        if not set(PLACEHOLDER.findall(text)) <= set(PLACEHOLDER.findall(english))
        or set(PLACEHOLDER.findall(english)) - set(PLACEHOLDER.findall(text)) - {"{n}"}
    }

    assert wrong == set()


def test_texts_that_depend_on_facts_are_not_built_from_pieces():
    """A sentence with ${...} in it could not be found in the catalogue."""
    assert [path.name for path in scripts() if re.search(r"\b(?:t|mark|plural|counted)\(\s*`", path.read_text())] == []
