"""The doors: take an id, claim, call one function. Safe to deliver twice; a message that finds nothing to do ends."""

import logging
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from celery.signals import worker_process_init
from django.conf import settings

from hefed.celery import app
from hefed.core.errors import HEFedError, RemoteFailed
from hefed.core.words import Said
from hefed.middleware import is_disk_full
from training.jobs.admission import fail_round
from training.jobs.models import Chunk, Round
from training.jobs.services import REDUCE, SWEEP, TIDY, WORK
from training.jobs.sweeping import sweep, tidy
from training.jobs.worker.claims import (
    MAX_ATTEMPTS,
    LeaseLost,
    claim_chunk,
    claim_reduction,
    finish_chunk,
    new_worker_name,
    postpone_chunk,
    postpone_reduction,
)
from training.jobs.worker.computing import ChunkComputation, Reduction, hot_blocks

_log = logging.getLogger(__name__)


class WorkAbandoned(HEFedError):
    """Workers are lost on the same piece of work again and again."""


@worker_process_init.connect  # type: ignore[untyped-decorator]
def limit_memory(**_: Any) -> None:
    """Native loads happen in a process that cannot take the machine with it: allocation fails, the lease runs out."""
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (settings.HEFED_WORKER_MEMORY_BYTES, hard))


@app.task(name=WORK)  # type: ignore[untyped-decorator]
def work(round_id: int) -> None:
    """Work on one chunk of the round, if one is free, and add up the round after the last."""
    round_ = _live_round(round_id)
    if round_ is None:
        return
    worker = new_worker_name()
    chunk = claim_chunk(round_, worker, hot_blocks().count)
    if chunk is not None and _guarded(round_, lambda: _compute(chunk, worker)):
        reduce_round(round_id)


@app.task(name=REDUCE)  # type: ignore[untyped-decorator]
def reduce_round(round_id: int) -> None:
    """Add up the round, if all of its chunks are done and nobody else does."""
    worker = new_worker_name()
    round_ = _live_round(round_id)
    if round_ is not None and claim_reduction(round_, worker):
        round_.refresh_from_db()
        _guarded(round_, lambda: _add_up(round_, worker))


@app.task(name=SWEEP)  # type: ignore[untyped-decorator]
def sweep_all() -> None:
    """Send again what nobody works on, stop what nobody wants."""
    sweep()


@app.task(name=TIDY)  # type: ignore[untyped-decorator]
def tidy_up() -> None:
    """Remove what killed processes left behind."""
    tidy()


def _live_round(round_id: int) -> Round | None:
    rounds = Round.objects.select_related("job__key_set", "batch__key_set", "coefficients")
    return rounds.filter(pk=round_id, state__in=Round.LIVE).first()


def _compute(chunk: Chunk, worker: str) -> None:
    said = Said("jobs.chunk_abandoned", index=chunk.index, round=chunk.round.number, attempts=MAX_ATTEMPTS)
    _check_attempts(chunk.attempts, said)
    with _postponed_when_full(lambda: postpone_chunk(chunk, worker)):
        finish_chunk(chunk, worker, ChunkComputation(chunk, worker).run())


def _add_up(round_: Round, worker: str) -> None:
    _check_attempts(round_.attempts, Said("jobs.sum_abandoned", round=round_.number, attempts=MAX_ATTEMPTS))
    with _postponed_when_full(lambda: postpone_reduction(round_, worker)):
        Reduction(round_, worker).run()


@contextmanager
def _postponed_when_full(postpone: Callable[[], None]) -> Iterator[None]:
    """A full disk is nobody's fault: it fails the task, and however long it lasts the work is done after it."""
    try:
        yield
    except Exception as error:
        if is_disk_full(error):
            postpone()
        raise


def _check_attempts(attempts: int, said: Said) -> None:
    if attempts > MAX_ATTEMPTS:
        raise WorkAbandoned(said)


def _leave(round_: Round) -> NoReturn:
    """End this process: SEAL's pool never gives memory back. A fresh one takes its place, the lease runs out, the work
    is claimed again. An exception instead would make Celery stop every process of the worker."""
    limit = settings.HEFED_WORKER_MEMORY_BYTES
    _log.error("round %s (%s): memory is used up at HEFED_WORKER_MEMORY_BYTES=%s", round_.pk, round_.kind, limit)
    logging.shutdown()
    os._exit(1)


def _guarded(round_: Round, run: Callable[[], None]) -> bool:
    """True when it ran. A fault of the input ends the job or the batch in words; one of the machine is tried again."""
    try:
        run()
    except LeaseLost as lost:
        _log.info("%s", lost)
        return False
    except RemoteFailed:
        raise
    except MemoryError:
        _leave(round_)
    except HEFedError as error:
        _log.warning("round %s (%s) fails: %s", round_.pk, round_.kind, error)
        fail_round(round_, error.said)
        return False
    return True
