"""Trained models and their evaluations, as released."""

from django.db import models
from django.db.models import Q

from hospitals.institutions.models import Institution
from training.jobs.models import Job


class TrainedModel(models.Model):
    """What the custodian released of a finished job; ``released`` names the items, the others are still sealed."""

    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="model")
    released = models.JSONField(default=list, help_text="list of ItemName")
    rounds = models.PositiveIntegerField(null=True, blank=True)
    result = models.JSONField(null=True, blank=True, help_text="ModelResult")
    table_one = models.JSONField(null=True, blank=True, help_text="TableOne by scope")
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


class Evaluation(models.Model):
    """How a model did on held-out patients: of one hospital, or of all of them (``institution`` empty).

    Metrics and curves are released apart from each other; what is None is still sealed.
    """

    model = models.ForeignKey(TrainedModel, on_delete=models.CASCADE, related_name="evaluations")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, null=True, blank=True)
    metrics = models.JSONField(help_text="Metrics", null=True)
    curves = models.JSONField(help_text="Curves", null=True)

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
