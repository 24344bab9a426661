from django.db import models

from hospitals.models.key_set import KeySet


class KeyHolder(models.Model):
    """A custodian that holds a share of a key set's secret; one row while one custodian holds it all."""

    key_set = models.ForeignKey(KeySet, on_delete=models.CASCADE, related_name="holders")
    place = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(max_length=200, help_text="The hospital, or the access token of a single custodian")
    institution = models.CharField(max_length=63, blank=True, help_text="Short name of the hospital, when shared")
    card = models.CharField(max_length=64, blank=True, help_text="Fingerprint of the agent's card, when shared")
    notice = models.JSONField(null=True, blank=True, help_text="SharingNotice that it signed last")
    last_answer_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True, help_text="When its agent said that it runs")
    said_at = models.DateTimeField(null=True, blank=True, help_text="The same by the agent's clock, taken once")
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("place",)
        constraints = (models.UniqueConstraint(fields=("key_set", "place"), name="key_holder_place_once"),)

    def __str__(self) -> str:
        return f"{self.name} holds share {self.place} of {self.key_set}"
