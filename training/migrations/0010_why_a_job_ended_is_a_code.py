"""A sentence stays the text it was, now as JSON; new reasons are codes with their facts."""

import json

from django.db import migrations, models
from django.db.models import Q


def to_json(apps, editor):
    for job in apps.get_model("training", "Job").objects.only("reason").iterator():
        job.reason = json.dumps(job.reason)
        job.save(update_fields=["reason"])


def to_text(apps, editor):
    """What was said by code stays JSON, which the version before shows as it is."""
    for job in apps.get_model("training", "Job").objects.only("reason").iterator():
        kept = json.loads(job.reason)
        job.reason = kept if isinstance(kept, str) else job.reason
        job.save(update_fields=["reason"])


class Migration(migrations.Migration):
    dependencies = [
        ("training", "0009_messages_lie_in_the_core"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="job", name="failed_job_says_why"),
        migrations.RunPython(to_json, to_text),
        migrations.AlterField(
            model_name="job",
            name="reason",
            field=models.JSONField(
                blank=True, default=str, help_text="Why it failed, was refused or cancelled: JSON of Said"
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=~Q(state__in=("failed", "refused")) | ~Q(reason=""), name="failed_job_says_why"
            ),
        ),
    ]
