from collections.abc import Mapping

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hospitals.badges import Badge
from hospitals.models import Batch, Institution, KeySet, Study
from hospitals.states import Moves


class Job(models.Model):
    """One model fitted on one pool. ``batches`` is the pool as it was at launch; later uploads do not join it."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        FINISHED = "finished", _("Finished")
        FAILED = "failed", _("Failed")
        REFUSED = "refused", _("Refused by the custodian")
        CANCELLED = "cancelled", _("Cancelled")

    MOVES: Moves[State] = {
        State.QUEUED: frozenset({State.RUNNING, State.FAILED, State.CANCELLED}),
        State.RUNNING: frozenset({State.FINISHED, State.FAILED, State.REFUSED, State.CANCELLED}),
        State.FINISHED: frozenset(),
        State.FAILED: frozenset(),
        State.REFUSED: frozenset(),
        State.CANCELLED: frozenset(),
    }
    LIVE = (State.QUEUED, State.RUNNING)
    BADGES: Mapping[State, Badge] = {
        State.QUEUED: Badge("sealed", _("Queued")),
        State.RUNNING: Badge("sealed", _("Running on encrypted data")),
        State.FINISHED: Badge("open", _("Finished, released")),
        State.FAILED: Badge("failed", _("Failed")),
        State.REFUSED: Badge("failed", _("Refused by the custodian")),
        State.CANCELLED: Badge("plain", _("Cancelled")),
    }
    SEALED_BADGE = Badge("sealed", _("Finished, sealed"))

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="jobs")
    number = models.PositiveIntegerField()
    key_set = models.ForeignKey(KeySet, on_delete=models.PROTECT, related_name="jobs")
    institutions = models.ManyToManyField(Institution, related_name="jobs")
    batches = models.ManyToManyField(Batch, related_name="jobs")
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    reason = models.TextField(blank=True, help_text="Why it failed, was refused or cancelled, in words")
    plan = models.JSONField(null=True, blank=True)
    launched_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    launched_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=("study", "number"), name="job_number_once"),
            models.CheckConstraint(
                name="job_ended_when",
                condition=Q(state__in=("queued", "running"), finished_at__isnull=True)
                | Q(~Q(state__in=("queued", "running")), finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="failed_job_says_why", condition=~Q(state__in=("failed", "refused")) | ~Q(reason="")
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Its readable id within the study: job-0001."""
        return f"job-{self.number:04d}"

    @property
    def is_sealed(self) -> bool:
        """Finished, and nobody can read anything of its result yet."""
        return hasattr(self, "sealed") and not hasattr(self, "model")

    @property
    def badge(self) -> Badge:
        return self.SEALED_BADGE if self.is_sealed else self.BADGES[self.State(self.state)]

    @property
    def withdrawn_batches(self) -> models.QuerySet[Batch]:
        """Batches of its pool that their hospital took back since: the model still holds what was learned from them."""
        return self.batches.filter(state=Batch.State.WITHDRAWN)
