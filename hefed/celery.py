"""The Celery application: ``celery -A hefed.celery worker -Q admission,rounds`` and ``celery -A hefed.celery beat``.

The database row is the truth. A message only says "look", so that losing one, or getting it twice, changes nothing: the
sweep sends again what nobody works on. No ciphertext and no result travels through the broker.
"""

import os

from celery import Celery
from kombu.entity import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hefed.settings")

from django.conf import settings  # noqa: E402

ADMISSION, ROUNDS = "admission", "rounds"
_CHUNK_SECONDS = 1_800  # a chunk that takes longer hangs; its process is replaced and the lease runs out

app = Celery("hefed")
app.conf.update(
    broker_url=settings.REDIS_URL,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 2 * _CHUNK_SECONDS},
    imports=["training.jobs.worker.tasks"],
    task_queues=[Queue(name) for name in (ADMISSION, ROUNDS)],  # type: ignore[no-untyped-call]
    task_default_queue=ROUNDS,
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_time_limit=_CHUNK_SECONDS,
    task_publish_retry_policy={"max_retries": 3, "interval_start": 0, "interval_step": 0.2},
    worker_prefetch_multiplier=1,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    beat_schedule={
        "sweep": {
            "task": "training.sweep",
            "schedule": settings.HEFED_SWEEP_SECONDS,
            "options": {"queue": ROUNDS, "expires": settings.HEFED_SWEEP_SECONDS},
        },
        "tidy": {"task": "training.tidy", "schedule": 3_600, "options": {"queue": ROUNDS, "expires": 3_600}},
    },
)
