from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hospitals.models.institution import Institution
from hospitals.models.study import Study


class Role(models.TextChoices):
    PLATFORM_ADMINISTRATOR = "platform_administrator", _("Platform administrator")
    PROJECT_ADMINISTRATOR = "project_administrator", _("Project administrator")
    COORDINATOR = "coordinator", _("Coordinator")
    CUSTODIAN = "custodian", _("Key custodian")
    APPROVER = "approver", _("Approver")
    CLINICIAN = "clinician", _("Clinician")
    AUDITOR = "auditor", _("Auditor")


class Membership(models.Model):
    """One role of one person: everywhere (platform administrator), in a study, or for a hospital within a study."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=32, choices=Role.choices)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, null=True, blank=True)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "role", "institution", "study"), name="membership_once"),
            models.UniqueConstraint(
                fields=("user", "role", "study"), condition=Q(institution__isnull=True), name="study_membership_once"
            ),
            models.UniqueConstraint(
                fields=("user", "role"), condition=Q(study__isnull=True), name="platform_membership_once"
            ),
            models.CheckConstraint(
                name="membership_study_unless_platform",
                condition=Q(role="platform_administrator", study__isnull=True)
                | Q(~Q(role="platform_administrator"), study__isnull=False),
            ),
            models.CheckConstraint(
                name="membership_coordinator_of_a_hospital",
                condition=~Q(role="coordinator") | Q(institution__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} is {self.role}"
