"""The custodian's own record: one line per request and answer, each chained to the line before by its hash.

Ids, sizes, digests and rules; never a value that was opened. ``ledger.head`` holds the number of lines and the last
hash, authenticated with a key from the vault, so that lines cut from the end are noticed too.
"""

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from hefed.core.errors import BadInput
from hefed.core.protocol.base import Message
from hefed.core.words import Said, words
from hefed.custodian.keeping.files import write_private

FIRST_PREVIOUS = "0" * 64
_TAIL_BYTES = 256 * 1024  # holds the last line many times over: a rule is a code and a few facts
LedgerEvent = Literal[
    "initialised",
    "published",
    "started",
    "request",
    "answer",
    "approved",
    "forgotten",
    "forgiven",
    "pinned",
    "conflict",
    "rotated",
    "key-destroyed",
    "succession-signed",
    "restored",
    "trusted",
    "distrusted",
    "release",
    "release-refused",
    "release-verdict",
    "verdict-refused",
    "share-taken",
    "share-dealt",
    "share-answered",
    "lead-named",
    "lead-handed",
    "lead-taken",
]


Rule = str | Said  # a text is empty, or a sentence of a line that an earlier version wrote


class LedgerBroken(BadInput):
    """The chain does not hold: a line was changed, removed, inserted or cut off."""


class Entry(Message):
    """One line before it is chained. ``openings`` counts decrypted totals or row scores; ``rule`` says why.

    Of a release ``request`` is its id, ``answer_sha256`` digests what is posted, ``rule`` names manifest and signers.
    """

    event: LedgerEvent
    request: str = ""
    kind: str = ""
    job: str = ""
    round: int | None = None
    rows: int | None = None
    payload_sha256: str = ""
    answer_sha256: str = ""
    outcome: str = ""
    rule: Rule = ""
    openings: int = 0


class Line(Entry):
    number: int
    time: str
    previous: str
    hash: str


class _Head(Message):
    lines: int
    hash: str
    mac: str


def utc_now() -> datetime:
    return datetime.now(UTC)


class Ledger:
    """Append-only file of lines. Safe beside a second process (`approve`): an append locks and reads the end anew."""

    def __init__(self, path: Path, head_key: bytes, now: Callable[[], datetime] = utc_now) -> None:
        self._path, self._now = path, now
        self._head_path = path.with_suffix(".head")
        self._key = head_key

    def append(self, entry: Entry) -> Line:
        """Chain the entry to the last line and bring it to the disk before returning."""
        with self.locked():
            last = _last_line(self._path)
            number, previous = (last.number + 1, last.hash) if last else (1, FIRST_PREVIOUS)
            fields = {
                **entry.model_dump(),
                "number": number,
                "time": self._now().isoformat(timespec="milliseconds"),
                "previous": previous,
            }
            line = Line(**fields, hash=_digest(fields))
            _append(self._path, _canonical(line.model_dump()) + b"\n")
            head = _Head(lines=number, hash=line.hash, mac=_mac(self._key, number, line.hash))
            write_private(self._head_path, head.model_dump_json().encode())
            return line

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody appends meanwhile; what was written so far is whole."""
        with self._path.with_suffix(".lock").open("wb") as lock:
            os.fchmod(lock.fileno(), 0o600)
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def rule_words(rule: Rule, language: str = "en") -> str:
    """What a line says of its rule, for people; the sentence of an earlier version as it stands."""
    return words(rule, language) if isinstance(rule, Said) else rule


def read_lines(path: Path) -> Iterator[Line]:
    """Lines as written, unchecked but for their form."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            yield _parse(raw, number)


def verify(path: Path, head_key: bytes | None = None) -> int:
    """Number of lines of a chain that holds; raises LedgerBroken naming the first bad line.

    With ``head_key`` (from the vault) the end of the chain is authenticated too; without it only compared.
    """
    previous, hashes = FIRST_PREVIOUS, []
    for number, line in enumerate(read_lines(path), 1):
        _check_line(line, number, previous)
        previous = line.hash
        hashes.append(line.hash)
    _check_head(path.with_suffix(".head"), hashes, head_key)
    return len(hashes)


def _check_line(line: Line, number: int, previous: str) -> None:
    if line.number != number:
        raise LedgerBroken("keeping.line_number", line=number, found=line.number)
    if line.previous != previous:
        raise LedgerBroken("keeping.line_order", line=number, before=number - 1)
    fields = line.model_dump()
    if fields.pop("hash") != _digest(fields):
        raise LedgerBroken("keeping.line_hash", line=number)


def _check_head(path: Path, hashes: list[str], head_key: bytes | None) -> None:
    """The head may lag by the line that was being written when the power went, never lead."""
    if not path.exists():
        if hashes:
            raise LedgerBroken("keeping.head_missing", line=len(hashes), file=path.name)
        return
    head = _parse_head(path)
    if head.lines > len(hashes):
        raise LedgerBroken("keeping.line_missing", line=len(hashes) + 1, written=head.lines, left=len(hashes))
    if head.lines < len(hashes) - 1 or head.hash != hashes[head.lines - 1]:
        raise LedgerBroken("keeping.head_other", line=head.lines, file=path.name)
    if head_key is not None and not hmac.compare_digest(head.mac, _mac(head_key, head.lines, head.hash)):
        raise LedgerBroken("keeping.head_forged", line=head.lines, file=path.name)


def _parse_head(path: Path) -> _Head:
    try:
        return _Head.model_validate_json(path.read_bytes())
    except ValidationError:
        raise LedgerBroken("keeping.head_unread", file=path.name) from None


def _last_line(path: Path) -> Line | None:
    """The last whole line. Half a line (power cut while writing) is cut off: nothing was done on its strength yet."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL_BYTES))
        tail = file.read()
    whole = tail[: tail.rfind(b"\n") + 1]
    if len(whole) < len(tail):
        os.truncate(path, size - len(tail) + len(whole))
    lines = whole.splitlines()
    return _parse(lines[-1], 0) if lines else None


def _parse(raw: bytes, number: int) -> Line:
    try:
        return Line.model_validate_json(raw)
    except ValidationError:
        raise LedgerBroken("keeping.no_line", line=number) from None


def _append(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest(fields: dict[str, object]) -> str:
    return hashlib.sha256(_canonical(fields)).hexdigest()


def _canonical(fields: dict[str, object]) -> bytes:
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _mac(key: bytes, lines: int, line_hash: str) -> str:
    return hmac.new(key, f"{lines}:{line_hash}".encode(), hashlib.sha256).hexdigest()
