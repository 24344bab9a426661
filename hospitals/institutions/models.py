from collections.abc import Mapping

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from hospitals.states import Badge, Moves


class Institution(models.Model):
    """An organisation that takes part or asks to, mostly a hospital. It begins as a request that anybody may file."""

    class Kind(models.TextChoices):
        HOSPITAL = "hospital", _("Hospital")
        REGISTRY = "registry", _("Registry")
        UNIVERSITY = "university", _("University")
        CENTRE = "centre", _("Coordinating centre")

    class State(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        SUSPENDED = "suspended", _("Suspended")
        CLOSED = "closed", _("Closed")

    # Suspended: its tokens and uploads stop until it is approved again. Closed: for good; roles and tokens end.
    # In both, admitted batches stay in finished results and everything stays in the audit log.
    MOVES: Moves[State] = {
        State.REQUESTED: frozenset({State.APPROVED, State.REFUSED}),
        State.REFUSED: frozenset({State.APPROVED}),
        State.APPROVED: frozenset({State.SUSPENDED, State.CLOSED}),
        State.SUSPENDED: frozenset({State.APPROVED, State.CLOSED}),
        State.CLOSED: frozenset(),
    }
    LOOKS: Mapping[State, str] = {
        State.REQUESTED: "plain",
        State.APPROVED: "good",
        State.REFUSED: "failed",
        State.SUSPENDED: "failed",
        State.CLOSED: "plain",
    }

    slug = models.SlugField(max_length=63, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.HOSPITAL)
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2")
    contact_name = models.CharField(max_length=200)
    contact_email = models.EmailField()
    contact_verified_at = models.DateTimeField(null=True, blank=True)
    domain = models.CharField(max_length=253, blank=True, help_text="Of its web and e-mail addresses")
    approval_number = models.CharField(max_length=100, blank=True, help_text="Of the ethics or data-review committee")
    approval_date = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.REQUESTED)
    requested_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, help_text="Of the last decision, in words")

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(Lower("slug"), name="institution_slug_once"),
            models.CheckConstraint(
                name="institution_decided_by_whom_and_when",
                condition=Q(state="requested", decided_by__isnull=True, decided_at__isnull=True)
                | Q(~Q(state="requested"), decided_by__isnull=False, decided_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def badge(self) -> Badge:
        state = self.State(self.state)
        return Badge(self.LOOKS[state], state.label)
