from django.db import models


class AuditEvent(models.Model):
    """Something that somebody did, kept for good. No foreign keys: an event outlives what it tells of.

    ``digest`` covers the event and the digest of the one before, so a changed or missing row shows.
    """

    number = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=200)
    action = models.CharField(max_length=64)
    target = models.CharField(max_length=200)
    study = models.CharField(max_length=63, blank=True)
    institution = models.CharField(max_length=63, blank=True)
    details = models.JSONField(default=dict)
    previous_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ("number",)
        indexes = (models.Index(fields=("study", "number")),)

    def __str__(self) -> str:
        return f"{self.number} {self.actor} {self.action} {self.target}"
