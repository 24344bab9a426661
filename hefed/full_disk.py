"""Recognises a full disk in whatever was raised: by the operating system, by SQLite or by PostgreSQL."""

import errno
import sqlite3
from collections.abc import Iterator

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})  # the disk, a quota, the largest file allowed
_POSTGRESQL_DISK_FULL = "53100"
_SQLITE_PRIMARY_CODE = 0xFF  # the bits above it only refine it


def is_disk_full(error: BaseException) -> bool:
    """Whether the error, or one that it came from, says that nothing more can be written."""
    return any(_says_full(one) for one in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, then what it was raised from, as far back as Python remembers."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _says_full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & _SQLITE_PRIMARY_CODE == sqlite3.SQLITE_FULL
    return getattr(error, "sqlstate", None) == _POSTGRESQL_DISK_FULL
