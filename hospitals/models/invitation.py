from django.conf import settings
from django.db import models
from django.db.models import Q

from hospitals.models.institution import Institution
from hospitals.models.membership import Role
from hospitals.models.study import Study


class Invitation(models.Model):
    """Somebody is asked by e-mail to take a role. Only the link's hash is kept; it works once and for a while."""

    email = models.EmailField()
    role = models.CharField(max_length=32, choices=Role.choices)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, null=True, blank=True, related_name="invitations")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, null=True, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(
                name="invitation_accepted_by_whom_and_when",
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
            ),
            models.CheckConstraint(
                name="invitation_study_unless_platform",
                condition=Q(role="platform_administrator", study__isnull=True)
                | Q(~Q(role="platform_administrator"), study__isnull=False),
            ),
            models.CheckConstraint(
                name="invitation_hospital_for_those_who_act_for_one",
                condition=~Q(role__in=("coordinator", "approver")) | Q(institution__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.email} is invited as {self.role}"
