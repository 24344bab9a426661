"""Who takes part: users, their roles in studies, invitations, tokens of programs."""

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hospitals.institutions.models import Institution
from hospitals.states import Badge
from hospitals.studies.models import Study


class User(AbstractUser):
    """A person who signs in. What the person may do comes from Membership rows alone."""

    email = models.EmailField(unique=True)

    def __str__(self) -> str:
        return self.get_full_name() or self.username


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


class ApiToken(models.Model):
    """A program may speak for a hospital (scope encryptor) or for the custodian of a study. Only its hash is kept."""

    class Scope(models.TextChoices):
        ENCRYPTOR = "encryptor", _("Encryptor of a hospital")
        CUSTODIAN = "custodian", _("Key custodian")

    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    scope = models.CharField(max_length=16, choices=Scope.choices)
    study = models.ForeignKey(Study, on_delete=models.PROTECT)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(
                name="encryptor_token_of_a_hospital",
                condition=Q(scope="encryptor", institution__isnull=False)
                | Q(scope="custodian", institution__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"token {self.name}"

    @property
    def badge(self) -> Badge:
        if self.revoked_at:
            return Badge("plain", _("Revoked"))
        return Badge("plain", _("Expired")) if self.expires_at <= timezone.now() else Badge("good", _("Works"))
