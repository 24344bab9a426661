"""Watches what a request writes to the database, and lets the database be full."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection

_WRITE = re.compile(r"\s*(INSERT(?: OR \w+)? INTO|REPLACE INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)
Execute = Callable[[str, Any, bool, dict[str, Any]], Any]


def written_table(sql: str) -> str:
    """The table that a statement changes; empty for one that only reads."""
    found = _WRITE.match(sql)
    return found.group(2) if found else ""


@contextmanager
def watched() -> Iterator[list[str]]:
    """Every statement that writes while it lasts."""
    seen: list[str] = []

    def note(execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if written_table(sql):
            seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


@contextmanager
def full_database() -> Iterator[None]:
    """Every statement that writes ends as SQLite ends it on a full disk."""
    genuine = _database_is_full()

    def refuse(execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if written_table(sql):
            raise OperationalError(str(genuine)) from genuine
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


def _database_is_full() -> sqlite3.Error:
    """The error itself, from a small database that was filled."""
    with sqlite3.connect(":memory:") as small:
        small.execute("CREATE TABLE filler (bytes)")
        small.execute("PRAGMA max_page_count = 2")
        try:
            small.execute("INSERT INTO filler VALUES (zeroblob(100000))")
        except sqlite3.Error as error:
            return error
    raise AssertionError("a database of two pages took 100,000 bytes")
