"""Taking turns: numbers within a study are given out one at a time."""

from django.db import models
from django.db.models import Max

from hospitals.studies.models import Study


def next_number(study: Study, rows: "models.QuerySet[models.Model]") -> int:
    """The next number of these rows within the study; call inside the transaction that uses it.

    PostgreSQL locks the study's row until commit; SQLite's IMMEDIATE transactions are alone anyway.
    """
    Study.objects.select_for_update().get(pk=study.pk)
    return int(rows.filter(study=study).aggregate(last=Max("number", default=0))["last"]) + 1
