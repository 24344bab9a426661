"""The storage of blobs on a disk of this machine: a file is whole under its name, or it is not there."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

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
