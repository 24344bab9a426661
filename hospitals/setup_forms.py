"""Forms of the study set-up."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from hefed.dictionary import HEADER, MAX_TEXT, Cells
from hefed.errors import BadInput
from hospitals.forms import Styled
from hospitals.models import Study

PROFILES = (("N14_L9", "N14_L9: 128-bit security, 8,192 patients to a block"),)


class QuestionForm(Styled):
    name = forms.CharField(label="Name of the study", max_length=200)
    question = forms.CharField(
        label="Question and outcome",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One sentence: which patients, which outcome, within which time.",
    )


class NewStudyForm(QuestionForm):
    slug = forms.SlugField(
        label="Short name",
        max_length=63,
        validators=[RegexValidator(r"^[A-Za-z0-9]", "Begin with a letter or a digit.")],
        help_text="Letters, digits and hyphens; it appears in addresses and cannot be changed.",
    )
    profile = forms.ChoiceField(
        label="Parameter profile",
        choices=PROFILES,
        help_text="How strongly and how finely values are encrypted. It cannot be changed later.",
    )


def _threshold(label: str, hint: str) -> forms.IntegerField:
    floor = Study.RULES_FLOOR
    return forms.IntegerField(label=label, min_value=floor, max_value=1_000_000, help_text=f"{hint} At least {floor}.")


class RulesForm(Styled):
    minimum_rows = _threshold("Fewest patients to train on", "A pool with fewer is refused.")
    small_cell = _threshold("Smallest count shown", "Counts from 1 to this many are hidden.")
    round_to = _threshold("Round other counts to multiples of", "Larger hides more.")
    min_events = _threshold("Fewest deaths for a hospital's own figures", "Among its held-out patients.")
    curve_events = _threshold("Fewest deaths per step of a curve", "Larger gives smoother curves.")
    key_days = forms.IntegerField(
        label="A key takes uploads for (days)", min_value=1, max_value=3650, help_text="Then the custodian rotates it."
    )


class TermsForm(Styled):
    text = forms.CharField(
        label="Text of the terms",
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="Plain text. A change is a new version, which every hospital must accept before its next upload.",
    )


class InviteForm(Styled):
    institution = forms.SlugField(label="Hospital", max_length=63)


class FileForm(Styled):
    file = forms.FileField(label="CSV file")

    def text(self) -> str:
        """The file's text; raises BadInput for bytes that are no text."""
        data: Any = self.cleaned_data["file"]
        if data.size > MAX_TEXT:
            raise BadInput(f"cannot read {data.name}: it has {data.size} bytes, the limit is {MAX_TEXT}; split it")
        try:
            return str(data.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise BadInput(f"cannot read {data.name}: it is not UTF-8 text; save it as CSV UTF-8") from error


class ConfirmKeyForm(Styled):
    last_group = forms.CharField(label="Last four characters, as the custodian read them to you", max_length=4)


def rows_of(data: Any) -> list[Cells]:
    """The editor's lines from a posted form; lines without any text are dropped."""
    rows = []
    number = 0
    while f"{number}-name" in data:
        cells = {name: str(data.get(f"{number}-{name}", "")).strip() for name in HEADER}
        if any(cells.values()):
            rows.append(cells)
        number += 1
    return rows
