"""What belongs to a version of a release: approvals and previews; and what people say about the release."""

from django.conf import settings
from django.db import models
from django.db.models import Q

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
