"""A key is confirmed by each hospital for itself.

What one person confirmed for everybody counts for the hospitals that the person coordinates; the others confirm anew.
What a set-up script took on trust counts for the hospitals that take part.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def per_hospital(apps, schema_editor):
    confirmations = apps.get_model("hospitals", "KeyConfirmation")
    for key in apps.get_model("hospitals", "KeySet").objects.exclude(confirmed_at=None):
        for institution in _institutions(apps, key):
            confirmations.objects.create(
                key_set=key,
                institution_id=institution,
                confirmed_at=key.confirmed_at,
                confirmed_by_id=key.confirmed_by_id,
            )


def _institutions(apps, key):
    taking_part = apps.get_model("hospitals", "StudyInstitution").objects.filter(study=key.study_id)
    if key.confirmed_by_id is not None:
        mine = apps.get_model("hospitals", "Membership").objects.filter(user=key.confirmed_by_id, study=key.study_id)
        taking_part = taking_part.filter(institution__in=mine.filter(role="coordinator").values("institution"))
    return taking_part.values_list("institution", flat=True)


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("hospitals", "0009_short_names_once"),
    ]

    operations = [
        migrations.AddField(
            model_name="keyset",
            name="published_by",
            field=models.ForeignKey(
                blank=True,
                help_text="The person with whose code or token it was published",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.CreateModel(
            name="KeyConfirmation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("confirmed_at", models.DateTimeField()),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "institution",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="hospitals.institution"),
                ),
                (
                    "key_set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="confirmations",
                        to="hospitals.keyset",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("key_set", "institution"), name="key_confirmation_once")
                ],
            },
        ),
        migrations.RunPython(per_hospital, migrations.RunPython.noop, elidable=True),
        migrations.RemoveField(model_name="keyset", name="confirmed_at"),
        migrations.RemoveField(model_name="keyset", name="confirmed_by"),
    ]
