"""Jobs, their rounds and chunks, and what waits for the key holders."""

from collections.abc import Mapping

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hefed.core.learning.kinds.kind import RoundKind
from hefed.core.learning.kinds.table import kind_named
from hospitals.batches.models import Batch
from hospitals.blobs.models import Blob
from hospitals.institutions.models import Institution
from hospitals.keys.models import KeySet
from hospitals.states import Badge, Moves
from hospitals.studies.models import Study


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
    reason = models.JSONField(
        default=str, blank=True, help_text="Why it failed, was refused or cancelled: JSON of Said"
    )
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


class Round(models.Model):
    """One pass over blocks and one answer of the custodian: a step of a job, or the admission check of a batch.

    ``kind`` is a name in the table of ``hefed.core.learning.kinds``, which may grow without a migration.
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
            models.UniqueConstraint(
                fields=("batch",), condition=~Q(state="stopped"), name="one_admission_round_per_batch"
            ),
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


class CustodianRequest(models.Model):
    """Something that only the custodian can open. It waits until the custodian comes; nobody can make it answer."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ANSWERED = "answered", _("Answered")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    MOVES: Moves[State] = {
        State.WAITING: frozenset({State.ANSWERED, State.WITHDRAWN}),
        State.ANSWERED: frozenset(),
        State.WITHDRAWN: frozenset(),
    }
    BADGES: Mapping[State, Badge] = {
        State.WAITING: Badge("sealed", _("Waiting")),
        State.ANSWERED: Badge("good", _("Answered")),
        State.WITHDRAWN: Badge("plain", _("Withdrawn")),
    }
    OUTCOMES: Mapping[str, Badge] = {
        "refused": Badge("failed", _("Refused")),
        "quarantined": Badge("failed", _("Quarantined")),
        "failed": Badge("failed", _("Failed")),
        "result": Badge("open", _("Result released")),
        "sealed": Badge("sealed", _("Result sealed")),
    }

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="requests")
    number = models.PositiveIntegerField()
    round = models.OneToOneField(Round, on_delete=models.CASCADE, related_name="request")
    cohort = models.JSONField()
    train_cohort = models.JSONField(default=list)
    payload = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    payload_bytes = models.PositiveBigIntegerField()
    payload_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    outcome = models.CharField(max_length=16, blank=True)
    reasons = models.JSONField(default=list)
    code = models.CharField(max_length=40, blank=True, help_text="the rule that refused")
    opened_by = models.JSONField(default=list)  # hospitals that opened together, when the key is shared
    wrong = models.JSONField(default=list)  # hospitals whose answer was wrong
    answer_sha256 = models.CharField(max_length=64, blank=True)
    answer_bytes = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("study", "number"), name="request_number_once"),
            models.CheckConstraint(
                name="answered_request_has_an_answer",
                condition=~Q(state="answered") | Q(~Q(answer_sha256=""), ~Q(outcome=""), answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="waiting_request_has_a_payload", condition=~Q(state="waiting") | Q(payload__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Its readable id within the study: request-0001."""
        return f"request-{self.number:04d}"

    @property
    def badge(self) -> Badge:
        """The outcome says more than that an answer came."""
        plain = self.BADGES[self.State(self.state)]
        return self.OUTCOMES.get(self.outcome, plain) if self.state == self.State.ANSWERED else plain


class CustodianNote(models.Model):
    """What the custodian's program lets people know now, such as that its daily limit is reached; empty: nothing."""

    study = models.OneToOneField(Study, on_delete=models.CASCADE, related_name="custodian_note")
    text = models.CharField(max_length=300, blank=True)
    said_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"note of the custodian of {self.study}"


class ShareAnswer(models.Model):
    """What one of several key holders posted to a request: sealed to the lead, or its reason for not answering.

    The row stays when the request is answered; the sealed bytes are deleted then.
    """

    request = models.ForeignKey(CustodianRequest, on_delete=models.CASCADE, related_name="share_answers")
    point = models.PositiveSmallIntegerField()
    refused = models.CharField(max_length=1000, blank=True)
    body = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    bytes = models.PositiveBigIntegerField()
    posted_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("point",)
        constraints = (models.UniqueConstraint(fields=("request", "point"), name="share_answer_once"),)

    def __str__(self) -> str:
        return f"answer of hospital {self.point} to {self.request}"


class HandOver(models.Model):
    """What one lead of a shared key hands to the next, sealed to that hospital. The bytes are deleted once taken.

    The row stays, so that the earlier lead's agent sees that it need not send it again.
    """

    key_set = models.ForeignKey(KeySet, on_delete=models.CASCADE, related_name="hand_overs")
    digest = models.CharField(max_length=64, help_text="Of its note")
    note = models.JSONField(help_text="HandOverNote")
    giver = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    body = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    posted_at = models.DateTimeField(auto_now_add=True)
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("posted_at",)
        constraints = (
            models.UniqueConstraint(fields=("key_set", "digest"), name="hand_over_once"),
            models.CheckConstraint(
                name="hand_over_waits_or_was_taken",
                condition=Q(body__isnull=False, taken_at__isnull=True) | Q(body__isnull=True, taken_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"hand-over {self.number} of hospital {self.giver}"
