"""What a hospital fills in to ask to join."""

from datetime import date

from django import forms
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hospitals.forms import Styled
from hospitals.institutions.models import Institution


class RegistrationForm(Styled):
    name = forms.CharField(
        label=_("Name of the hospital"), max_length=200, help_text=_("As it should stand in results.")
    )
    slug = forms.SlugField(
        label=_("Short name"),
        max_length=63,
        validators=[RegexValidator(r"^[A-Za-z0-9]", _("Begin with a letter or a digit."))],
        help_text=_("Letters, digits and hyphens; it appears in addresses and in file names."),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=Institution.Kind.choices, initial=Institution.Kind.HOSPITAL)
    country = forms.RegexField(
        label=_("Country"),
        regex=r"^[A-Za-z]{2}$",
        help_text=_("Two letters, such as KR or DE."),
        error_messages={"invalid": _("Use the two letters of the country, such as KR.")},
    )
    domain = forms.RegexField(
        label=_("Domain"),
        regex=r"^(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}$",
        help_text=_("Of your web and e-mail addresses, such as hospital.example.org."),
        error_messages={"invalid": _("Write the domain only, such as hospital.example.org.")},
    )
    approval_number = forms.CharField(
        label=_("Approval number"),
        max_length=100,
        help_text=_("Of your ethics or data-review committee, for taking part in studies on encrypted data."),
    )
    approval_date = forms.DateField(
        label=_("Date of the approval"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Not in the future."),
    )
    contact_name = forms.CharField(label=_("Contact person"), max_length=200)
    contact_email = forms.EmailField(
        label=_("E-mail of the contact person"), help_text=_("A mail with a link to confirm the address is sent there.")
    )

    def clean_approval_date(self) -> date:
        given: date = self.cleaned_data["approval_date"]
        if given > timezone.localdate():
            raise forms.ValidationError(_("This date is in the future; write the date on the approval."))
        return given

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).upper()
