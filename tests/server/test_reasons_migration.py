"""Why a job ended: sentences from before codes are kept as they were."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from hospitals.blobs.models import Blob

BEFORE = [("training", "0009_messages_lie_in_the_core")]
AFTER = [("training", "0010_why_a_job_ended_is_a_code")]
SENTENCE = 'cannot go on: "age" is constant; drop it'


def migrated(target):
    executor = MigrationExecutor(connection)
    executor.migrate(target)
    loader = MigrationExecutor(connection).loader
    return loader.project_state([*loader.graph.leaf_nodes("hospitals"), *target]).apps


@pytest.fixture
def before(transactional_db):
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield migrated(BEFORE)
    migrated(newest)


def failed_job(apps):
    user = apps.get_model("hospitals", "User").objects.create(username="alice")
    study = apps.get_model("hospitals", "Study").objects.create(
        slug="trial", name="Trial", question="Who?", profile="N14_L9", holdout_salt="salt"
    )
    blob = Blob.objects.create(digest="a" * 64, bytes=1)
    key = apps.get_model("hospitals", "KeySet").objects.create(study=study, fingerprint="a" * 64, public_id=blob.pk)
    return apps.get_model("training", "Job").objects.create(
        study=study,
        number=1,
        key_set=key,
        state="failed",
        reason=SENTENCE,
        launched_by=user,
        finished_at="2026-11-24T00:00Z",
    )


def test_a_sentence_stays_the_same_text_there_and_back(before):
    job = failed_job(before)

    after = migrated(AFTER).get_model("training", "Job").objects.get(pk=job.pk)
    assert after.reason == SENTENCE
    after.reason = {"code": "jobs.cancelled", "facts": {"who": "alice"}}
    after.save()

    again = migrated(BEFORE).get_model("training", "Job").objects.get(pk=job.pk)
    assert "jobs.cancelled" in again.reason
    again.reason = SENTENCE
    again.save()
    assert migrated(AFTER).get_model("training", "Job").objects.get(pk=job.pk).reason == SENTENCE
    after.delete()
    for name in ("KeySet", "Study", "User"):
        migrated(AFTER).get_model("hospitals", name).objects.all().delete()
