"""Words for what is said, in the reader's language. A code that this version does not know is shown with its facts."""

from collections.abc import Mapping

from hefed.core.words.catalogue import CATALOGUE
from hefed.core.words.said import Said
from hefed.core.words.template import filled

LANGUAGES = ("en", "ko")


def words(said: Said, language: str = "en") -> str:
    """``said`` in a language such as "ko" or "ko-kr"; English for one that the catalogue lacks. Never raises."""
    spoken = next((known for known in LANGUAGES if language.lower().startswith(known)), "en")
    return _told(said, spoken)


def language_of(environment: Mapping[str, str]) -> str:
    """The language of a command line: HEFED_LANGUAGE, English by default."""
    return environment.get("HEFED_LANGUAGE", "en")


def _told(said: Said, language: str) -> str:
    def tell(nested: Said) -> str:
        return _told(nested, language)

    entry = CATALOGUE.get(said.code)
    if entry is not None:
        return filled(entry.words(language), said.facts, language, tell)
    facts = ", ".join(filled(f"{name}={{{name}}}", said.facts, language, tell) for name in sorted(said.facts))
    return f"{said.code} ({facts})" if facts else said.code
