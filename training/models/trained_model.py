from django.db import models

from training.models.job import Job


class TrainedModel(models.Model):
    """What the custodian released of a finished job: coefficients with their standard errors, rounded."""

    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="model")
    rounds = models.PositiveIntegerField()
    result = models.JSONField(help_text="hefed.protocol.messages.ModelResult")
    warnings = models.JSONField(default=list)
    released_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"model of {self.job}"
