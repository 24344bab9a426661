"""The custodian directory: vault, policy, ledger, and what must survive a restart, each sealed and written in one step.

An answer and the job state that it leads to are one file, written before the answer is posted. A restart posts the same
bytes; if the stop fell between that file and ``jobs/``, ``recover`` carries the state over.
"""

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from hefed.core.errors import BadInput
from hefed.custodian.keeping.files import private_directory, write_private
from hefed.custodian.keeping.records import (
    AnswerRecord,
    BatchRecord,
    FailureRecord,
    JobRecord,
    PinRecord,
    PublicationRecord,
    SealedRecord,
    SeenBatch,
    TrustRecord,
)
from hefed.custodian.keeping.vault import Sealer

_FILE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_SUFFIX = ".sealed"
FOLDERS = ("jobs", "answers", "batches", "seen", "failures", "pins", "approvals", "sealed", "approvers", "publications")
_PIN = "study"
R = TypeVar("R", bound=BaseModel)


@dataclass(frozen=True)
class Home:
    """Where everything lies below ``--home``."""

    path: Path

    @property
    def vault(self) -> Path:
        return self.path / "vault.json"

    @property
    def policy(self) -> Path:
        return self.path / "policy.toml"

    @property
    def ledger(self) -> Path:
        return self.path / "ledger.jsonl"

    @property
    def public_key(self) -> Path:
        return self.path / "public-key.hefed"

    @property
    def relinearisation_key(self) -> Path:
        return self.path / "relinearisation-key.hefed"

    @property
    def downloads(self) -> Path:
        return private_directory(self.path / "downloads")


@dataclass(frozen=True)
class StoredAnswer:
    """One answer as it will be posted, however often that takes."""

    record: AnswerRecord
    envelope: bytes


class Store:
    """Jobs, answers, batches, results and whose keys count, sealed with the vault's data key."""

    def __init__(self, home: Path, sealer: Sealer) -> None:
        self._home = home
        self._sealer = sealer
        for kind in FOLDERS:
            private_directory(home / kind)

    def job(self, job: str) -> JobRecord | None:
        return self._read("jobs", job, JobRecord)

    def jobs(self) -> Iterator[JobRecord]:
        return self._all("jobs", JobRecord)

    def keep_job(self, job: JobRecord) -> None:
        self._write("jobs", job.job, job.model_dump_json().encode())

    def batches(self) -> Iterator[BatchRecord]:
        return self._all("batches", BatchRecord)

    def keep_batches(self, batches: Iterable[BatchRecord]) -> None:
        """Remember batches whose sums others opened; repeated after a stop, nothing changes."""
        for batch in batches:
            self._write("batches", batch.batch, batch.model_dump_json().encode())

    def commit(self, answer: StoredAnswer) -> None:
        """Bring the answer and the state it leads to onto the disk; the first file decides, the others follow."""
        self._write_answer(answer)
        self._carry_over(answer.record)

    def keep_answer(self, answer: StoredAnswer) -> None:
        """An answer whose state is kept already."""
        self._write_answer(answer)

    def answer(self, request: str) -> StoredAnswer | None:
        path = self._path("answers", request)
        return self._open_answer(path) if path.exists() else None

    def unacknowledged(self) -> list[str]:
        """Requests whose answer is still kept."""
        return sorted(path.stem for path in (self._home / "answers").glob(f"*{_SUFFIX}"))

    def acknowledge(self, request: str) -> None:
        """The server has the answer and asks for it no more."""
        self._path("answers", request).unlink(missing_ok=True)
        self._path("approvals", request).unlink(missing_ok=True)

    def approve(self, request: str) -> None:
        """Let a held result go; sealed, so that nobody without the pass phrase can."""
        self._write("approvals", request, b"approved")

    def approved(self, request: str) -> bool:
        path = self._path("approvals", request)
        return path.exists() and self._unseal(path) == b"approved"

    def sealed(self, request: str) -> SealedRecord | None:
        """The result of an evaluation that waits for its release, or was released."""
        return self._read("sealed", request, SealedRecord)

    def keep_sealed(self, record: SealedRecord) -> None:
        self._write("sealed", record.request, record.model_dump_json().encode())

    def all_sealed(self) -> Iterator[SealedRecord]:
        return self._all("sealed", SealedRecord)

    def holds_sealed(self) -> bool:
        return any((self._home / "sealed").glob(f"*{_SUFFIX}"))

    def trust(self, record: TrustRecord) -> None:
        self._write("approvers", record.fingerprint, record.model_dump_json().encode())

    def distrust(self, fingerprint: str) -> bool:
        """False when the key was not trusted."""
        path = self._path("approvers", fingerprint)
        known = path.exists()
        path.unlink(missing_ok=True)
        return known

    def trusted(self) -> dict[str, TrustRecord]:
        """By fingerprint."""
        return {record.fingerprint: record for record in self._all("approvers", TrustRecord)}

    def publish(self, record: PublicationRecord) -> None:
        """The decision, before anything of it leaves."""
        told = record.publication
        self._write("publications", _version(told.release, told.version), record.model_dump_json().encode())

    def publication(self, release: str, version: int) -> PublicationRecord | None:
        return self._read("publications", _version(release, version), PublicationRecord)

    def publications(self) -> Iterator[PublicationRecord]:
        return self._all("publications", PublicationRecord)

    def forget(self, batch: str) -> bool:
        """Drop a withdrawn batch's sums, and a kept answer that would bring them back; False when there are none."""
        return self._forget(batch, self._next_event())

    def forget_all(self) -> int:
        """The same for every batch at one moment, with the key that opens them; gives how many."""
        event, batches = self._next_event(), list(self.batches())
        for batch in batches:
            self._forget(batch.batch, event)
        return len(batches)

    def _forget(self, batch: str, event: int) -> bool:
        for request in self.unacknowledged():
            kept = self.answer(request)
            if kept is not None and kept.record.batch is not None and kept.record.batch.batch == batch:
                self.acknowledge(request)
        path = self._path("batches", batch)
        known = path.exists()
        seen = self._read("seen", batch, SeenBatch)
        if seen is not None and seen.forgotten is None:
            self._keep_seen(seen.model_copy(update={"forgotten": event}))
        path.unlink(missing_ok=True)
        return known

    def seen(self) -> list[SeenBatch]:
        """Every batch that was ever checked for admission, in that order."""
        return sorted(self._all("seen", SeenBatch), key=lambda batch: batch.first)

    def see(self, batches: Iterable[SeenBatch]) -> None:
        """Remember batches for good; one that is remembered already stays as it was."""
        for batch in batches:
            if self._read("seen", batch.part.batch, SeenBatch) is None:
                self._keep_seen(batch.model_copy(update={"admitted": self._next_event()}))

    def stand_again(self, batches: Iterable[str]) -> None:
        """Batches that were forgotten with a key stand again now that it is back; the others stay as they are."""
        returned, event = set(batches), self._next_event()
        for batch in self.seen():
            if batch.part.batch in returned and batch.forgotten is not None:
                before = (*batch.before, (batch.admitted, batch.forgotten))
                fields = {"admitted": event, "forgotten": None, "before": before}
                self._keep_seen(batch.model_copy(update=fields))

    def pinned(self) -> str:
        """The study's fingerprint as a person pinned it; empty before."""
        record = self._read("pins", _PIN, PinRecord)
        return record.fingerprint if record else ""

    def pin(self, record: PinRecord) -> None:
        self._write("pins", _PIN, record.model_dump_json().encode())

    def failures(self, institution: str) -> list[FailureRecord]:
        """Of one hospital, those that count."""
        found = self._all("failures", FailureRecord)
        return [one for one in found if one.institution == institution and not one.forgiven]

    def forgive(self, institution: str) -> int:
        """Let a hospital's failures no longer count; gives how many they were."""
        failures = self.failures(institution)
        for failure in failures:
            self._keep_failure(failure.model_copy(update={"forgiven": True}))
        return len(failures)

    def _keep_failure(self, failure: FailureRecord) -> None:
        self._write("failures", failure.request, failure.model_dump_json().encode())

    def _keep_seen(self, batch: SeenBatch) -> None:
        self._write("seen", batch.part.batch, batch.model_dump_json().encode())

    def _next_event(self) -> int:
        return max((event for batch in self.seen() for event in batch.events), default=0) + 1

    def recover(self) -> list[AnswerRecord]:
        """Carry over what a stop left half done; gives the answers that are not acknowledged."""
        records = [stored.record for request in self.unacknowledged() if (stored := self.answer(request))]
        for record in records:
            self._carry_over(record)
        return records

    def _carry_over(self, record: AnswerRecord) -> None:
        if record.state is not None:
            old = self.job(record.state.job)
            if old is None or old.round < record.state.round or (record.state.led and not old.led):
                self.keep_job(record.state)
        if record.batch is not None:
            self._write("batches", record.batch.batch, record.batch.model_dump_json().encode())
        if record.sealed is not None:
            self.keep_sealed(record.sealed)
        if record.seen is not None:
            self.see([record.seen])
        if record.failed and self._read("failures", record.request, FailureRecord) is None:
            self._keep_failure(FailureRecord(request=record.request, institution=record.failed))

    def _write_answer(self, answer: StoredAnswer) -> None:
        head = answer.record.model_dump_json().encode()
        self._write("answers", answer.record.request, struct.pack("<I", len(head)) + head + answer.envelope)

    def _open_answer(self, path: Path) -> StoredAnswer:
        data = self._unseal(path)
        (length,) = struct.unpack_from("<I", data)
        return StoredAnswer(AnswerRecord.model_validate_json(data[4 : 4 + length]), data[4 + length :])

    def _all(self, kind: str, model: type[R]) -> Iterator[R]:
        for path in sorted((self._home / kind).glob(f"*{_SUFFIX}")):
            yield model.model_validate_json(self._unseal(path))

    def _read(self, kind: str, name: str, model: type[R]) -> R | None:
        path = self._path(kind, name)
        return model.model_validate_json(self._unseal(path)) if path.exists() else None

    def _write(self, kind: str, name: str, data: bytes) -> None:
        path = self._path(kind, name)
        write_private(path, self._sealer.seal(data, _purpose(path)))

    def _unseal(self, path: Path) -> bytes:
        return self._sealer.unseal(path.read_bytes(), _purpose(path))

    def _path(self, kind: str, name: str) -> Path:
        return self._home / kind / f"{checked_id(name)}{_SUFFIX}"


def _version(release: str, version: int) -> str:
    return f"{checked_id(release)}-v{version}"


def checked_id(name: str) -> str:
    """An id from the server as a file name; raises BadInput for one that could leave the directory."""
    if not _FILE_ID.fullmatch(name):
        raise BadInput("keeping.id", name=name[:40])
    return name


def _purpose(path: Path) -> str:
    return f"hefed custodian {path.parent.name}/{path.name}"
