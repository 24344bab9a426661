"""What belongs to a version of a release: approvals and previews; and what people say about the release."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hospitals.models import Institution
from training.models.approver_key import ApproverKey
from training.models.release import Release, ReleaseVersion


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
    statement = models.TextField(help_text="hefed.protocol.verdicts.AgentVerdict as JWS")
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
