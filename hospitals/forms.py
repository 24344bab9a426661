"""Forms of the pages. They check and translate; services write."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from hospitals.models import Institution


class Styled(forms.Form):
    """Controls with the look of the component library, and their hint read out with them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            select = isinstance(field.widget, forms.Select)
            field.widget.attrs.setdefault("class", "form-select" if select else "form-control")


class RegistrationForm(Styled):
    name = forms.CharField(label="Name of the hospital", max_length=200, help_text="As it should stand in results.")
    slug = forms.SlugField(
        label="Short name",
        max_length=63,
        validators=[RegexValidator(r"^[A-Za-z0-9]", "Begin with a letter or a digit.")],
        help_text="Letters, digits and hyphens; it appears in addresses and in file names.",
    )
    kind = forms.ChoiceField(label="Kind", choices=Institution.Kind.choices, initial=Institution.Kind.HOSPITAL)
    country = forms.RegexField(
        label="Country",
        regex=r"^[A-Za-z]{2}$",
        help_text="Two letters, such as KR or DE.",
        error_messages={"invalid": "Use the two letters of the country, such as KR."},
    )
    contact_name = forms.CharField(label="Contact person", max_length=200)
    contact_email = forms.EmailField(
        label="E-mail of the contact person", help_text="The administrator writes to this address."
    )

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).upper()


class TokenForm(Styled):
    name = forms.CharField(
        label="What will use it", max_length=100, help_text="For example: encryptor on the research server."
    )
    days = forms.IntegerField(label="Valid for (days)", min_value=1, max_value=730, initial=365)


class ConfirmForm(forms.Form):
    """A destructive action asks for the id of its object."""

    confirm = forms.CharField()

    def __init__(self, expected: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected

    def clean_confirm(self) -> str:
        typed = str(self.cleaned_data["confirm"]).strip()
        if typed != self.expected:
            raise forms.ValidationError(f"This is not {self.expected}.")
        return typed
