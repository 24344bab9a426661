"""Releases: what is asked for, signed, previewed and published, and the keys that sign."""

from collections.abc import Mapping

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hefed.core.protocol.base import ItemName
from hefed.core.protocol.releases import ApproverKey as KeyMessage
from hefed.core.protocol.results import ItemCommitment
from hefed.core.words import Said
from hospitals.institutions.models import Institution
from hospitals.states import Badge, Moves
from hospitals.studies.models import Study
from training.jobs.models import Job


class ApproverKey(models.Model):
    """The public halves of the keys that one person signs releases and reads previews with, in all studies.

    The private halves are in that person's browser. What a key is worth is decided by the custodian, not by this row.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="approver_keys")
    fingerprint = models.CharField(max_length=64, unique=True)
    key = models.JSONField(help_text="ApproverKey")
    registered_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user",), condition=Q(retired_at__isnull=True), name="one_key_in_use"),
        )

    def __str__(self) -> str:
        return f"key {self.fingerprint[:8]} of {self.user}"

    @property
    def message(self) -> KeyMessage:
        return KeyMessage.model_validate(self.key)


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

    STANDS: dict[State, Said] = {
        State.DRAFT: Said("approvals.is_draft"),
        State.COLLECTING: Said("approvals.is_collecting"),
        State.PUBLISHED: Said("approvals.is_published"),
        State.REJECTED: Said("approvals.is_rejected"),
        State.WITHDRAWN: Said("approvals.is_withdrawn"),
        State.EXPIRED: Said("approvals.is_expired"),
    }
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
    publication = models.JSONField(null=True, blank=True, help_text="Publication")
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
    items = models.JSONField(help_text="list of ItemName")
    justification = models.TextField()
    audience = models.CharField(max_length=300)
    expires_on = models.DateField()
    digest = models.CharField(max_length=64, help_text="Of the manifest, manifest_digest")
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


class ReleaseApproval(models.Model):
    """One institution's signature under one version. It counts for the custodian by its signature, not by this row.

    ``voided_at``: its key was replaced while the release was open.
    """

    version = models.ForeignKey(ReleaseVersion, on_delete=models.CASCADE, related_name="approvals")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    key = models.ForeignKey(ApproverKey, on_delete=models.PROTECT, related_name="approvals")
    statement = models.TextField()
    signed_at = models.DateTimeField(auto_now_add=True)
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("signed_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("version", "institution"), condition=Q(voided_at__isnull=True), name="one_approval_each"
            ),
            models.UniqueConstraint(
                fields=("version", "user"), condition=Q(voided_at__isnull=True), name="one_approval_a_person"
            ),
            models.CheckConstraint(name="approval_is_signed", condition=~Q(statement="")),
        )

    def __str__(self) -> str:
        return f"{self.version} approved by {self.user}"


class ReleasePreview(models.Model):
    """What would be published, encrypted by the custodian to one person's key; the server cannot read it."""

    version = models.ForeignKey(ReleaseVersion, on_delete=models.CASCADE, related_name="previews")
    key = models.ForeignKey(ApproverKey, on_delete=models.PROTECT, related_name="+")
    jwe = models.TextField()
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("version", "key"), name="one_preview_per_reader"),)

    def __str__(self) -> str:
        return f"preview of {self.version} for {self.key}"


class ReleaseAgentPreview(models.Model):
    """The same for a hospital that holds a share, sealed to its agent's card by the lead."""

    version = models.ForeignKey(ReleaseVersion, on_delete=models.CASCADE, related_name="agent_previews")
    sharing = models.CharField(max_length=64, help_text="Digest of the sharing that the card belongs to")
    place = models.PositiveSmallIntegerField()
    jwe = models.TextField()
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("version", "sharing", "place"), name="one_preview_per_share_holder"),
        )

    def __str__(self) -> str:
        return f"preview of {self.version} for the agent at place {self.place}"


class ReleaseVerdict(models.Model):
    """What a hospital that holds a share says of one version, signed with its agent's card.

    It counts for the lead by its signature, not by this row.
    """

    class Says(models.TextChoices):
        APPROVE = "approve", _("Approved")
        REJECT = "reject", _("Rejected")

    version = models.ForeignKey(ReleaseVersion, on_delete=models.CASCADE, related_name="verdicts")
    sharing = models.CharField(max_length=64, help_text="Digest of the sharing that the card belongs to")
    place = models.PositiveSmallIntegerField()
    says = models.CharField(max_length=8, choices=Says.choices)
    reason = models.TextField(blank=True)
    statement = models.TextField(help_text="AgentVerdict as JWS")
    signed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("place",)
        constraints = (
            models.UniqueConstraint(fields=("version", "sharing", "place"), name="one_verdict_per_share_holder"),
            models.CheckConstraint(name="verdict_is_signed", condition=~Q(statement="")),
            models.CheckConstraint(
                name="rejecting_agent_says_why",
                condition=Q(says="approve", reason="") | Q(Q(says="reject") & ~Q(reason="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.version}: place {self.place} says {self.says}"


class ReleaseComment(models.Model):
    """What somebody says about a release, to all who may see it."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="comments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    said_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("said_at",)

    def __str__(self) -> str:
        return f"{self.user} on {self.release}"


class SealedResult(models.Model):
    """A finished job's result that nobody can read yet: one salted digest for each item that a release may publish."""

    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="sealed")
    request = models.CharField(max_length=32, help_text="The evaluation request that the custodian answered")
    commitments = models.JSONField(help_text="list of ItemCommitment")
    sealed_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"sealed result of {self.job}"

    @property
    def items(self) -> list[ItemCommitment]:
        return [ItemCommitment.model_validate(row) for row in self.commitments]

    @property
    def names(self) -> list[ItemName]:
        return [item.item for item in self.items]
