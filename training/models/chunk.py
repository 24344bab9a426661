from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hospitals.models import Blob
from hospitals.states import Moves
from training.models.round import Round


class Chunk(models.Model):
    """A few blocks of a round that one worker adds up. A worker holds it by a lease; whose lease ran out loses it."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")

    MOVES: Moves[State] = {
        State.QUEUED: frozenset({State.RUNNING, State.STOPPED}),
        State.RUNNING: frozenset({State.DONE, State.QUEUED, State.STOPPED}),
        State.DONE: frozenset(),
        State.STOPPED: frozenset(),
    }

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="chunks")
    index = models.PositiveIntegerField()
    block_ids = models.JSONField()
    patients = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    worker = models.CharField(max_length=200, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    partial = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    blocks_done = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("index",)
        constraints = (
            models.UniqueConstraint(fields=("round", "index"), name="chunk_index_once"),
            models.CheckConstraint(
                name="running_chunk_is_leased",
                condition=~Q(state="running") | Q(lease_until__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"chunk {self.index} of {self.round}"
