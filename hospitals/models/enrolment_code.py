from django.conf import settings
from django.db import models

from hospitals.models.study import Study


class EnrolmentCode(models.Model):
    """A custodian's machine may exchange it once, within minutes, for its token. Only its hash is kept."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="enrolment_codes")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    wrong_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"enrolment code for {self.study}"
