from django.conf import settings
from django.db import models

from hospitals.models.study import Study


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
