from django.db import models

from hefed.protocol.messages import ItemCommitment, ItemName
from training.models.job import Job


class SealedResult(models.Model):
    """A finished job's result that nobody can read yet: one salted digest for each item that a release may publish."""

    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="sealed")
    request = models.CharField(max_length=32, help_text="The evaluation request that the custodian answered")
    commitments = models.JSONField(help_text="list of hefed.protocol.messages.ItemCommitment")
    sealed_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"sealed result of {self.job}"

    @property
    def items(self) -> list[ItemCommitment]:
        return [ItemCommitment.model_validate(row) for row in self.commitments]

    @property
    def names(self) -> list[ItemName]:
        return [item.item for item in self.items]
