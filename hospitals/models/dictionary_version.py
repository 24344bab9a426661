from django.conf import settings
from django.db import models

from hospitals.models.study import Study


class DictionaryVersion(models.Model):
    """A published data dictionary of a study. Rows are never changed: a correction is the next version."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="dictionary_versions")
    number = models.PositiveIntegerField()
    csv = models.TextField()
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField(auto_now_add=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=("study", "number"), name="dictionary_number_once"),)

    def __str__(self) -> str:
        return f"dictionary {self.number} of {self.study}"
