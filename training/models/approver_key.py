from django.conf import settings
from django.db import models
from django.db.models import Q

from hefed.protocol.releases import ApproverKey as KeyMessage


class ApproverKey(models.Model):
    """The public halves of the keys that one person signs releases and reads previews with, in all studies.

    The private halves are in that person's browser. What a key is worth is decided by the custodian, not by this row.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="approver_keys")
    fingerprint = models.CharField(max_length=64, unique=True)
    key = models.JSONField(help_text="hefed.protocol.releases.ApproverKey")
    registered_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user",), condition=Q(retired_at__isnull=True), name="one_key_in_use"),
        )

    def __str__(self) -> str:
        return f"key {self.fingerprint[:8]} of {self.user}"

    @property
    def message(self) -> KeyMessage:
        return KeyMessage.model_validate(self.key)
