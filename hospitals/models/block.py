from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hospitals.models.batch import Batch
from hospitals.models.blob import Blob


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
