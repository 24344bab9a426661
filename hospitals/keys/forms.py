""""""

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from hospitals.forms import Styled

if TYPE_CHECKING:
    pass


class ConfirmKeyForm(Styled):
    last_digits = forms.CharField(
        label=_("Last eight characters, as the custodian read them to you"), min_length=8, max_length=20
    )
