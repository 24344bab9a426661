from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hospitals.badges import Badge
from hospitals.models.institution import Institution
from hospitals.models.study import Study


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
