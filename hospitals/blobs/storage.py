"""Blobs: files named by the SHA-256 of their bytes, kept through Django's storage API, deleted with their last user."""

import contextlib
import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import ProtectedError

from hefed.core.errors import RemoteFailed
from hospitals.blobs.models import Blob

PIECE_BYTES = 1024**2


@contextlib.contextmanager
def temporary_file() -> Iterator[Path]:
    """A path on the upload disk that is gone afterwards, unless it was moved away."""
    settings.HEFED_UPLOAD_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=settings.HEFED_UPLOAD_DIR, suffix=".tmp", delete=False) as file:
        path = Path(file.name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def store_file(path: Path, digest: str = "") -> Blob:
    """Keep the bytes of a file. ``digest``: their SHA-256, if the caller has just computed it.

    The file comes before the row: a crash in between leaves bytes that nobody refers to, never a row without bytes.
    """
    name = digest or sha256_of(path)
    blob = Blob(digest=name, bytes=path.stat().st_size)
    if not _is_stored(blob):
        with path.open("rb") as file:
            default_storage.save(blob.path, File(file))
    return Blob.objects.get_or_create(digest=name, defaults={"bytes": blob.bytes})[0]


def _is_stored(blob: Blob) -> bool:
    """Whether the storage holds exactly these bytes; a file under their name may be older than the care of today."""
    if not default_storage.exists(blob.path) or default_storage.size(blob.path) != blob.bytes:
        return False
    digest = hashlib.sha256()
    with default_storage.open(blob.path, "rb") as file:
        for chunk in file.chunks(PIECE_BYTES):
            digest.update(chunk)
    return digest.hexdigest() == blob.digest


def open_blob(blob: Blob) -> BinaryIO:
    """A readable, seekable stream of the bytes."""
    try:
        return cast(BinaryIO, default_storage.open(blob.path, "rb"))
    except FileNotFoundError as error:
        raise RemoteFailed("server.blob_missing", digest=blob.digest[:16]) from error


def discard(blob: Blob | None) -> None:
    """Delete the row and, after commit, the bytes, unless another row still needs them."""
    if blob is None:
        return
    path = blob.path
    try:
        with transaction.atomic():
            blob.delete()
    except ProtectedError:
        return
    transaction.on_commit(lambda: default_storage.delete(path))
