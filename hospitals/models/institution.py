from django.conf import settings
from django.db import models
from django.db.models import Q

from hospitals.states import Moves


class Institution(models.Model):
    """An organisation that takes part or asks to, mostly a hospital. It begins as a request that anybody may file."""

    class Kind(models.TextChoices):
        HOSPITAL = "hospital", "Hospital"
        REGISTRY = "registry", "Registry"
        UNIVERSITY = "university", "University"
        CENTRE = "centre", "Coordinating centre"

    class State(models.TextChoices):
        REQUESTED = "requested", "Requested"
        APPROVED = "approved", "Approved"
        SUSPENDED = "suspended", "Suspended"

    MOVES: Moves[State] = {
        State.REQUESTED: frozenset({State.APPROVED, State.SUSPENDED}),
        State.APPROVED: frozenset({State.SUSPENDED}),
        State.SUSPENDED: frozenset({State.APPROVED}),
    }

    slug = models.SlugField(max_length=63, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.HOSPITAL)
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2")
    contact_name = models.CharField(max_length=200)
    contact_email = models.EmailField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.REQUESTED)
    requested_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                name="institution_decided_by_whom_and_when",
                condition=Q(state="requested", decided_by__isnull=True, decided_at__isnull=True)
                | Q(~Q(state="requested"), decided_by__isnull=False, decided_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.name
