"""Forms of people: invitations, tokens, whom somebody acts for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hospitals.forms import Styled
from hospitals.institutions.models import Institution
from hospitals.people.models import Role
from hospitals.studies.models import Study


class TokenForm(Styled):
    name = forms.CharField(
        label=_("What will use it"), max_length=100, help_text=_("For example: encryptor on the research server.")
    )
    days = forms.IntegerField(label=_("Valid for (days)"), min_value=1, max_value=730, initial=365)


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
