"""A whole job, worker and custodian for real: the released model is the one that plaintext analysis gives."""

import numpy as np
import pytest
from django.conf import settings

from hospitals.batches.models import Batch
from hospitals.batches.services import withdraw_batch
from hospitals.blobs.models import Blob
from hospitals.institutions.models import Institution
from hospitals.studies.facts import StudyFacts
from tests.custodian.cohort import Rows
from tests.server.cohort import together
from tests.server.conftest import Api
from tests.server.training import deliver, run_to_end
from tests.words.raises import says
from training.jobs.models import Chunk, CustodianRequest, Job, Round
from training.jobs.selectors import job_progress
from training.jobs.services import cancel_job, launch_job
from training.jobs.sweeping import sweep
from training.results.selectors import pool_table, result_cards, result_of


def fitted(rows: Rows) -> np.ndarray:
    """Maximum-likelihood coefficients by Newton's method."""
    beta = np.zeros(rows.x.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-rows.x @ beta))
        beta = beta + np.linalg.solve((rows.x.T * (p * (1 - p))) @ rows.x, rows.x.T @ (rows.y - p))
    return beta


def launch(study, admin, *slugs: str) -> Job:
    return launch_job(study=study, institutions=Institution.objects.filter(slug__in=slugs), by=admin)


def test_job_on_three_hospitals_releases_the_plaintext_model(study, admin, admitted, broker, custodian):
    job = run_to_end(launch(study, admin, "north", "south", "west"), broker, custodian)
    assert (job.state, job.reason) == (Job.State.FINISHED, "")
    result = result_of(job)
    assert result is not None
    reference = fitted(together(*(train for train, _ in admitted.values())))
    estimates = [result.model.intercept.estimate, *(c.estimate for c in result.model.coefficients.values())]
    errors = [result.model.intercept.standard_error, *(c.standard_error for c in result.model.coefficients.values())]
    assert np.abs((np.array(estimates) - reference) / np.array(errors)).max() < 0.1
    assert set(result.metrics) == {"pooled", "north", "south", "west"}
    assert job_progress(job).criteria


def test_ended_job_leaves_only_batches_and_keys_behind(study, admin, admitted, broker, custodian):
    run_to_end(launch(study, admin, "north"), broker, custodian)
    kept = {block.blob_id for batch in Batch.objects.all() for block in batch.blocks.all()}
    keys = study.key_sets.get()
    assert set(Blob.objects.values_list("pk", flat=True)) == kept | {keys.public_id, keys.relinearisation_id}
    assert list(settings.HEFED_UPLOAD_DIR.glob("*")) == []


def test_evaluation_runs_over_every_hospital_whatever_the_pool(study, admin, admitted, broker, custodian):
    job = run_to_end(launch(study, admin, "north"), broker, custodian)
    request = CustodianRequest.objects.get(round__job=job, round__kind="evaluation")
    assert {part["institution"] for part in request.cohort} == {"north", "south", "west"}
    assert {part["institution"] for part in request.train_cohort} == {"north"}
    facts = StudyFacts(study)
    (row,) = pool_table(result_cards(facts), facts.marks)
    assert [mark.slug for mark in row.pool] == ["north"]


def test_every_message_delivered_twice_changes_nothing(study, admin, admitted, broker, custodian):
    once = run_to_end(launch(study, admin, "north", "south"), broker, custodian)
    twice = launch(study, admin, "north", "south")
    for _ in range(60):
        for queue in ("rounds", "admission"):
            for raw in broker.lrange(queue, 0, -1):
                broker.lpush(queue, raw)
        deliver(broker)
        custodian.answer()
        twice.refresh_from_db()
        if twice.state not in Job.LIVE:
            break
    first, second = result_of(once), result_of(twice)
    assert first is not None
    assert second is not None
    assert first.model.rounds == second.model.rounds
    for name, coefficient in first.model.coefficients.items():
        assert second.model.coefficients[name].estimate == pytest.approx(coefficient.estimate, abs=0.01)


def test_custodian_restarted_in_every_round_ends_with_the_same_model(study, admin, admitted, broker, custodian):
    job = launch(study, admin, "north", "south")
    for _ in range(60):
        deliver(broker)
        custodian.restart()
        custodian.answer()
        job.refresh_from_db()
        if job.state not in Job.LIVE:
            break
    assert (job.state, job.reason) == (Job.State.FINISHED, "")


def test_cancelled_job_stops_and_its_request_is_withdrawn(study, admin, admitted, broker, custodian, published: Api):
    job = launch(study, admin, "north")
    deliver(broker)
    assert len(published.get("custodian/requests").json()) == 1
    cancel_job(job=job, by=admin)
    assert published.get("custodian/requests").json() == []
    assert published.get("custodian/requests/request-0004/payload").status_code == 404
    assert not Round.objects.filter(job=job, state__in=Round.LIVE).exists()


def test_cancelled_job_ignores_messages_that_are_still_under_way(study, admin, admitted, broker):
    job = launch(study, admin, "north")
    cancel_job(job=job, by=admin)
    assert deliver(broker) > 0
    assert not Chunk.objects.filter(round__job=job).exclude(state=Chunk.State.STOPPED).exists()


def test_job_without_admitted_patients_is_refused(study, admin, published):
    from hefed.core.errors import Conflict

    with says("jobs.hospitals_empty", Conflict, hospitals=("west",)):
        launch(study, admin, "west")


def test_batch_of_a_running_job_cannot_be_withdrawn(study, admin, admitted):
    from hefed.core.errors import Conflict

    launch(study, admin, "north")
    batch = Batch.objects.get(institution__slug="north")
    with says("batches.in_use", Conflict, batch="batch-0001", job="job-0001"):
        withdraw_batch(batch=batch, reason="consent", by=admin)


def test_bytes_of_a_withdrawn_batch_are_deleted(study, admin, admitted):
    batch = Batch.objects.get(institution__slug="north")
    digests = [block.blob.digest for block in batch.blocks.all()]
    withdraw_batch(batch=batch, reason="consent", by=admin)
    sweep()
    assert not Blob.objects.filter(pk__in=digests).exists()
    assert not [digest for digest in digests if list(settings.HEFED_UPLOAD_DIR.parent.glob(f"blobs/*/*/{digest}"))]
