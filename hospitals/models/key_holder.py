from django.db import models

from hospitals.models.key_set import KeySet


class KeyHolder(models.Model):
    """A custodian that holds a share of a key set's secret; one row while one custodian holds it all."""

    key_set = models.ForeignKey(KeySet, on_delete=models.CASCADE, related_name="holders")
    place = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(max_length=200, help_text="The access token that published the share")
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("place",)
        constraints = (models.UniqueConstraint(fields=("key_set", "place"), name="key_holder_place_once"),)

    def __str__(self) -> str:
        return f"{self.name} holds share {self.place} of {self.key_set}"
