from django.db import models

from hospitals.models import Study


class CustodianNote(models.Model):
    """What the custodian's program lets people know now, such as that its daily limit is reached; empty: nothing."""

    study = models.OneToOneField(Study, on_delete=models.CASCADE, related_name="custodian_note")
    text = models.CharField(max_length=300, blank=True)
    said_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"note of the custodian of {self.study}"
