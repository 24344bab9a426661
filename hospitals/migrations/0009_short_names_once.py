"""Short names that differ in capitals only become different ones; from then on the database refuses such pairs."""

from itertools import count

from django.db import migrations, models
from django.db.models.functions import Lower

MOST = 63


def separate(apps, schema_editor):
    """The first row, or the one that ciphertexts name, keeps its short name; the others get a number."""
    institutions, studies = apps.get_model("hospitals", "Institution"), apps.get_model("hospitals", "Study")
    named = apps.get_model("hospitals", "Batch").objects.values_list("institution", flat=True)
    keyed = apps.get_model("hospitals", "KeySet").objects.values_list("study", flat=True)
    _separate(institutions, set(named))
    _separate(studies, set(keyed))


def _separate(model, used):
    rows = sorted(model.objects.all(), key=lambda row: (row.pk not in used, row.pk))
    taken, kept = {row.slug.lower() for row in rows}, {}
    for row in rows:
        first = kept.setdefault(row.slug.lower(), row)
        if first is not row:
            _check_unused(row, first, used)
            row.slug = _free(row.slug, taken)
            row.save(update_fields=["slug"])


def _check_unused(row, first, used):
    if row.pk in used:
        raise RuntimeError(
            f"cannot make short names differ: {row.slug} and {first.slug} are both in use by ciphertexts; "
            "withdraw and delete the batches of one of them first"
        )


def _free(slug, taken):
    ends = (f"-{number}" for number in count(2))
    name = next(name for end in ends if (name := slug[: MOST - len(end)] + end).lower() not in taken)
    taken.add(name.lower())
    return name


class Migration(migrations.Migration):
    dependencies = [
        ("hospitals", "0008_who_holds_the_key"),
    ]

    operations = [
        migrations.RunPython(separate, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="institution",
            constraint=models.UniqueConstraint(Lower("slug"), name="institution_slug_once"),
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.UniqueConstraint(Lower("slug"), name="study_slug_once"),
        ),
    ]
