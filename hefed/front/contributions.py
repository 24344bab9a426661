"""The stacked bar of a study's pool: which hospital has contributed which part of it."""

from dataclasses import dataclass

from hospitals.studies.facts import HospitalShare, StudyFacts


@dataclass(frozen=True)
class Contribution:
    """One hospital's piece of the bar, in thousandths of the pool."""

    share: HospitalShare
    start: float
    width: float


@dataclass(frozen=True)
class Contributions:
    """The whole bar with its totals."""

    parts: list[Contribution]
    patients: int
    bytes: int

    @classmethod
    def of(cls, facts: StudyFacts) -> "Contributions":
        parts, start = [], 0.0
        for share in facts.shares:
            width = 1000 * share.patients / facts.patients if facts.patients else 0.0
            parts.append(Contribution(share, start, width))
            start += width
        return cls(parts, facts.patients, facts.bytes)
