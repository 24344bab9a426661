"""Forms of the pages. They check and translate; services write."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hospitals.models import Institution, Role, Study
from hospitals.names import has_control
from hospitals.selectors.audit import Wanted


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


class TokenForm(Styled):
    name = forms.CharField(
        label=_("What will use it"), max_length=100, help_text=_("For example: encryptor on the research server.")
    )
    days = forms.IntegerField(label=_("Valid for (days)"), min_value=1, max_value=730, initial=365)


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


class AdministratorForm(Styled):
    """Another platform administrator is invited: a role that belongs to no study."""

    email = forms.EmailField(label=_("E-mail address"), help_text=_("The link goes there and works once, for 14 days."))


class InvitationForm(Styled):
    """``study``: its hospitals can be chosen."""

    email = forms.EmailField(label=_("E-mail address"), help_text=_("The link goes there and works once, for 14 days."))
    role = forms.ChoiceField(label=_("Role"))
    institution = forms.ModelChoiceField(
        Institution.objects.none(),
        label=_("Acts for"),
        required=False,
        empty_label=_("no institution"),
        help_text=_("A project administrator, a coordinator and an approver act for an institution."),
    )

    def __init__(self, study: Study, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [(role.value, role.label) for role in Role if role != Role.PLATFORM_ADMINISTRATOR]
        self.fields["role"].choices = roles  # type: ignore[attr-defined]
        self.fields["institution"].queryset = study.institutions.filter(state="approved")  # type: ignore[attr-defined]


class ActForForm(Styled):
    """``study``: its hospitals can be chosen."""

    institution = forms.ModelChoiceField(
        Institution.objects.none(),
        label=_("You act for"),
        empty_label=_("choose a hospital"),
        help_text=_(
            "Everybody sees it on this page, and the audit log keeps it. Another project administrator can end it."
        ),
    )

    def __init__(self, study: Study, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["institution"].queryset = study.institutions.filter(state="approved")  # type: ignore[attr-defined]


class NewcomerForm(Styled):
    username = forms.RegexField(
        label=_("Sign-in name"),
        regex=r"^[A-Za-z0-9._-]{3,60}$",
        help_text=_("3 to 60 letters, digits, dots or hyphens. It is shown to others beside what you do."),
        error_messages={"invalid": _("Use 3 to 60 letters, digits, dots or hyphens.")},
    )
    name = forms.CharField(label=_("Your name"), max_length=150)
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters; a sentence is easy to remember."),
    )


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
