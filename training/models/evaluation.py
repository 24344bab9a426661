from django.db import models
from django.db.models import Q

from hospitals.models import Institution
from training.models.trained_model import TrainedModel


class Evaluation(models.Model):
    """How a model did on held-out patients: of one hospital, or of all of them (``institution`` empty).

    Metrics and curves are released apart from each other; what is None is still sealed.
    """

    model = models.ForeignKey(TrainedModel, on_delete=models.CASCADE, related_name="evaluations")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, null=True, blank=True)
    metrics = models.JSONField(help_text="hefed.protocol.messages.Metrics", null=True)
    curves = models.JSONField(help_text="hefed.protocol.messages.Curves", null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("model", "institution"), name="evaluation_once"),
            models.UniqueConstraint(
                fields=("model",), condition=Q(institution__isnull=True), name="pooled_evaluation_once"
            ),
            models.CheckConstraint(
                name="evaluation_has_metrics_or_curves", condition=Q(metrics__isnull=False) | Q(curves__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.model} at {self.institution or 'all hospitals'}"
