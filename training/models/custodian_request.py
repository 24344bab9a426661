from collections.abc import Mapping

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hospitals.badges import Badge
from hospitals.models import Blob, Study
from hospitals.states import Moves
from training.models.round import Round


class CustodianRequest(models.Model):
    """Something that only the custodian can open. It waits until the custodian comes; nobody can make it answer."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ANSWERED = "answered", _("Answered")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    MOVES: Moves[State] = {
        State.WAITING: frozenset({State.ANSWERED, State.WITHDRAWN}),
        State.ANSWERED: frozenset(),
        State.WITHDRAWN: frozenset(),
    }
    BADGES: Mapping[State, Badge] = {
        State.WAITING: Badge("sealed", _("Waiting")),
        State.ANSWERED: Badge("good", _("Answered")),
        State.WITHDRAWN: Badge("plain", _("Withdrawn")),
    }
    OUTCOMES: Mapping[str, Badge] = {
        "refused": Badge("failed", _("Refused")),
        "quarantined": Badge("failed", _("Quarantined")),
        "failed": Badge("failed", _("Failed")),
        "result": Badge("open", _("Result released")),
        "sealed": Badge("sealed", _("Result sealed")),
    }

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="requests")
    number = models.PositiveIntegerField()
    round = models.OneToOneField(Round, on_delete=models.CASCADE, related_name="request")
    cohort = models.JSONField()
    train_cohort = models.JSONField(default=list)
    payload = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    payload_bytes = models.PositiveBigIntegerField()
    payload_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    outcome = models.CharField(max_length=16, blank=True)
    reasons = models.JSONField(default=list)
    code = models.CharField(max_length=40, blank=True, help_text="the rule that refused (hefed.errors.PolicyRefused)")
    opened_by = models.JSONField(default=list)  # hospitals that opened together, when the key is shared
    wrong = models.JSONField(default=list)  # hospitals whose answer was wrong
    answer_sha256 = models.CharField(max_length=64, blank=True)
    answer_bytes = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("study", "number"), name="request_number_once"),
            models.CheckConstraint(
                name="answered_request_has_an_answer",
                condition=~Q(state="answered") | Q(~Q(answer_sha256=""), ~Q(outcome=""), answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="waiting_request_has_a_payload", condition=~Q(state="waiting") | Q(payload__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Its readable id within the study: request-0001."""
        return f"request-{self.number:04d}"

    @property
    def badge(self) -> Badge:
        """The outcome says more than that an answer came."""
        plain = self.BADGES[self.State(self.state)]
        return self.OUTCOMES.get(self.outcome, plain) if self.state == self.State.ANSWERED else plain
