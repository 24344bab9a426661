from django.conf import settings
from django.db import models

from hospitals.models.institution import Institution
from hospitals.models.study import Study


class Terms(models.Model):
    """What a hospital agrees to before it uploads. Rows are never changed: a change is the next version."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="terms")
    number = models.PositiveIntegerField()
    text = models.TextField()
    published_at = models.DateTimeField(auto_now_add=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("number",)
        verbose_name_plural = "terms"
        constraints = (models.UniqueConstraint(fields=("study", "number"), name="terms_number_once"),)

    def __str__(self) -> str:
        return f"terms {self.number} of {self.study}"


class TermsAcceptance(models.Model):
    """A person accepted a version of the terms for a hospital. ``by_setup``: the set-up script did, for a demo."""

    terms = models.ForeignKey(Terms, on_delete=models.PROTECT, related_name="acceptances")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(auto_now_add=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_setup = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("terms", "institution"), name="terms_accepted_once"),)

    def __str__(self) -> str:
        return f"{self.institution} accepted {self.terms}"
