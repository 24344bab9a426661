from django.db import models
from django.db.models import Q

from hospitals.models import Blob, KeySet


class HandOver(models.Model):
    """What one lead of a shared key hands to the next, sealed to that hospital. The bytes are deleted once taken.

    The row stays, so that the earlier lead's agent sees that it need not send it again.
    """

    key_set = models.ForeignKey(KeySet, on_delete=models.CASCADE, related_name="hand_overs")
    digest = models.CharField(max_length=64, help_text="Of its note")
    note = models.JSONField(help_text="hefed.protocol.lead.HandOverNote")
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
