"""How a hospital is drawn: one colour and one symbol, the same in every chart, bar and table of its study."""

from collections.abc import Iterable
from dataclasses import dataclass

from hospitals.institutions.models import Institution
from hospitals.studies.models import Study
from hospitals.studies.selectors import participants

SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


@dataclass(frozen=True)
class HospitalMark:
    """``place`` counts from 0 in the study's fixed order; after six hospitals colours come again with other symbols."""

    slug: str
    name: str
    place: int

    @property
    def number(self) -> int:
        """1 to 6: the class names ``hospital-1`` ... of the style sheet."""
        return self.place % 6 + 1

    @property
    def colour(self) -> str:
        return f"var(--hospital-{self.number})"

    @property
    def symbol(self) -> str:
        return SYMBOLS[(self.place + self.place // 6) % 6]

    @property
    def dash(self) -> str:
        return DASHES[(self.place + self.place // 6) % 6]


def marks_of(study: Study) -> list[HospitalMark]:
    return numbered(row.institution for row in participants(study))


def numbered(institutions: Iterable[Institution]) -> list[HospitalMark]:
    """``institutions`` in the study's order."""
    return [HospitalMark(one.slug, one.name, place) for place, one in enumerate(institutions)]
