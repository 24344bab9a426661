"""Rows from before short names had to differ in more than capitals."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from hospitals.blobs.models import Blob

BEFORE, AFTER = [("hospitals", "0008_who_holds_the_key")], [("hospitals", "0009_short_names_once")]


def migrated(target):
    executor = MigrationExecutor(connection)
    executor.migrate(target)
    return MigrationExecutor(connection).loader.project_state(target).apps


@pytest.fixture
def before(transactional_db):
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield migrated(BEFORE)
    migrated(newest)


def hospital(apps, slug: str):
    contact = {"contact_name": "Dr Oh", "contact_email": "oh@example.org"}
    return apps.get_model("hospitals", "Institution").objects.create(slug=slug, name=slug, country="KR", **contact)


def study(apps, slug: str, key: str = ""):
    row = apps.get_model("hospitals", "Study").objects.create(
        slug=slug, name=slug, question="Who?", profile="N14_L9", holdout_salt="salt"
    )
    if key:
        blob = Blob.objects.get_or_create(digest=key * 64, defaults={"bytes": 1})[0]
        apps.get_model("hospitals", "KeySet").objects.create(study=row, fingerprint=key * 64, public_id=blob.pk)
    return row


def test_later_rows_get_a_number_and_the_one_with_a_key_keeps_its_name(before):
    for slug in ("seoul", "SEOUL", "Seoul-2", "Seoul", "jeju"):
        hospital(before, slug)
    study(before, "trial")
    study(before, "Trial", key="a")

    after = migrated(AFTER)

    slugs = list(after.get_model("hospitals", "Institution").objects.order_by("pk").values_list("slug", flat=True))
    assert slugs == ["seoul", "SEOUL-3", "Seoul-2", "Seoul-4", "jeju"]
    studies = after.get_model("hospitals", "Study").objects.order_by("pk").values_list("slug", flat=True)
    assert list(studies) == ["trial-2", "Trial"]
    after.get_model("hospitals", "KeySet").objects.all().delete()
    after.get_model("hospitals", "Study").objects.all().delete()
    after.get_model("hospitals", "Institution").objects.all().delete()


def test_two_that_ciphertexts_name_stop_the_migration_with_both_names(before):
    rows = [study(before, "trial", key="a"), study(before, "Trial", key="b")]

    with pytest.raises(RuntimeError, match="Trial and trial are both in use"):
        migrated(AFTER)
    for row in rows:
        row.key_sets.all().delete()
        row.delete()
