"""How far the set-up of a study is, and what its draft dictionary still lacks."""

from dataclasses import dataclass
from typing import Any, get_args

from hefed.core.ckks.params import profile
from hefed.core.dictionary.variables import HEADER, Cells, DataDictionary, VariableKind, VariableRole
from hefed.core.errors import DictionaryInvalid
from hefed.core.words import Said
from hospitals.dictionaries.workbook import draft_csv
from hospitals.institutions.models import Institution
from hospitals.keys.selectors import Custody
from hospitals.studies.facts import StudyFacts

EDITABLE_ROWS = 90  # ten cells each; Django takes a thousand fields of one form
BLANK_ROWS = 3
# Cells of the editor that are chosen and not typed; empty is allowed in all of them while it is a draft.
CHOICES = {
    "role": ("", *get_args(VariableRole)),
    "kind": ("", *(kind for kind in get_args(VariableKind) if kind)),
    "indicator": ("", "yes"),
}


@dataclass(frozen=True)
class DraftField:
    """One cell of the editor; with ``choices`` it is chosen, without typed."""

    name: str
    value: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class DraftRow:
    """One line of the editor: its number, its cells by heading, and what an import left to a person (JSON of Said)."""

    number: int
    cells: Cells
    notes: list[Any]

    @property
    def fields(self) -> list[DraftField]:
        return [DraftField(name, value, _choices(name, value)) for name, value in self.cells.items()]


def _choices(name: str, value: str) -> tuple[str, ...]:
    """A value that an import or an older draft left there stays to be seen, although it is not allowed."""
    allowed = CHOICES.get(name, ())
    return allowed if not allowed or value in allowed else (*allowed, value)


@dataclass(frozen=True)
class SetUpState:
    """What the set-up page shows as done."""

    dictionary: bool
    problems: list[Said]
    variables: int
    hospitals: list[Institution]
    custody: Custody | None
    custody_fits: bool
    terms: bool
    next_version: int

    @property
    def ready(self) -> bool:
        return self.dictionary and bool(self.hospitals) and self.custody_fits and self.terms


@dataclass(frozen=True)
class ProfileInWords:
    """A parameter profile for people who do not know CKKS."""

    name: str
    security_bits: int
    patients_per_block: int
    value_bytes: int


def set_up_state(facts: StudyFacts) -> SetUpState:
    draft, version = facts.draft, facts.dictionary
    rows = [] if draft is None else draft.rows
    problems = draft_problems(rows) if rows else []
    hospitals, custody = facts.institutions, facts.custody
    return SetUpState(
        dictionary=bool(rows) and not problems if version is None else True,
        problems=problems,
        variables=len(rows),
        hospitals=hospitals,
        custody=custody,
        custody_fits=custody is not None and (not custody.shared or custody.parties <= len(hospitals)),
        terms=facts.terms is not None,
        next_version=1 if version is None else version.number + 1,
    )


def draft_rows(facts: StudyFacts) -> list[DraftRow]:
    """The draft, or the dictionary in force to begin with, and a few blank lines."""
    draft, version = facts.draft, facts.dictionary
    notes: dict[str, list[Any]] = {} if draft is None else draft.notes
    rows: list[Cells] = [] if draft is None else draft.rows
    if draft is None and version is not None:
        rows = [variable.cells() for variable in DataDictionary.from_csv(version.csv).variables]
    blank = [dict.fromkeys(HEADER, "") for _ in range(BLANK_ROWS)]
    return [DraftRow(n, cells, notes.get(cells["name"], [])) for n, cells in enumerate([*rows, *blank])]


def draft_problems(rows: list[Cells]) -> list[Said]:
    """What keeps the draft from being published, one by one; row 2 is the first variable."""
    try:
        DataDictionary.from_csv(draft_csv(rows))
    except DictionaryInvalid as error:
        problems = error.facts.get("problems", ())
        return [one for one in problems if isinstance(one, Said)] if isinstance(problems, tuple) else [error.said]
    return []


def can_be_invited(facts: StudyFacts) -> list[Institution]:
    """Approved hospitals that do not take part yet."""
    approved = Institution.objects.filter(state=Institution.State.APPROVED)
    return [institution for institution in approved if institution not in facts.institutions]


def profile_in_words(name: str) -> ProfileInWords:
    ring = profile(name)
    return ProfileInWords(ring.name, ring.security_bits, ring.slots, 189)


def example_row(dictionary: DataDictionary) -> list[str]:
    """One made-up patient that follows the dictionary."""
    cells = []
    for variable in dictionary.variables:
        if variable.role == "id":
            cells.append("P-0001")
        elif variable.kind == "continuous":
            cells.append(f"{variable.centre:g}")
        else:
            cells.append(variable.levels[0] if variable.levels else "0")
    return cells
