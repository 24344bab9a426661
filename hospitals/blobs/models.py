from django.db import models


class Blob(models.Model):
    """One stored file, named by the SHA-256 of its bytes. Rows that point here keep it from being deleted."""

    digest = models.CharField(max_length=64, primary_key=True)
    bytes = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.digest

    @property
    def path(self) -> str:
        """Its name in the storage; two levels of folders keep each small."""
        return f"{self.digest[:2]}/{self.digest[2:4]}/{self.digest}"
