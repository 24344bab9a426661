"""One entry of the catalogue: a code and its words. The placeholders are its facts."""

from dataclasses import dataclass

from hefed.core.words.template import placeholders


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
