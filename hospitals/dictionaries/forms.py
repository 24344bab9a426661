"""What people send while they draft a dictionary: a file, or the editor's lines."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hefed.core.dictionary.variables import HEADER, MAX_TEXT, Cells
from hefed.core.errors import BadInput
from hospitals.forms import Styled

if TYPE_CHECKING:
    pass


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


class FileForm(Styled):
    file = forms.FileField(label=_("CSV file"))

    def text(self) -> str:
        """The file's text; raises BadInput for bytes that are no text."""
        data: Any = self.cleaned_data["file"]
        if data.size > MAX_TEXT:
            raise BadInput("studies.file_too_large", name=data.name, bytes=data.size, most=MAX_TEXT)
        try:
            return str(data.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise BadInput("studies.file_not_utf8", name=data.name) from error


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
