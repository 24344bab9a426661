"""The steps of an upload as the commands call them: check, encrypt, send."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path

from hefed.core.errors import RowsInvalid
from hefed.core.protocol.cohort import cohort_digest
from hefed.core.protocol.uploads import BatchManifest, BatchStatus, BlockManifest, StudyPackage
from hefed.core.words import Said
from hefed.encryptor.batchfile import BatchReader, BatchWriter
from hefed.encryptor.blocks import Origin, SealedBlock, Sealer, order_key, plan_blocks, seal_blocks
from hefed.encryptor.check import Checked, Rules, check
from hefed.encryptor.client import HospitalClient
from hefed.encryptor.screen import Screen
from hefed.encryptor.state import LocalState
from hefed.encryptor.study import SealedStudy, Study
from hefed.encryptor.upload import FINAL, Sending, check_study, judged, upload, wait_until_final

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
        writer.finish(_manifest(sealed, checked, blocks))
    reader = BatchReader(out)
    desk.state.remember(state_name(package), reader.manifest.cohort_digest, checked.hashes)
    _say_encrypted(desk, reader, sealed.fingerprint)
    return reader


def _announced(block: SealedBlock) -> BlockManifest:
    return BlockManifest(
        index=block.index, role=block.role, patients=block.patients, bytes=len(block.envelope), sha256=block.sha256
    )


def _manifest(sealed: SealedStudy, checked: Checked, blocks: list[BlockManifest]) -> BatchManifest:
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
