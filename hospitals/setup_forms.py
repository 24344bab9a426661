"""Forms of the study set-up."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from hefed.dictionary import HEADER, MAX_TEXT, Cells
from hefed.errors import BadInput
from hospitals.forms import Styled
from hospitals.models import Study
from hospitals.selectors.custody import ONE_CUSTODIAN, Custody, suggested_custody
from hospitals.services.custody import MOST_PARTIES

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# What goes into each cell of the dictionary editor.
CELL_HELP = {
    "name": _("The heading of the column in the hospitals' tables, without = and |."),
    "label": _("What the variable is called in results. Empty: its name."),
    "role": _("id: the patient's pseudonym. feature: goes into the model. outcome: what the model predicts."),
    "kind": _("continuous: a number. binary: one of two. categorical: one of several. An id has none."),
    "unit": _("Of a continuous variable, such as mg/dl. Hospitals convert before they send."),
    "levels": _("Of a categorical or binary variable, separated by |, the reference first: none|local|metastatic."),
    "centre": _("Of a continuous variable: about its mean, from the literature. Not from patients of the study."),
    "scale": _("Of a continuous variable: about its standard deviation, above 0. Values beyond 4 scales are clipped."),
    "fill": _("What a missing value becomes: a number or a level. Empty: a row without the value is refused."),
    "indicator": _("yes: a further column marks the patients whose value was missing."),
}
PROFILES = (("N14_L9", _("N14_L9: 128-bit security, 8,192 patients to a block")),)


class QuestionForm(Styled):
    name = forms.CharField(label=_("Name of the study"), max_length=200)
    question = forms.CharField(
        label=_("Question and outcome"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One sentence: which patients, which outcome, within which time."),
    )


class NewStudyForm(QuestionForm):
    slug = forms.SlugField(
        label=_("Short name"),
        max_length=63,
        validators=[RegexValidator(r"^[A-Za-z0-9]", _("Begin with a letter or a digit."))],
        help_text=_("Letters, digits and hyphens; it appears in addresses and cannot be changed."),
    )
    profile = forms.ChoiceField(
        label=_("Parameter profile"),
        choices=PROFILES,
        help_text=_("How strongly and how finely values are encrypted. It cannot be changed later."),
    )


def _threshold(label: "StrPromise", hint: "StrPromise") -> forms.IntegerField:
    floor = Study.RULES_FLOOR
    at_least = format_lazy(_("At least {floor}."), floor=floor)
    return forms.IntegerField(
        label=label,
        min_value=floor,
        max_value=1_000_000,
        help_text=format_lazy("{hint} {at_least}", hint=hint, at_least=at_least),
    )


class RulesForm(Styled):
    minimum_rows = _threshold(_("Fewest patients to train on"), _("A pool with fewer is refused."))
    small_cell = _threshold(_("Smallest count shown"), _("Counts from 1 to this many are hidden."))
    round_to = _threshold(_("Round other counts to multiples of"), _("Larger hides more."))
    min_events = _threshold(_("Fewest deaths for a hospital's own figures"), _("Among its held-out patients."))
    curve_events = _threshold(_("Fewest deaths per step of a curve"), _("Larger gives smoother curves."))
    agents_must_approve = forms.IntegerField(
        label=_("Hospitals whose own program must approve each release"),
        min_value=0,
        max_value=Study.MOST_AGENTS,
        help_text=_(
            "Where several hospitals hold the key: before a result becomes readable, a person at so many of them reads "
            "it at the hospital's own program and approves there, besides the people who sign in the browser. "
            "0: not asked for, and the only choice with one custodian."
        ),
    )
    key_days = forms.IntegerField(
        label=_("A key takes uploads for (days)"),
        min_value=1,
        max_value=3650,
        help_text=_("Then the custodian rotates it."),
    )


class CustodyForm(Styled):
    """Who holds the key. The two numbers count only where several hospitals do."""

    held_by = forms.ChoiceField(
        label=_("Who holds the key"),
        choices=(("one", _("One custodian")), ("several", _("Several hospitals together, each a share"))),
    )
    parties = forms.IntegerField(
        label=_("Hospitals that hold a share"),
        min_value=2,
        max_value=MOST_PARTIES,
        required=False,
        help_text=_("Each runs a program of its own. Only for a key that several hospitals hold."),
    )
    threshold = forms.IntegerField(
        label=_("So many of them open together"),
        min_value=2,
        max_value=MOST_PARTIES,
        required=False,
        help_text=_("More is safer against hospitals that act together; fewer goes on when some are away or lost."),
    )

    @classmethod
    def showing(cls, custody: Custody) -> "CustodyForm":
        shared = custody if custody.shared else suggested_custody(3)
        numbers = {"parties": shared.parties, "threshold": shared.threshold}
        return cls(initial={"held_by": "several" if custody.shared else "one", **numbers})

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("held_by") == "several" and not self.errors:
            parties, threshold = data.get("parties"), data.get("threshold")
            if parties is None or threshold is None:
                self.add_error("parties" if parties is None else "threshold", _("Say how many."))
            elif threshold > parties:
                self.add_error("threshold", _("There are only as many hospitals as hold a share."))
        return data

    @property
    def custody(self) -> Custody:
        """What was chosen, once the form is valid."""
        data = self.cleaned_data
        return ONE_CUSTODIAN if data["held_by"] == "one" else Custody(data["threshold"], data["parties"])


class TermsForm(Styled):
    text = forms.CharField(
        label=_("Text of the terms"),
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_("Plain text. A change is a new version, which every hospital must accept before its next upload."),
    )


class InviteForm(Styled):
    institution = forms.SlugField(label=_("Hospital"), max_length=63)


class FileForm(Styled):
    file = forms.FileField(label=_("CSV file"))

    def text(self) -> str:
        """The file's text; raises BadInput for bytes that are no text."""
        data: Any = self.cleaned_data["file"]
        if data.size > MAX_TEXT:
            raise BadInput(
                _("cannot read %(data)s: it has %(size)s bytes, the limit is %(most)s; split it")
                % {"data": data.name, "size": data.size, "most": MAX_TEXT}
            )
        try:
            return str(data.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise BadInput(
                _("cannot read %(data)s: it is not UTF-8 text; save it as CSV UTF-8") % {"data": data.name}
            ) from error


class ConfirmKeyForm(Styled):
    last_digits = forms.CharField(
        label=_("Last eight characters, as the custodian read them to you"), min_length=8, max_length=20
    )


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
