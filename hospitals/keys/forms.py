""""""

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from hospitals.forms import Styled

if TYPE_CHECKING:
    pass


class ConfirmKeyForm(Styled):
    last_group = forms.CharField(label=_("Last four characters, as the custodian read them to you"), max_length=4)
