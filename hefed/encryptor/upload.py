"""Send a batch file so that nothing is lost when the line is cut: byte offsets, digests, and the same answer twice."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from hefed.core.errors import BatchQuarantined, Conflict, RemoteFailed, WrongKey
from hefed.core.protocol.uploads import BatchState, BatchStatus, BlockManifest, StudyPackage
from hefed.core.words import Said
from hefed.encryptor.batchfile import BatchReader
from hefed.encryptor.client import BlockRejected, HospitalClient, WrongOffset

_log = logging.getLogger(__name__)
PIECE_BYTES = 8 * 1024 * 1024
_BLOCK_ATTEMPTS = 3
_COMPLETE_ATTEMPTS = 3
FINAL: frozenset[BatchState] = frozenset({"admitted", "quarantined", "outdated", "withdrawn"})


@dataclass(frozen=True)
class Sending:
    """How to send: piece size, whom to tell about the batch and bytes done, how to sleep between polls."""

    piece_bytes: int = PIECE_BYTES
    advance: Callable[[int], object] = lambda _: None
    announced: Callable[[BatchStatus], object] = lambda _: None
    poll_seconds: float = 2.0
    sleep: Callable[[float], None] = field(default=time.sleep)


def check_study(reader: BatchReader, package: StudyPackage) -> None:
    """Raise WrongKey unless the batch was made for this study, institution, key and dictionary."""
    manifest, key = reader.manifest, package.key
    expected = {
        "study": package.study,
        "institution": package.institution,
        "profile": package.profile,
        "key_fingerprint": key.fingerprint if key else "",
        "dictionary_digest": package.dictionary_digest,
    }
    for name, value in expected.items():
        if getattr(manifest, name) != value:
            found, wanted = getattr(manifest, name), value or Said("encryptor.not_published")
            raise WrongKey("encryptor.other_study", name=reader.path.name, field=name, found=found, wanted=wanted)


def upload(client: HospitalClient, reader: BatchReader, sending: Sending) -> BatchStatus:
    """Announce, send what the server lacks, complete. Raises Conflict, RemoteFailed; safe to call again.

    A server that could not keep a block, its disk was full, may have begun it anew: it is then sent again.
    """
    status = client.announce(reader.manifest)
    sending.announced(status)
    if status.state != "uploading":
        sending.advance(sum(block.bytes for block in reader.manifest.blocks))
        return status
    sending.advance(_held(status))
    attempts = _COMPLETE_ATTEMPTS
    while True:
        _send_missing(client, reader, status, sending)
        try:
            return client.complete(status.batch)
        except Conflict:
            now, attempts = client.batch(status.batch), attempts - 1
            lost = sum(block.bytes for block in reader.manifest.blocks) - _held(now)
            if now.state != "uploading" or not lost or not attempts:
                raise
            _log.info("the server lost %d bytes of %s, sending them again", lost, now.batch)
            sending.advance(-lost)
            status = now


def _held(status: BatchStatus) -> int:
    return sum(block.received_bytes for block in status.blocks)


def _send_missing(client: HospitalClient, reader: BatchReader, status: BatchStatus, sending: Sending) -> None:
    for block in reader.manifest.blocks:
        _BlockUpload(client, reader, status.batch, block, sending, _received(status, block.index)).run()


def wait_until_final(client: HospitalClient, batch: str, limit_seconds: float, sending: Sending) -> BatchStatus:
    """Poll until the batch is admitted, quarantined or withdrawn; raises RemoteFailed when that takes too long."""
    waited = 0.0
    while (status := client.batch(batch)).state not in FINAL:
        if waited >= limit_seconds:
            raise RemoteFailed("encryptor.not_yet", batch=batch, state=status.state, waited=waited)
        sending.sleep(sending.poll_seconds)
        waited += sending.poll_seconds
    return status


def judged(status: BatchStatus) -> None:
    """Raise the error that a final state other than admitted means."""
    reason = status.reason or Said("encryptor.no_reason")
    if status.state == "quarantined":
        raise BatchQuarantined("encryptor.quarantined", batch=status.batch, reason=reason)
    if status.state in ("withdrawn", "outdated"):
        raise Conflict("encryptor.batch_over", batch=status.batch, state=status.state, reason=reason)


def _received(status: BatchStatus, index: int) -> int:
    return next((block.received_bytes for block in status.blocks if block.index == index), 0)


@dataclass
class _BlockUpload:
    """One block on its way: ``sent`` bytes are at the server as far as known, ``stale`` after a cut."""

    client: HospitalClient
    reader: BatchReader
    batch: str
    block: BlockManifest
    sending: Sending
    sent: int = 0
    stale: bool = False

    def run(self) -> None:
        """Send what is missing; a block that arrived damaged is sent again from 0, a few times."""
        for attempt in range(1, _BLOCK_ATTEMPTS + 1):
            try:
                while self.sent < self.block.bytes:
                    self.client.repeated(self._send_piece, f"block {self.block.index}")
                return
            except BlockRejected:
                if attempt == _BLOCK_ATTEMPTS:
                    raise
                _log.info("block %d of %s arrived damaged, sending it again", self.block.index, self.batch)
                self._move(0)

    def _send_piece(self) -> None:
        """One piece; after a cut the server is asked first how much of the last one arrived."""
        if self.stale:
            self._move(_received(self.client.batch(self.batch), self.block.index))
        if self.sent >= self.block.bytes:
            return
        before, self.stale = self.sent, True
        try:
            self._move(self.client.append(self.batch, self.block.index, before, self._piece()).received_bytes)
        except WrongOffset as error:
            self._move(error.expected)
        if self.sent == before:
            raise RemoteFailed("encryptor.server_stays", index=self.block.index, size=before)

    def _piece(self) -> bytes:
        with self.reader.open_block(self.block.index) as stream:
            stream.seek(self.sent)
            return stream.read(self.sending.piece_bytes)

    def _move(self, to: int) -> None:
        self.sending.advance(to - self.sent)
        self.sent, self.stale = to, False
