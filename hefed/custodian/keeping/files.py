"""Files that are whole or absent, and readable by their owner only."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hefed.core.errors import BadInput

_OWNER_ONLY = 0o600
_OWNER_ONLY_DIRECTORY = 0o700


def private_directory(path: Path) -> Path:
    """Make the directory (mode 700), or tighten the one that is there."""
    try:
        path.mkdir(mode=_OWNER_ONLY_DIRECTORY, parents=True, exist_ok=True)
        path.chmod(_OWNER_ONLY_DIRECTORY)
    except OSError as error:
        raise BadInput("keeping.no_directory", path=str(path), why=str(error.strerror)) from error
    return path


def write_private(path: Path, *parts: bytes) -> None:
    """Replace the file in one step (mode 600); a power cut leaves the old or the new content."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), _OWNER_ONLY)
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


@contextmanager
def sole_user(lock: Path) -> Iterator[None]:
    """Hold the lock file; raises BadInput while another process does. The kernel lets go when a process dies."""
    with lock.open("wb") as file:
        os.fchmod(file.fileno(), _OWNER_ONLY)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadInput("keeping.already_running", path=str(lock.parent)) from None
        yield


def sync_directory(path: Path) -> None:
    """A rename is on the disk only when its directory is."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
