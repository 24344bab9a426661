from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hefed.learning.kinds.kind import RoundKind
from hefed.learning.kinds.table import kind_named
from hospitals.models import Batch, Blob
from hospitals.states import Moves
from training.models.job import Job


class Round(models.Model):
    """One pass over blocks and one answer of the custodian: a step of a job, or the admission check of a batch.

    ``kind`` is a name in the table of ``hefed.learning.kinds``, which may grow without a migration.
    ``coefficients`` holds the encrypted coefficients that the custodian sent for this pass (none in round 0).
    ``criterion`` is what the answer said of convergence; ``repeated`` that the interval was too narrow.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        REDUCING = "reducing", _("Adding up")
        CUSTODIAN = "custodian", _("Waiting for the custodian")
        ANSWERED = "answered", _("Answered")
        STOPPED = "stopped", _("Stopped")

    MOVES: Moves[State] = {
        State.QUEUED: frozenset({State.RUNNING, State.STOPPED}),
        State.RUNNING: frozenset({State.REDUCING, State.STOPPED}),
        State.REDUCING: frozenset({State.CUSTODIAN, State.STOPPED}),
        State.CUSTODIAN: frozenset({State.ANSWERED, State.STOPPED}),
        State.ANSWERED: frozenset(),
        State.STOPPED: frozenset(),
    }
    LIVE = (State.QUEUED, State.RUNNING, State.REDUCING, State.CUSTODIAN)

    job = models.ForeignKey(Job, on_delete=models.CASCADE, null=True, blank=True, related_name="rounds")
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, null=True, blank=True, related_name="rounds")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=16)
    sigmoid = models.JSONField(null=True, blank=True)
    coefficients = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    criterion = models.FloatField(null=True, blank=True)
    repeated = models.BooleanField(default=False)
    worker = models.CharField(max_length=200, blank=True, help_text="Who reduces it")
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    computed_at = models.DateTimeField(null=True, blank=True, help_text="When the request went to the custodian")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("job", "number"), name="round_number_once"),
            models.UniqueConstraint(fields=("batch",), name="one_admission_round_per_batch"),
            models.CheckConstraint(
                name="round_of_a_job_or_a_batch",
                condition=Q(job__isnull=False, batch__isnull=True) | Q(job__isnull=True, batch__isnull=False),
            ),
            models.CheckConstraint(
                name="admission_round_of_a_batch",
                condition=Q(kind="admission", batch__isnull=False) | Q(~Q(kind="admission"), job__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"round {self.number} ({self.kind}) of {self.job or self.batch}"

    @property
    def round_kind(self) -> RoundKind:
        """All that depends on the kind: its blocks, its circuit, its place in a job, its words."""
        return kind_named(self.kind)

    def get_kind_display(self) -> str:
        """The kind as pages call it; Django's own method of this name serves fields with a fixed list of choices."""
        return gettext(self.round_kind.words.label)
