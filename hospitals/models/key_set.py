from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hospitals.models.blob import Blob
from hospitals.models.study import Study
from hospitals.states import Moves


class KeySet(models.Model):
    """The public halves of a study's keys, as the custodian published them. The secret half never comes here."""

    class State(models.TextChoices):
        INCOMPLETE = "incomplete", _("Waiting for the relinearisation key")
        ACTIVE = "active", _("Active")
        RETIRED = "retired", _("Retired")

    MOVES: Moves[State] = {
        State.INCOMPLETE: frozenset({State.ACTIVE, State.RETIRED}),
        State.ACTIVE: frozenset({State.RETIRED}),
        State.RETIRED: frozenset(),
    }

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="key_sets")
    fingerprint = models.CharField(max_length=64, unique=True)
    public = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    relinearisation = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=16, choices=State.choices, default=State.INCOMPLETE)
    published_at = models.DateTimeField(auto_now_add=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The person with whose code or token it was published",
    )
    retired_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    sharing = models.JSONField(null=True, blank=True, help_text="Who holds shares (Sharing); empty with one custodian")
    lead = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Place of the hospital that opens")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("study",), condition=~Q(state="retired"), name="one_key_set_in_use_per_study"
            ),
            models.CheckConstraint(
                name="shared_key_set_has_a_lead", condition=Q(sharing__isnull=True) | Q(lead__isnull=False)
            ),
            models.CheckConstraint(
                name="active_key_set_is_complete", condition=~Q(state="active") | Q(relinearisation__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"keys {self.fingerprint[:8]} of {self.study}"

    @property
    def grouped_fingerprint(self) -> str:
        """The fingerprint in groups of four, to read out on the telephone."""
        return " ".join(self.fingerprint[start : start + 4] for start in range(0, 64, 4))
