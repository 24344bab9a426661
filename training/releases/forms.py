"""Forms of the release pages. They check and translate; services write."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hospitals.forms import Styled
from training.jobs.models import Job
from training.releases.selectors import sealed_items
from training.releases.services import DAYS, Wish
from training.templatetags.releases import item_label


class WishForm(Styled):
    """What to ask for of one job: only items that are still sealed can be chosen."""

    items = forms.MultipleChoiceField(label=_("What to publish"), widget=forms.CheckboxSelectMultiple)
    justification = forms.CharField(
        label=_("Why"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Approvers read it beside the numbers: what the result is needed for."),
    )
    audience = forms.CharField(
        label=_("For whom"),
        max_length=300,
        help_text=_("Who will read it, such as the study group, a journal, or the ethics committee."),
    )
    expires_on = forms.DateField(
        label=_("Decide until"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("After this day nobody can approve any more; you can ask anew."),
    )

    def __init__(self, job: Job, *args: Any, **kwargs: Any) -> None:
        items = sealed_items(job)
        day = timezone.localdate() + timedelta(days=DAYS)
        kwargs["initial"] = {"items": items, "expires_on": day, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["items"].choices = [(name, item_label(name)) for name in items]  # type: ignore[attr-defined]
        self.fields["items"].widget.attrs["class"] = "checks"

    @property
    def wish(self) -> Wish:
        return Wish(**{**self.cleaned_data, "items": tuple(self.cleaned_data["items"])})


class CommentForm(Styled):
    text = forms.CharField(label=_("Comment"), widget=forms.Textarea(attrs={"rows": 3}))


class StopForm(Styled):
    """Rejecting and withdrawing both need a reason."""

    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everybody who sees the release reads it, and it stays in the audit log."),
    )
