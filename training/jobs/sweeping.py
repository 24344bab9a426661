"""What is taken up again and what is cleared away, at intervals."""

import time
from collections import defaultdict
from datetime import timedelta
from functools import reduce
from operator import or_
from pathlib import Path

from django.conf import settings
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q
from django.utils import timezone

from hospitals.batches.models import Batch, Block
from hospitals.batches.services import delete_blocks
from hospitals.blobs.models import Blob
from hospitals.blobs.storage import DurableStorage, discard
from hospitals.keys.models import KeySet
from training.jobs.models import Chunk, CustodianRequest, HandOver, Job, Round, ShareAnswer
from training.jobs.services import close_round, queue_of, send_reduce, send_work, waiting_messages
from training.releases.services import expire_releases


def sweep() -> None:
    stop_unwanted_rounds()
    resend_chunks()
    resend_reductions()
    delete_withdrawn()
    expire_releases()


def claimable_chunks() -> Q:
    """Chunks that nobody works on: queued, or held by a lease that ran out."""
    return Q(state=Chunk.State.QUEUED) | Q(state=Chunk.State.RUNNING, lease_until__lt=timezone.now())


def resend_chunks() -> None:
    """One message per free chunk, unless as many lie in the queue already: workers are then just busy."""
    free: dict[str, dict[Round, int]] = defaultdict(dict)
    for round_ in Round.objects.filter(state__in=(Round.State.QUEUED, Round.State.RUNNING)):
        count = round_.chunks.filter(claimable_chunks()).count()
        if count:
            free[queue_of(round_)][round_] = count
    for queue, rounds in free.items():
        waiting = waiting_messages(queue)
        if waiting is not None and waiting < sum(rounds.values()):
            for round_, count in rounds.items():
                send_work(round_, count)


def resend_reductions() -> None:
    """Rounds whose chunks are all done and that nobody adds up."""
    expired = Q(state=Round.State.REDUCING, lease_until__lt=timezone.now())
    for round_ in Round.objects.filter(Q(state=Round.State.RUNNING) | expired):
        if not round_.chunks.exclude(state=Chunk.State.DONE).exists():
            send_reduce(round_)


def stop_unwanted_rounds() -> None:
    """Rounds that live on after their job has ended or their batch was withdrawn."""
    ended = Q(job__isnull=False) & ~Q(job__state__in=Job.LIVE)
    decided = Q(batch__isnull=False) & ~Q(batch__state__in=(Batch.State.CHECKING, Batch.State.CUSTODIAN))
    for round_ in Round.objects.filter(ended | decided, state__in=Round.LIVE):
        close_round(round_, Round.State.STOPPED)


def delete_withdrawn() -> None:
    """The bytes of withdrawn batches; their rows remain to tell what was there."""
    batches = Batch.objects.filter(Q(blocks__blob__isnull=False) | Q(blocks__received_bytes__gt=0))
    for batch in batches.filter(state=Batch.State.WITHDRAWN).distinct():
        with transaction.atomic():
            delete_blocks(batch)


_AGE = timedelta(days=1)  # longer than anything that is still being written or referred to
REFERENCES: tuple[tuple[type[Model], str], ...] = (
    (Block, "blob"),
    (KeySet, "public"),
    (KeySet, "relinearisation"),
    (Round, "coefficients"),
    (Chunk, "partial"),
    (CustodianRequest, "payload"),
    (ShareAnswer, "body"),
    (HandOver, "body"),
)


def tidy() -> None:
    delete_temporary_files()
    delete_unused_blobs()


def delete_temporary_files() -> None:
    storage = storages["default"]
    unfinished = storage.unfinished() if isinstance(storage, DurableStorage) else ()
    for path in (*Path(settings.HEFED_UPLOAD_DIR).glob("*.tmp"), *unfinished):
        if time.time() - path.stat().st_mtime > _AGE.total_seconds():
            path.unlink(missing_ok=True)


def delete_unused_blobs() -> None:
    users = (Q(Exists(model._default_manager.filter(**{field: OuterRef("pk")}))) for model, field in REFERENCES)
    for blob in Blob.objects.filter(~reduce(or_, users), created_at__lt=timezone.now() - _AGE):
        with transaction.atomic():
            discard(blob)
