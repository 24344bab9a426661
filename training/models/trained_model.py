from django.db import models
from django.db.models import Q

from training.models.job import Job


class TrainedModel(models.Model):
    """What the custodian released of a finished job; ``released`` names the items, the others are still sealed."""

    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="model")
    released = models.JSONField(default=list, help_text="list of hefed.protocol.messages.ItemName")
    rounds = models.PositiveIntegerField(null=True, blank=True)
    result = models.JSONField(null=True, blank=True, help_text="hefed.protocol.messages.ModelResult")
    table_one = models.JSONField(null=True, blank=True, help_text="hefed.protocol.messages.TableOne by scope")
    warnings = models.JSONField(default=list)
    released_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="coefficients_come_with_their_rounds",
                condition=Q(result__isnull=True, rounds__isnull=True) | Q(result__isnull=False, rounds__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"model of {self.job}"
