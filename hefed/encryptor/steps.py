"""The steps of an upload as the commands call them, and what is kept between them.

The key never leaves the directory; without it the hashes name nobody. One file a cohort, renamed as its fate is known:
``<cohort digest>.pending`` while only encrypted, ``.sent`` once the server has accepted its manifest, ``.earlier`` when
the server holds it no more: what a later batch shares with it is still counted.
"""

import hashlib
import hmac
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path

from hefed.core.errors import BadInput, RowsInvalid
from hefed.core.protocol.uploads import (
    BatchManifest,
    BatchStatus,
    BlockManifest,
    HoldoutRule,
    SharedPatients,
    StudyPackage,
    cohort_digest,
    is_held_out,
)
from hefed.core.words import Said
from hefed.encryptor.batchfile import BatchReader, BatchWriter
from hefed.encryptor.blocks import Origin, SealedBlock, Sealer, order_key, plan_blocks, seal_blocks
from hefed.encryptor.check import Checked, Rules, check
from hefed.encryptor.client import HospitalClient, SealedStudy, Study
from hefed.encryptor.screen import Screen
from hefed.encryptor.upload import FINAL, Sending, check_study, judged, upload, wait_until_final

_HASH_BYTES = 16
_EARLIER = ".earlier"
_KEY_BYTES = 32


class LocalState:
    """One directory (mode 700) for all studies of this computer."""

    def __init__(self, home: Path) -> None:
        self._home = home
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._key = _key(home / "key")

    def keyed_name(self, *parts: bytes) -> str:
        """A file name that depends on the parts and on this directory's key."""
        return hmac.digest(self._key, b"\0".join(map(_sha256, parts)), "sha256").hex()

    def outbox(self, name: str) -> Path:
        """Where ``push`` keeps a batch file until the server has all of it."""
        return self._folder("outbox") / f"{name}.hefed.zip"

    def remember(self, study: str, cohort: str, patients: Iterable[bytes]) -> None:
        """Keep a cohort as pending; it counts as sent only after ``mark_sent``."""
        if not self._sent(study, cohort).exists():
            _write(self._pending(study, cohort), b"".join(map(self._keyed, patients)))

    def mark_sent(self, study: str, cohort: str) -> None:
        pending = self._pending(study, cohort)
        if pending.exists():
            pending.replace(self._sent(study, cohort))

    def forget(self, study: str, cohort: str) -> None:
        """The server does not hold this cohort (any more): its patients may be sent again, and are counted then."""
        self._pending(study, cohort).unlink(missing_ok=True)
        if self._sent(study, cohort).exists():
            self._sent(study, cohort).replace(self._earlier(study, cohort))

    def forget_all(self, study: str) -> None:
        for path in self._folder("sent", study).glob("*.sent"):
            path.replace(path.with_suffix(_EARLIER))

    def shared(self, study: str, patients: Sequence[bytes], rule: HoldoutRule) -> list[SharedPatients]:
        """How many of these patients each earlier batch held, also one that the server holds no more."""
        held_out = {self._keyed(one): is_held_out(one, rule.fraction) for one in patients}
        paths = {
            path.stem: path for kind in (_EARLIER, ".sent") for path in self._folder("sent", study).glob(f"*{kind}")
        }
        return [_shared_with(cohort, path.read_bytes(), held_out) for cohort, path in sorted(paths.items())]

    def already_sent(self, study: str) -> Callable[[bytes], bool]:
        """Tells which patients an earlier batch of this study holds."""
        known: set[bytes] = set()
        for path in sorted(self._folder("sent", study).glob("*.sent")):
            data = path.read_bytes()
            known.update(data[at : at + _HASH_BYTES] for at in range(0, len(data), _HASH_BYTES))
        return lambda patient: self._keyed(patient) in known if known else False

    def receipt(self, name: str) -> str:
        """The batch as which a table of that keyed name was sent, or an empty string."""
        path = self._receipt(name)
        return path.read_text(encoding="ascii") if path.exists() else ""

    def keep_receipt(self, name: str, batch: str) -> None:
        _write(self._receipt(name), batch.encode("ascii"))

    def drop_receipt(self, name: str) -> None:
        self._receipt(name).unlink(missing_ok=True)

    def _keyed(self, patient: bytes) -> bytes:
        return hmac.digest(self._key, patient, "sha256")[:_HASH_BYTES]

    def _folder(self, *names: str) -> Path:
        folder = self._home
        for name in names:
            folder /= name
            folder.mkdir(mode=0o700, exist_ok=True)  # one by one: mkdir gives parents the default mode
        return folder

    def _receipt(self, name: str) -> Path:
        return self._folder("receipts") / name

    def _pending(self, study: str, cohort: str) -> Path:
        return self._folder("sent", study) / f"{cohort}.pending"

    def _sent(self, study: str, cohort: str) -> Path:
        return self._folder("sent", study) / f"{cohort}.sent"

    def _earlier(self, study: str, cohort: str) -> Path:
        return self._folder("sent", study) / f"{cohort}{_EARLIER}"


def _shared_with(cohort: str, sent: bytes, held_out: Mapping[bytes, bool]) -> SharedPatients:
    patients = (sent[at : at + _HASH_BYTES] for at in range(0, len(sent), _HASH_BYTES))
    roles = [held_out[one] for one in patients if one in held_out]
    return SharedPatients(cohort_digest=cohort, train=len(roles) - sum(roles), holdout=sum(roles))


def _key(path: Path) -> bytes:
    if not path.exists():
        _write(path, secrets.token_bytes(_KEY_BYTES))
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise BadInput("encryptor.state_key", path=str(path), size=len(key), wanted=_KEY_BYTES)
    return key


def _write(path: Path, data: bytes) -> None:
    """Whole or absent, readable by the owner only."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
    partial.replace(path)


def _sha256(part: bytes) -> bytes:
    return hashlib.sha256(part).digest()


_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024  # ru_maxrss: bytes on macOS, KiB elsewhere


def peak_memory_bytes() -> dict[str, int]:
    """Empty on Windows, which has no ``resource`` module."""
    if sys.platform == "win32":
        return {}
    import resource

    own, child = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {"process": own * _UNIT_BYTES, "worker": child * _UNIT_BYTES}


ENCRYPTOR = "hefed.encryptor/0.1"


@dataclass(frozen=True)
class TableChoices:
    """What the person decided about the table."""

    missing_words: frozenset[str] = frozenset()
    skip_invalid: bool = False
    replace: bool = False
    refused_rows: Path | None = None


@dataclass(frozen=True)
class EncryptChoices:
    workers: int
    seed: int | None = None


@dataclass
class Desk:
    """Where the steps happen: screen, memory of this computer, and a stopwatch for ``--summary``."""

    screen: Screen
    state: LocalState
    summary: dict[str, object] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.seconds[step] = self.seconds.get(step, 0.0) + time.monotonic() - started

    def summarised(self) -> dict[str, object]:
        """Counts, bytes and seconds of this run; nothing about patients but how many there are."""
        return {**self.summary, "seconds": self.seconds, "peak_memory_bytes": peak_memory_bytes()}


def state_name(package: StudyPackage) -> str:
    return f"{package.study}.{package.institution}"


def check_table(desk: Desk, study: Study, path: Path, choices: TableChoices) -> Checked:
    """Check, show the report, list refused rows; raises RowsInvalid when a refused row stops the batch."""
    name = state_name(study.package)
    if choices.replace:
        desk.state.forget_all(name)
    rules = Rules(study.dictionary, study.package.holdout, choices.missing_words, desk.state.already_sent(name))
    with desk.timed("check"), desk.screen.progress(Said("encryptor.checking"), path.stat().st_size, "bytes") as advance:
        checked = check(path, rules, advance)
    desk.screen.report(checked.report, study.dictionary)
    _require_usable(desk, checked, choices)
    return checked


def _require_usable(desk: Desk, checked: Checked, choices: TableChoices) -> None:
    report, refused = checked.report, len(checked.report.refused_rows)
    if refused and choices.refused_rows is not None:
        report.write_refused(choices.refused_rows, desk.screen.language)
        desk.screen.say(Said("encryptor.refused_written", path=str(choices.refused_rows)))
    if refused and not choices.skip_invalid:
        raise RowsInvalid("encryptor.rows_refused", name=checked.table.path.name, refused=refused, rows=report.rows)
    if not report.patients:
        raise RowsInvalid("encryptor.no_patient", name=checked.table.path.name)


def encrypt_table(desk: Desk, sealed: SealedStudy, checked: Checked, out: Path, choices: EncryptChoices) -> BatchReader:
    """Write the batch file block by block."""
    package, profile = sealed.study.package, sealed.study.profile
    plans = plan_blocks(checked.hashes, package.holdout, profile.slots, order_key(choices.seed))
    origin = Origin(package.study, package.institution, package.dictionary_digest)
    sealer = Sealer(checked.table, checked.reader, sealed.keys, origin)
    blocks: list[BlockManifest] = []
    with (
        desk.timed("encrypt"),
        desk.screen.progress(Said("encryptor.encrypting"), len(plans), "blocks") as advance,
        BatchWriter(out) as writer,
    ):
        for block in seal_blocks(sealer, plans, checked.spans, choices.workers):
            writer.add_block(block.index, block.envelope)
            blocks.append(_announced(block))
            advance(1)
        writer.finish(_manifest(desk, sealed, checked, blocks))
    reader = BatchReader(out)
    desk.state.remember(state_name(package), reader.manifest.cohort_digest, checked.hashes)
    _say_encrypted(desk, reader, sealed.fingerprint)
    return reader


def _announced(block: SealedBlock) -> BlockManifest:
    return BlockManifest(
        index=block.index, role=block.role, patients=block.patients, bytes=len(block.envelope), sha256=block.sha256
    )


def _manifest(desk: Desk, sealed: SealedStudy, checked: Checked, blocks: list[BlockManifest]) -> BatchManifest:
    package = sealed.study.package
    return BatchManifest(
        study=package.study,
        institution=package.institution,
        profile=package.profile,
        key_fingerprint=sealed.fingerprint,
        dictionary_version=package.dictionary_version,
        dictionary_digest=package.dictionary_digest,
        cohort_digest=cohort_digest(checked.hashes),
        patients=len(checked.hashes),
        columns=[column.name for column in sealed.study.dictionary.columns],
        blocks=blocks,
        encryptor=ENCRYPTOR,
        shared=desk.state.shared(state_name(package), checked.hashes, package.holdout),
    )


def _say_encrypted(desk: Desk, reader: BatchReader, fingerprint: str) -> None:
    manifest = reader.manifest
    size = sum(block.bytes for block in manifest.blocks)
    roles = {role: sum(b.patients for b in manifest.blocks if b.role == role) for role in ("train", "holdout")}
    desk.summary |= {"patients": manifest.patients, **roles, "blocks": len(manifest.blocks), "bytes": size}
    desk.screen.say(
        Said(
            "encryptor.encrypted",
            columns=len(manifest.columns),
            patients=manifest.patients,
            blocks=len(manifest.blocks),
            megabytes=size / 1e6,
            path=str(reader.path),
        )
    )
    desk.screen.fingerprint(fingerprint)


def upload_batch(desk: Desk, client: HospitalClient, reader: BatchReader) -> BatchStatus:
    """Verify the file, compare it with the study, send what the server lacks."""
    reader.verify()
    package, manifest = client.study(), reader.manifest
    check_study(reader, package)
    size, name = sum(block.bytes for block in manifest.blocks), state_name(package)

    def announced(_: BatchStatus) -> None:
        desk.state.mark_sent(name, manifest.cohort_digest)

    with desk.timed("upload"), desk.screen.progress(Said("encryptor.uploading"), size, "bytes") as advance:
        status = upload(client, reader, Sending(advance=advance, announced=announced))
    desk.summary |= {"batch": status.batch, "state": status.state, "bytes": size}
    desk.screen.say(Said("encryptor.sent", batch=status.batch, megabytes=size / 1e6, state=status.state))
    return status


def await_judgement(
    desk: Desk, client: HospitalClient, sent: tuple[BatchStatus, str], limit_seconds: float | None
) -> None:
    """Say whether the batch is admitted; with a limit, wait for it that long. Raises BatchQuarantined, Conflict.

    ``sent`` is the batch and its cohort digest: a batch that is not in the pool does not block its patients, so that
    another file may hold them again.
    """
    status, cohort = sent
    if limit_seconds is not None and status.state not in FINAL:
        desk.screen.say(Said("encryptor.awaiting"))
        with desk.timed("admission"):
            status = wait_until_final(client, status.batch, limit_seconds, Sending())
    desk.summary["state"] = status.state
    if status.state in ("quarantined", "outdated", "withdrawn"):
        desk.state.forget(state_name(client.study()), cohort)
    judged(status)
    if status.state == "admitted":
        desk.screen.say(Said("encryptor.admitted", batch=status.batch))


def content_name(desk: Desk, package: StudyPackage, path: Path, choices: TableChoices) -> str:
    """A keyed name for this table under this package, so that ``push`` finds what it began."""
    with path.open("rb") as stream:
        content = file_digest(stream, "sha256").digest()
    words = "\0".join(sorted(choices.missing_words))
    return desk.state.keyed_name(
        content, package.model_dump_json().encode(), words.encode(), str(choices.skip_invalid).encode()
    )
