"""A batch while it arrives: its manifest, its blocks, what is missing."""

import contextlib
import fcntl
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from hefed.core.ckks.params import OUTCOME_LEVEL, Profile
from hefed.core.ckks.params import profile as profile_of
from hefed.core.ckks.wire import packed_bytes
from hefed.core.dictionary.variables import DataDictionary
from hefed.core.errors import BadInput, Conflict, EnvelopeInvalid, WrongKey
from hefed.core.protocol import envelope
from hefed.core.protocol.envelope import HEADER_LIMIT_BYTES, PREFIX_BYTES, Label
from hefed.core.protocol.uploads import BatchManifest, BlockManifest
from hefed.core.words import Said
from hospitals.batches.models import Batch, Block
from hospitals.blobs.storage import PIECE_BYTES, sha256_of, store_file
from hospitals.dictionaries.models import DictionaryVersion
from hospitals.institutions.models import Institution
from hospitals.keys.custody import check_custody
from hospitals.keys.models import KeySet
from hospitals.keys.selectors import is_confirmed_by
from hospitals.people.permissions import Busy, TooLarge
from hospitals.states import state_said
from hospitals.studies.models import Study
from hospitals.studies.selectors import current_dictionary, key_in_use
from hospitals.studies.terms import must_accept


def check_manifest(study: Study, institution: Institution, manifest: BatchManifest) -> tuple[KeySet, DictionaryVersion]:
    """The keys and dictionary that the batch was made for; raises BadInput, WrongKey or Conflict."""
    if study.state != Study.State.OPEN:
        raise Conflict("batches.study_not_open", study=study.slug, state=state_said(study.state))
    key_set = key_in_use(study)
    if key_set is None:
        raise Conflict("batches.no_key_yet")
    _check_terms(study, institution)
    _check_address(study, institution, manifest)
    if manifest.key_fingerprint != key_set.fingerprint:
        raise _other_key(study, manifest.key_fingerprint, key_set)
    _check_trusted(key_set, institution)
    dictionary = _check_dictionary(study, manifest)
    check_blocks(profile_of(study.profile), manifest)
    return key_set, dictionary


def _check_terms(study: Study, institution: Institution) -> None:
    terms = must_accept(study, institution)
    if terms is not None:
        raise Conflict("batches.terms_not_accepted", institution=institution.name, version=terms.number)


def _check_address(study: Study, institution: Institution, manifest: BatchManifest) -> None:
    if manifest.study != study.slug:
        raise BadInput("batches.other_study", found=manifest.study, wanted=study.slug)
    if manifest.institution != institution.slug:
        raise BadInput("batches.other_institution", found=manifest.institution, wanted=institution.slug)
    if manifest.profile != study.profile:
        raise BadInput("batches.other_profile", found=manifest.profile, wanted=study.profile)


def _other_key(study: Study, fingerprint: str, key_set: KeySet) -> WrongKey:
    key, present = fingerprint[:16], key_set.fingerprint[:16]
    retired = study.key_sets.filter(fingerprint=fingerprint, state=KeySet.State.RETIRED).first()
    if retired is None or retired.retired_at is None:
        return WrongKey("batches.other_key", key=key, present=present)
    return WrongKey("batches.retired_key", key=key, present=present, day=f"{retired.retired_at:%Y-%m-%d}")


def _check_trusted(key_set: KeySet, institution: Institution) -> None:
    """A person of this hospital compared the key with the custodian, and it has not expired."""
    if key_set.expires_at is not None and key_set.expires_at <= timezone.now():
        raise Conflict("batches.key_expired", day=f"{key_set.expires_at:%Y-%m-%d}")
    check_custody(key_set)
    if not is_confirmed_by(key_set, institution):
        raise Conflict("batches.key_not_confirmed", institution=institution.name, key=key_set.fingerprint[:16])


def _check_dictionary(study: Study, manifest: BatchManifest) -> DictionaryVersion:
    dictionary = current_dictionary(study)
    if dictionary is None:
        raise Conflict("batches.no_dictionary_yet")
    if (manifest.dictionary_version, manifest.dictionary_digest) != (dictionary.number, dictionary.digest):
        raise BadInput(
            "batches.other_dictionary",
            found=manifest.dictionary_version,
            found_digest=manifest.dictionary_digest[:16],
            wanted=dictionary.number,
            wanted_digest=dictionary.digest[:16],
        )
    names = [column.name for column in DataDictionary.from_csv(dictionary.csv).columns]
    if manifest.columns != names:
        raise BadInput("batches.other_columns", columns=len(manifest.columns), known=len(names))
    return dictionary


def check_blocks(profile: Profile, manifest: BatchManifest) -> None:
    """Blocks are numbered from 0, training ones first, and have the size that their columns need."""
    blocks, most = manifest.blocks, settings.HEFED_MAX_BATCH_BLOCKS
    if len(blocks) > most:
        raise BadInput("batches.too_many_blocks", blocks=len(blocks), most=most)
    if [block.index for block in blocks] != list(range(len(blocks))):
        raise BadInput("batches.blocks_not_numbered")
    roles = [block.role for block in blocks]
    if roles != sorted(roles, reverse=True):
        raise BadInput("batches.holdout_first")
    if sum(block.patients for block in blocks) != manifest.patients:
        raise BadInput("batches.patients_differ", patients=manifest.patients)
    if not manifest.order_digest and not all(block.sha256 for block in blocks):
        raise BadInput("batches.no_order")
    _check_sizes(profile, len(manifest.columns), blocks)


def _check_sizes(profile: Profile, n_columns: int, blocks: Sequence[BlockManifest]) -> None:
    payload = block_payload_bytes(profile, n_columns)
    largest = min(payload + PREFIX_BYTES + HEADER_LIMIT_BYTES, settings.HEFED_MAX_BLOCK_BYTES)
    for block in blocks:
        if block.patients > profile.slots:
            raise BadInput("batches.block_too_full", index=block.index, patients=block.patients, most=profile.slots)
        if not payload < block.bytes <= largest:
            raise BadInput("batches.block_size", index=block.index, bytes=block.bytes, least=payload, most=largest)


def block_items(profile: Profile, n_columns: int) -> list[int]:
    """Byte lengths of a block's items: the columns, then the outcome."""
    return [packed_bytes(profile, profile.max_level)] * n_columns + [packed_bytes(profile, OUTCOME_LEVEL)]


def block_payload_bytes(profile: Profile, n_columns: int) -> int:
    return sum(block_items(profile, n_columns))


_log = logging.getLogger(__name__)


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class WrongOffset(Conflict):
    """The client continues from another byte than the server has; ``right`` is where to go on."""

    def __init__(self, said: Said, right: int) -> None:
        super().__init__(said)
        self.right = right


def receive_piece(block: Block, offset: int, stream: Readable, length: int) -> Block:
    """Append up to ``length`` bytes at ``offset``; the last byte of the block triggers the check of the whole.

    Raises WrongOffset, TooLarge, Conflict (two senders at once, or the batch no longer uploads), EnvelopeInvalid.
    """
    with _locked_part(block) as file:
        block.refresh_from_db()
        _check_open(block)
        start = _resume_at(block, file)
        if offset != start:
            said = Said("batches.other_offset", index=block.index, offset=offset, start=start)
            raise WrongOffset(said, start)
        if offset + length > block.bytes:
            raise TooLarge("batches.block_too_long", length=length, offset=offset, index=block.index, bytes=block.bytes)
        _append(block, file, stream, length)
        if block.received_bytes == block.bytes and block.state != Block.State.STORED:
            _finish(block, Path(file.name))
    return block


def declare_digest(block: Block, offset: int, digest: str) -> None:
    """Note the digest of a block that was announced without one; a new one at byte 0 begins the block anew.

    Encrypting twice gives two ciphertexts, so a page that was closed within a block cannot continue it, only repeat it.
    """
    if block.batch.manifest["blocks"][block.index]["sha256"]:
        return
    with _locked_part(block):
        block.refresh_from_db(fields=["sha256", "state", "received_bytes"])
        if block.state == Block.State.STORED or (block.sha256 and digest in ("", block.sha256)):
            return
        _check_open(block)
        if not digest:
            raise BadInput("batches.no_digest", index=block.index)
        if offset:
            raise WrongOffset(Said("batches.begins_anew", index=block.index), 0)
        block.sha256 = digest
        block.received_bytes, block.state = 0, Block.State.WAITING
        block.save(update_fields=["sha256", "received_bytes", "state"])


def finish_full_blocks(batch: Batch) -> None:
    """Store the blocks whose bytes are all here and which could not be stored when the last byte came.

    A block whose bytes are gone since, or are not those that were announced, begins anew where its bytes end.
    """
    rows = batch.blocks.exclude(state=Block.State.STORED).filter(received_bytes=F("bytes"))
    for block in rows.select_related("batch__study", "batch__key_set", "batch__dictionary", "batch__institution"):
        with _locked_part(block) as file:
            block.refresh_from_db(fields=["state", "received_bytes", "blob", "sha256"])
            if block.state != Block.State.STORED:
                _finish_or_shorten(block, file)


def _finish_or_shorten(block: Block, file: BinaryIO) -> None:
    start = _resume_at(block, file)
    if start < block.bytes:
        _save(block, start, Block.State.PARTIAL if start else Block.State.WAITING)
        return
    try:
        _finish(block, Path(file.name))
    except EnvelopeInvalid as refused:
        _log.info("block %s of %s begins anew: %s", block.index, block.batch.name, refused)


def forget_upload(block: Block) -> None:
    _part_path(block).unlink(missing_ok=True)


def _part_path(block: Block) -> Path:
    return Path(settings.HEFED_UPLOAD_DIR) / f"batch-{block.batch_id}-block-{block.index}.part"


@contextlib.contextmanager
def _locked_part(block: Block) -> Iterator[BinaryIO]:
    """The block's part file, held by one request at a time on this machine."""
    path = _part_path(block)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    with path.open("r+b", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy("batches.block_busy", index=block.index) from error
        yield file
    if block.state == Block.State.STORED:
        path.unlink(missing_ok=True)


def _check_open(block: Block) -> None:
    state = Batch.objects.values_list("state", flat=True).get(pk=block.batch_id)
    if state != Batch.State.UPLOADING:
        raise Conflict("batches.not_uploading", index=block.index, state=state_said(state))


def _resume_at(block: Block, file: BinaryIO) -> int:
    """Where the next byte goes. The row is the truth; bytes beyond it came with a request that never ended."""
    if block.state == Block.State.STORED:
        return block.bytes
    on_disk = file.seek(0, 2)
    start = min(block.received_bytes, on_disk)
    file.truncate(start)
    file.seek(start)
    return start


def _append(block: Block, file: BinaryIO, stream: Readable, length: int) -> None:
    """Copy in pieces of 1 MiB; what is on the disk before a broken connection, or before the disk is full, counts."""
    left = length
    try:
        while left and (piece := _read(block, stream, min(left, PIECE_BYTES), file.tell())):
            left -= len(piece)
            _write(file, piece)
    finally:
        if block.state != Block.State.STORED:
            received = file.tell()
            _save(block, received, Block.State.PARTIAL if received else Block.State.WAITING)


def _read(block: Block, stream: Readable, size: int, position: int) -> bytes:
    try:
        return stream.read(size)
    except OSError as error:
        raise BadInput("batches.connection_broke", position=position, index=block.index) from error


def _write(file: BinaryIO, piece: bytes) -> None:
    """All of a piece: a write to an unbuffered file may take only its beginning."""
    rest = memoryview(piece)
    while rest:
        rest = rest[file.write(rest) :]


def _save(block: Block, received_bytes: int, state: Block.State) -> None:
    block.received_bytes, block.state = received_bytes, state
    block.save(update_fields=["received_bytes", "state"])


def _finish(block: Block, path: Path) -> None:
    """Digest and envelope must be the announced ones; else the block starts again from byte 0."""
    try:
        digest = sha256_of(path)
        if digest != block.sha256:
            raise EnvelopeInvalid(
                "batches.other_digest", index=block.index, digest=digest[:16], announced=block.sha256[:16]
            )
        with path.open("rb") as stream:
            check_block_header(block, envelope.read_header(stream))
    except EnvelopeInvalid:
        _save(block, 0, Block.State.WAITING)
        raise
    block.blob = store_file(path, digest)
    block.state = Block.State.STORED
    block.save(update_fields=["blob", "state"])


def check_block_header(block: Block, header: envelope.Header) -> None:
    """The envelope must be of this study, key, batch and place, with items of the sizes that the columns need."""
    batch = block.batch
    envelope.check_label(header, Label("block", batch.study.slug, batch.study.profile, batch.key_set.fingerprint))
    expected = {
        "institution": batch.institution.slug,
        "dictionary_digest": batch.dictionary.digest,
        "role": block.role,
        "patients": block.patients,
        "index": block.index,
    }
    for name, value in expected.items():
        if header.meta.get(name) != value:
            raise EnvelopeInvalid(
                "batches.other_envelope",
                index=block.index,
                field=name,
                found=f"{header.meta.get(name)!r:.80}",
                wanted=repr(value),
            )
    if header.items != block_items(profile_of(batch.study.profile), len(batch.manifest["columns"])):
        raise EnvelopeInvalid("batches.other_items", index=block.index, items=len(header.items))
