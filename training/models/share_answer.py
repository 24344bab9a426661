from django.db import models

from hospitals.models import Blob
from training.models.custodian_request import CustodianRequest


class ShareAnswer(models.Model):
    """What one of several key holders posted to a request: sealed to the lead, or its reason for not answering.

    The row stays when the request is answered; the sealed bytes are deleted then.
    """

    request = models.ForeignKey(CustodianRequest, on_delete=models.CASCADE, related_name="share_answers")
    point = models.PositiveSmallIntegerField()
    refused = models.CharField(max_length=1000, blank=True)
    body = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    bytes = models.PositiveBigIntegerField()
    posted_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("point",)
        constraints = (models.UniqueConstraint(fields=("request", "point"), name="share_answer_once"),)

    def __str__(self) -> str:
        return f"answer of hospital {self.point} to {self.request}"
