"""Messages to the workers, by task name: ``training.worker`` is never imported, so the web stays free of native code.

A message that cannot be sent is only logged: the row is written, and the sweep sends again.
"""

import logging

from django.db import transaction
from kombu.exceptions import OperationalError

from hefed.celery import ADMISSION, ROUNDS, app
from training.models import Round

WORK, REDUCE = "training.work", "training.reduce"
_log = logging.getLogger(__name__)


def work_on_commit(round_: Round, messages: int) -> None:
    """Ask for ``messages`` chunks of the round to be worked on, once the transaction is committed."""
    transaction.on_commit(lambda: send_work(round_, messages))


def send_work(round_: Round, messages: int) -> None:
    for _ in range(messages):
        _send(WORK, round_)


def send_reduce(round_: Round) -> None:
    _send(REDUCE, round_)


def _send(task: str, round_: Round) -> None:
    queue = ADMISSION if round_.kind == Round.Kind.ADMISSION else ROUNDS
    try:
        app.send_task(task, args=[round_.pk], queue=queue)
    except OperationalError as error:
        _log.warning("cannot send %s for round %s: the broker does not answer (%s)", task, round_.pk, error)
