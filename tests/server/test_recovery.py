"""Lost workers, lost messages, a lost broker: the rows are the truth, so the job ends all the same."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from hefed.core.words import Said
from hospitals.blobs.models import Blob
from hospitals.blobs.storage import store_file, temporary_file
from hospitals.institutions.models import Institution
from tests.server.training import deliver, messages
from training.jobs.models import Chunk, CustodianRequest, Job, Round
from training.jobs.services import launch_job, waiting_messages
from training.jobs.sweeping import REFERENCES, sweep, tidy
from training.jobs.worker import tasks
from training.jobs.worker.claims import (
    MAX_ATTEMPTS,
    LeaseLost,
    claim_chunk,
    claim_reduction,
    finish_chunk,
    renew_chunk,
    renew_reduction,
)
from training.jobs.worker.computing import ChunkComputation


@pytest.fixture
def round_(study, admin, north_admitted, broker) -> Round:
    """The moments round of a job: two chunks, both queued, both announced."""
    launch_job(study=study, institutions=Institution.objects.filter(slug="north"), by=admin)
    return Round.objects.get(kind="moments")


def cold(_: list[int]) -> int:
    return 0


def expire(chunk: Chunk) -> None:
    Chunk.objects.filter(pk=chunk.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_two_workers_never_hold_one_chunk(round_):
    held = [claim_chunk(round_, f"w{i}", cold) for i in range(3)]
    assert [chunk.index if chunk else None for chunk in held] == [0, 1, None]


def test_worker_prefers_the_chunk_whose_blocks_it_has(round_):
    hot = set(round_.chunks.get(index=1).block_ids)
    chunk = claim_chunk(round_, "w", lambda block_ids: len(hot & set(block_ids)))
    assert chunk is not None
    assert chunk.index == 1


def test_first_claim_starts_round_and_job(round_):
    claim_chunk(round_, "w", cold)
    round_.refresh_from_db()
    assert round_.state == Round.State.RUNNING
    assert Job.objects.get().state == Job.State.RUNNING


def test_chunk_of_a_dead_worker_is_claimed_again_after_its_lease(round_):
    first = claim_chunk(round_, "dead", cold)
    assert first is not None
    assert claim_chunk(round_, "second", cold).index == 1
    expire(first)
    again = claim_chunk(round_, "third", cold)
    assert (again.index, again.attempts, again.worker) == (0, 2, "third")


def test_worker_that_lost_its_lease_stops_and_leaves_no_result(round_):
    chunk = claim_chunk(round_, "slow", cold)
    expire(chunk)
    claim_chunk(round_, "quick", cold)
    with pytest.raises(LeaseLost):
        renew_chunk(chunk, "slow", 1)
    blob = ChunkComputation(Chunk.objects.get(pk=chunk.pk), "quick").run()
    with pytest.raises(LeaseLost):
        finish_chunk(chunk, "slow", blob)
    assert Chunk.objects.get(pk=chunk.pk).partial is None


def test_round_is_added_up_by_one_worker_only_after_its_last_chunk(round_):
    assert not claim_reduction(round_, "early")
    Chunk.objects.update(state=Chunk.State.DONE)
    Round.objects.filter(pk=round_.pk).update(state=Round.State.RUNNING)
    assert [claim_reduction(round_, "a"), claim_reduction(round_, "b")] == [True, False]
    with pytest.raises(LeaseLost):
        renew_reduction(round_, "b")


def test_lost_messages_are_sent_again_by_the_sweep(round_, broker):
    broker.flushall()
    sweep()
    assert waiting_messages("rounds") == 2
    deliver(broker)
    assert CustodianRequest.objects.filter(round=round_).exists()


def test_sweep_sends_nothing_while_messages_wait(round_, broker):
    sweep()
    sweep()
    assert len(list(messages(broker))) == 2


def test_lost_reduction_is_sent_again_by_the_sweep(round_, broker):
    for chunk in round_.chunks.all():
        held = claim_chunk(round_, f"w{chunk.index}", cold)
        finish_chunk(held, held.worker, ChunkComputation(held, held.worker).run())
    broker.flushall()
    sweep()
    deliver(broker)
    assert CustodianRequest.objects.filter(round=round_).exists()


def test_adding_up_of_a_dead_worker_is_done_by_another(round_, broker):
    for chunk in round_.chunks.all():
        held = claim_chunk(round_, f"w{chunk.index}", cold)
        finish_chunk(held, held.worker, ChunkComputation(held, held.worker).run())
    assert claim_reduction(round_, "dead")
    sweep()
    assert Round.objects.get(pk=round_.pk).state == Round.State.REDUCING
    Round.objects.filter(pk=round_.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep()
    deliver(broker)
    assert CustodianRequest.objects.filter(round=round_).count() == 1


def test_chunk_that_kills_its_workers_fails_the_job_in_words(round_, broker):
    Chunk.objects.update(attempts=MAX_ATTEMPTS)
    deliver(broker)
    job = Job.objects.get()
    assert (job.state, Said.from_json(job.reason).code) == (Job.State.FAILED, "jobs.chunk_abandoned")


def test_task_for_a_round_that_is_gone_does_nothing(db):
    tasks.work(987654)
    tasks.reduce_round(987654)
    assert not Chunk.objects.exists()


def test_leftovers_of_killed_processes_are_removed_after_a_day(round_, settings, broker):
    day_ago = timezone.now() - timedelta(days=1, minutes=1)
    with temporary_file() as path:
        path.write_bytes(b"a partial sum that nobody finished")
        store_file(path)
    old = settings.HEFED_UPLOAD_DIR / "killed.tmp"
    old.write_bytes(b"half")
    os.utime(old, (day_ago.timestamp(), day_ago.timestamp()))
    before = Blob.objects.count()
    tidy()
    assert Blob.objects.count() == before
    Blob.objects.update(created_at=day_ago)
    tidy()
    assert (Blob.objects.count(), old.exists()) == (before - 1, False)


def test_every_reference_to_a_blob_is_known_to_the_tidying():
    pointing = {
        (field.related_model, field.field.name)
        for field in Blob._meta.get_fields(include_hidden=True)
        if field.is_relation
    }
    assert pointing == set(REFERENCES)
