"""Batches of hospitals and their blocks."""

from collections.abc import Mapping

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hospitals.blobs.models import Blob
from hospitals.dictionaries.models import DictionaryVersion
from hospitals.institutions.models import Institution
from hospitals.keys.models import KeySet
from hospitals.states import Badge, Moves
from hospitals.studies.models import Study


class Batch(models.Model):
    """One upload of one hospital: encrypted patients, announced by a manifest, checked before they join a pool."""

    class State(models.TextChoices):
        UPLOADING = "uploading", _("Uploading")
        CHECKING = "checking", _("Checking")
        CUSTODIAN = "custodian", _("Waiting for the custodian")
        ADMITTED = "admitted", _("Admitted")
        QUARANTINED = "quarantined", _("Quarantined")
        OUTDATED = "outdated", _("Outdated: upload again")  # its key was retired, or its dictionary replaced
        WITHDRAWN = "withdrawn", _("Withdrawn")

    MOVES: Moves[State] = {
        State.UPLOADING: frozenset({State.CHECKING, State.OUTDATED, State.WITHDRAWN}),
        State.CHECKING: frozenset({State.CUSTODIAN, State.QUARANTINED, State.OUTDATED, State.WITHDRAWN}),
        State.CUSTODIAN: frozenset({State.ADMITTED, State.QUARANTINED, State.OUTDATED, State.WITHDRAWN}),
        State.ADMITTED: frozenset({State.OUTDATED, State.WITHDRAWN}),
        State.QUARANTINED: frozenset({State.WITHDRAWN}),
        State.OUTDATED: frozenset({State.WITHDRAWN, State.UPLOADING, State.ADMITTED}),  # with a key that is taken back
        State.WITHDRAWN: frozenset(),
    }
    LIVE = (State.UPLOADING, State.CHECKING, State.CUSTODIAN, State.ADMITTED)
    BADGES: Mapping[State, Badge] = {
        State.UPLOADING: Badge("sealed", _("Uploading")),
        State.CHECKING: Badge("sealed", _("Checking")),
        State.CUSTODIAN: Badge("sealed", _("Waiting for the custodian")),
        State.ADMITTED: Badge("sealed", _("Admitted, encrypted")),
        State.QUARANTINED: Badge("failed", _("Quarantined")),
        State.OUTDATED: Badge("failed", _("Outdated: upload again")),
        State.WITHDRAWN: Badge("plain", _("Withdrawn")),
    }

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="batches")
    number = models.PositiveIntegerField()
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="batches")
    key_set = models.ForeignKey(KeySet, on_delete=models.PROTECT, related_name="batches")
    dictionary = models.ForeignKey(DictionaryVersion, on_delete=models.PROTECT, related_name="batches")
    manifest = models.JSONField()
    manifest_digest = models.CharField(max_length=64)
    cohort_digest = models.CharField(max_length=64)
    patients = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.UPLOADING)
    reason = models.TextField(blank=True, help_text="Why it was quarantined or withdrawn, in words")
    set_aside_from = models.CharField(
        max_length=16, blank=True, help_text="Its state before its key was retired, for a key that is taken back"
    )
    table_one = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("number",)
        verbose_name_plural = "batches"
        constraints = (
            models.UniqueConstraint(fields=("study", "number"), name="batch_number_once"),
            models.UniqueConstraint(
                fields=("study", "cohort_digest"),
                condition=Q(state__in=("uploading", "checking", "custodian", "admitted")),
                name="cohort_in_one_live_batch",
            ),
            models.CheckConstraint(
                name="quarantined_batch_says_why", condition=~Q(state="quarantined") | ~Q(reason="")
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Its readable id within the study: batch-0001."""
        return f"batch-{self.number:04d}"

    @property
    def badge(self) -> Badge:
        return self.BADGES[self.State(self.state)]


class Block(models.Model):
    """Up to ``profile.slots`` encrypted patients of a batch: one ciphertext per column in one envelope."""

    class Role(models.TextChoices):
        TRAIN = "train", _("Training")
        HOLDOUT = "holdout", _("Held out")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        PARTIAL = "partial", _("Partly received")
        STORED = "stored", _("Stored")

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="blocks")
    index = models.PositiveIntegerField()
    role = models.CharField(max_length=8, choices=Role.choices)
    patients = models.PositiveIntegerField()
    bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    received_bytes = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("index",)
        constraints = (
            models.UniqueConstraint(fields=("batch", "index"), name="block_index_once"),
            models.CheckConstraint(name="block_received_at_most_all", condition=Q(received_bytes__lte=F("bytes"))),
            models.CheckConstraint(
                name="stored_block_has_a_blob", condition=~Q(state="stored") | Q(blob__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"block {self.index} of {self.batch}"
