"""Versions of a study's data dictionary, and the draft of the next one."""

from django.conf import settings
from django.db import models

from hospitals.studies.models import Study


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


class DictionaryDraft(models.Model):
    """The next dictionary of a study while people work on it. ``rows``: its cells by heading, wrong ones too.

    ``notes``: what an import could not decide, by variable; a person decides it.
    """

    study = models.OneToOneField(Study, on_delete=models.CASCADE, related_name="dictionary_draft")
    rows = models.JSONField(default=list)
    notes = models.JSONField(default=dict)
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"dictionary draft of {self.study}"
