"""Leftovers of processes that were killed at the wrong moment: nobody refers to them, they only take space."""

import time
from datetime import timedelta
from functools import reduce
from operator import or_
from pathlib import Path

from django.conf import settings
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q
from django.utils import timezone

from hospitals.blobs import discard
from hospitals.models import Blob, Block, KeySet
from hospitals.storage import DurableStorage
from training.models import Chunk, CustodianRequest, HandOver, Round, ShareAnswer

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
