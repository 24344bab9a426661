from collections.abc import Mapping

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hospitals.badges import Badge
from hospitals.models import Institution, Study
from hospitals.states import Moves
from training.models.approver_key import ApproverKey
from training.models.job import Job


class Release(models.Model):
    """Somebody asks to make a sealed result readable. What exactly is asked for is its latest version.

    Its state says how far people are. It opens nothing: only the custodian, who checks signatures, sends numbers.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Not signed yet")
        COLLECTING = "collecting", _("Waiting for approvals")
        PUBLISHED = "published", _("Published")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        EXPIRED = "expired", _("Expired")

    MOVES: Moves[State] = {
        State.DRAFT: frozenset({State.DRAFT, State.COLLECTING, State.WITHDRAWN, State.EXPIRED}),
        State.COLLECTING: frozenset(
            {State.DRAFT, State.PUBLISHED, State.REJECTED, State.WITHDRAWN, State.EXPIRED},
        ),
        State.PUBLISHED: frozenset(),
        State.REJECTED: frozenset(),
        State.WITHDRAWN: frozenset(),
        State.EXPIRED: frozenset(),
    }
    OPEN = (State.DRAFT, State.COLLECTING)
    LOOKS: Mapping[State, str] = {
        State.DRAFT: "sealed",
        State.COLLECTING: "sealed",
        State.PUBLISHED: "open",
        State.REJECTED: "failed",
        State.WITHDRAWN: "plain",
        State.EXPIRED: "failed",
    }

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="releases")
    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="releases")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    reason = models.TextField(blank=True, help_text="Why it was rejected or withdrawn, in words")
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    publication = models.JSONField(null=True, blank=True, help_text="hefed.protocol.releases.Publication")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=("study", "number"), name="release_number_once"),
            models.UniqueConstraint(
                fields=("job",), condition=Q(state__in=("draft", "collecting")), name="one_open_release_per_job"
            ),
            models.CheckConstraint(
                name="release_ended_when",
                condition=Q(state__in=("draft", "collecting"), ended_at__isnull=True)
                | Q(~Q(state__in=("draft", "collecting")), ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="published_release_has_its_numbers",
                condition=Q(state="published", publication__isnull=False)
                | Q(~Q(state="published"), publication__isnull=True),
            ),
            models.CheckConstraint(
                name="stopped_release_says_why_and_by_whom",
                condition=~Q(state__in=("rejected", "withdrawn")) | Q(~Q(reason=""), ended_by__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def badge(self) -> Badge:
        state = self.State(self.state)
        return Badge(self.LOOKS[state], state.label)

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def name(self) -> str:
        """Its readable id within the study: release-0001."""
        return f"release-{self.number:04d}"


class ReleaseVersion(models.Model):
    """What people sign: these items, why, for whom, until when. A change is the next version, signed anew.

    ``statement`` is the requester's signature; ``reasons`` and ``unknown`` are what the custodian last said of it.
    """

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    items = models.JSONField(help_text="list of hefed.protocol.messages.ItemName")
    justification = models.TextField()
    audience = models.CharField(max_length=300)
    expires_on = models.DateField()
    digest = models.CharField(max_length=64, help_text="Of the manifest, hefed.protocol.releases.manifest_digest")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    key = models.ForeignKey(ApproverKey, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    statement = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    reasons = models.JSONField(default=list)
    unknown = models.JSONField(default=list)
    agents_needed = models.PositiveSmallIntegerField(
        default=0, help_text="Hospitals whose agents must approve, as the lead of a shared key last said"
    )
    reported_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("release", "number"), name="release_version_once"),
            models.CheckConstraint(
                name="release_version_signed_with_a_key_and_when",
                condition=Q(statement="", key__isnull=True, signed_at__isnull=True)
                | Q(~Q(statement=""), key__isnull=False, signed_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.release} version {self.number}"
