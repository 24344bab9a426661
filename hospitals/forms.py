"""Forms of the pages. They check and translate; services write."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hospitals.words import has_control


class NoControl:
    """A field of one line takes no line break, and none takes any other control character."""

    def __init__(self, *, lines: bool) -> None:
        self.lines = lines

    def __call__(self, value: object) -> None:
        if has_control(str(value), lines=self.lines):
            raise forms.ValidationError(_("Write it without line breaks and other control characters."))


class Styled(forms.Form):
    """Controls with the look of the component library, and their hint read out with them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            select = isinstance(field.widget, forms.Select)
            field.widget.attrs.setdefault("class", "form-select" if select else "form-control")
            if isinstance(field, forms.CharField):
                lines = isinstance(field.widget, forms.Textarea)
                field.validators = [*field.validators, NoControl(lines=lines)]


class ConfirmForm(forms.Form):
    """A destructive action asks for the id of its object."""

    confirm = forms.CharField()

    def __init__(self, expected: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected

    def clean_confirm(self) -> str:
        typed = str(self.cleaned_data["confirm"]).strip()
        if typed != self.expected:
            raise forms.ValidationError(gettext("This is not %(expected)s.") % {"expected": self.expected})
        return typed


class ReasonForm(Styled):
    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The contact person reads it, and it stays in the audit log."),
    )
