"""Messages to the workers, by task name: ``jobs.worker`` is never imported, so the web stays free of native code.

A message that cannot be sent is only logged: the row is written, and the sweep sends again.
"""

import logging

from django.db import transaction
from kombu.exceptions import OperationalError

from hefed.celery import ADMISSION, ROUNDS, app
from training.jobs.models import Round

WORK, REDUCE, SWEEP, TIDY = "training.work", "training.reduce", "training.sweep", "training.tidy"
_log = logging.getLogger(__name__)


def work_on_commit(round_: Round, messages: int) -> None:
    """Ask for ``messages`` chunks of the round to be worked on, once the transaction is committed."""
    transaction.on_commit(lambda: send_work(round_, messages))


def send_work(round_: Round, messages: int) -> None:
    for _ in range(messages):
        _send(WORK, round_)


def send_reduce(round_: Round) -> None:
    _send(REDUCE, round_)


def queue_of(round_: Round) -> str:
    return ROUNDS if round_.round_kind.belongs_to_job else ADMISSION


def waiting_messages(queue: str) -> int | None:
    """How many messages lie in a queue; None when the broker does not answer."""
    with app.connection_for_write() as connection:
        try:
            return int(connection.default_channel.queue_declare(queue=queue, passive=True).message_count)
        except connection.channel_errors:
            return 0  # the broker knows no empty queues
        except (*connection.connection_errors, OperationalError) as error:
            _log.warning("cannot count messages: the broker does not answer (%s)", error)
            return None


def _send(task: str, round_: Round) -> None:
    try:
        app.send_task(task, args=[round_.pk], queue=queue_of(round_))
    except OperationalError as error:
        _log.warning("cannot send %s for round %s: the broker does not answer (%s)", task, round_.pk, error)
