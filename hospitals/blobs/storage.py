"""Bytes named by their digest: written whole, flushed, found again."""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import transaction
from django.db.models import ProtectedError

from hefed.core.errors import RemoteFailed
from hospitals.blobs.models import Blob

_UNFINISHED = "*.tmp"


class DurableStorage(FileSystemStorage):
    """Writes beside the name, forces the bytes to the disk, renames, and forces the folder's entry to the disk too.

    Neither a full disk nor a power cut leaves a part of a file under its name. A name is the digest of the bytes, so a
    second writer of a name replaces the file by the same one.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_overwrite=True, **options)

    def unfinished(self) -> Iterator[Path]:
        """Files that a writer which was killed has left."""
        return Path(self.location).glob(_UNFINISHED)

    def _save(self, name: str, content: "File[bytes]") -> str:
        path = Path(self.path(name))
        self._make_folders(path.parent)
        with self._renamed_at_the_end(path) as file:
            for chunk in content.chunks():
                file.write(chunk)
        return name

    @contextmanager
    def _renamed_at_the_end(self, path: Path) -> Iterator[IO[bytes]]:
        with tempfile.NamedTemporaryFile(dir=self.location, suffix=_UNFINISHED[1:], delete=False) as file:
            try:
                yield file
                file.flush()
                os.fchmod(file.fileno(), self.file_permissions_mode or 0o600)
                os.fsync(file.fileno())
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink()
                raise
        _force_entry(path.parent)

    def _make_folders(self, folder: Path) -> None:
        """Each with the storage's mode; the entry of a new one is forced to the disk."""
        if folder.is_dir():
            return
        self._make_folders(folder.parent)
        folder.mkdir(mode=self.directory_permissions_mode or 0o700, exist_ok=True)
        _force_entry(folder.parent)


def _force_entry(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
