from django.db import models
from django.db.models import Q

from hospitals.models.institution import Institution
from hospitals.states import Moves


class Study(models.Model):
    """One question asked of pooled patients: outcome, data dictionary, parameter profile, hospitals, custodian."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    MOVES: Moves[State] = {State.OPEN: frozenset({State.CLOSED}), State.CLOSED: frozenset()}

    slug = models.SlugField(max_length=63, unique=True)
    name = models.CharField(max_length=200)
    question = models.TextField(help_text="The outcome in a sentence, for people")
    profile = models.CharField(max_length=32)
    holdout_salt = models.CharField(max_length=128)
    holdout_fraction = models.FloatField(default=0.2)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(auto_now_add=True)
    institutions = models.ManyToManyField(Institution, through="StudyInstitution", related_name="studies")

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "studies"
        constraints = (
            models.CheckConstraint(
                name="study_holdout_fraction", condition=Q(holdout_fraction__gt=0, holdout_fraction__lt=1)
            ),
        )

    def __str__(self) -> str:
        return self.name


class StudyInstitution(models.Model):
    """A hospital takes part in a study. ``position`` fixes its colour and symbol in every chart."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT)
    position = models.PositiveSmallIntegerField()
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=("study", "institution"), name="study_institution_once"),
            models.UniqueConstraint(fields=("study", "position"), name="study_position_once"),
        )

    def __str__(self) -> str:
        return f"{self.institution} in {self.study}"
