from django.conf import settings
from django.db import models

from hospitals.models.institution import Institution
from hospitals.models.key_set import KeySet


class KeyConfirmation(models.Model):
    """A person of a hospital compared the key with its holder. Without a person: a script set up the study."""

    key_set = models.ForeignKey(KeySet, on_delete=models.CASCADE, related_name="confirmations")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT)
    confirmed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = (models.UniqueConstraint(fields=("key_set", "institution"), name="key_confirmation_once"),)

    def __str__(self) -> str:
        return f"{self.institution} confirmed {self.key_set}"
