""""""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hospitals.audit.selectors import Wanted
from hospitals.forms import Styled


class AuditForm(Styled):
    """What of the audit log somebody wants to see."""

    who = forms.CharField(label=_("Who"), required=False, max_length=100)
    what = forms.CharField(label=_("What"), required=False, max_length=64)
    first = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    study = forms.CharField(label=_("Study"), required=False, max_length=63)
    before = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, whole: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not whole:
            del self.fields["study"]

    def wanted(self, study: str = "") -> Wanted:
        """Fields that make no sense ask for nothing in particular."""
        given = self.cleaned_data if self.is_valid() else self.cleaned_data or {}
        names = ("who", "what", "first", "last")
        fields = {name: given[name] for name in names if given.get(name)}
        return Wanted(study=study or given.get("study", ""), **fields)
