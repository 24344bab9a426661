"""The batch file ``*.hefed.zip``: a ZIP of stored entries that any ZIP tool can list, and nothing else in it.

Pure and streaming: the writer holds one block, the reader none. Stored only, so that nothing can inflate.
"""

import hashlib
import struct
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, TypeVar

from pydantic import ValidationError

from hefed.core.errors import BatchFileInvalid
from hefed.core.protocol.uploads import BatchManifest, BlockManifest
from hefed.core.words import Said

MANIFEST = "manifest.json"
MANIFEST_LIMIT_BYTES = 4 * 1024 * 1024
BLOCK_LIMIT = 10_000
_CHUNK_BYTES = 1024 * 1024
_ENCRYPTED_FLAG = 0x1
_EPOCH = (1980, 1, 1, 0, 0, 0)  # an entry's time would say when a patient list was sent
_ZIP_ERRORS = (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError, struct.error)

T = TypeVar("T")


def block_name(index: int) -> str:
    return f"blocks/{index:04d}.hefed"


class BatchWriter:
    """Writes a batch file next to its final name and renames it when the manifest, the last entry, is in.

    A file under the final name is therefore always whole; leaving the ``with`` before ``finish`` removes the rest.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._partial = path.with_name(f"{path.name}.part")

    def __enter__(self) -> "BatchWriter":
        self._zip = zipfile.ZipFile(self._partial, "w", zipfile.ZIP_STORED)
        return self

    def add_block(self, index: int, envelope: bytes) -> None:
        self._zip.writestr(_entry(block_name(index)), envelope)

    def finish(self, manifest: BatchManifest) -> None:
        self._zip.writestr(_entry(MANIFEST), manifest.model_dump_json(indent=1))
        self._zip.close()
        self._partial.replace(self._path)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()
        self._partial.unlink(missing_ok=True)


class BatchReader:
    """A checked view of a batch file; raises BatchFileInvalid for anything that the writer would not have written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._opened() as archive:
            entries = {info.filename: info for info in archive.infolist()}
            if len(entries) < len(archive.infolist()):
                raise self._refusal(Said("protocol.entry_twice"))
            for info in entries.values():
                self._check_entry(info)
            self.manifest = self._read_manifest(archive, entries)
        self._check_blocks(entries)

    def verify(self) -> None:
        """Read every block and compare it with its digest in the manifest."""
        for block in self.manifest.blocks:
            with self.open_block(block.index) as stream:
                digest = hashlib.sha256()
                while piece := stream.read(_CHUNK_BYTES):
                    digest.update(piece)
            if digest.hexdigest() != block.sha256:
                raise self._refusal(Said("protocol.block_digest", index=block.index))

    @contextmanager
    def open_block(self, index: int) -> Iterator[IO[bytes]]:
        """A seekable stream of one block's envelope."""
        with self._opened() as archive:
            stream = self._translated(lambda: archive.open(block_name(index)))
            with stream:
                yield stream

    @contextmanager
    def _opened(self) -> Iterator[zipfile.ZipFile]:
        archive = self._translated(lambda: zipfile.ZipFile(self.path))
        try:
            with archive:
                yield archive
        except OSError as error:  # from here on: while a stream is read
            raise self._unreadable(error) from error
        except EOFError as error:
            raise self._refusal(Said("protocol.zip_ends_early")) from error
        except zipfile.BadZipFile as error:
            raise self._refusal(Said("protocol.zip_damaged", message=str(error))) from error

    def _translated(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except OSError as error:
            raise self._unreadable(error) from error
        except _ZIP_ERRORS as error:
            raise self._refusal(Said("protocol.no_zip", message=str(error))) from error

    def _check_entry(self, info: zipfile.ZipInfo) -> None:
        if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
            raise self._refusal(Said("protocol.zip_compressed", entry=info.filename[:60]))
        if info.flag_bits & _ENCRYPTED_FLAG:
            raise self._refusal(Said("protocol.zip_password", entry=info.filename[:60]))

    def _read_manifest(self, archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo]) -> BatchManifest:
        if MANIFEST not in entries:
            raise self._refusal(Said("protocol.manifest_missing", name=MANIFEST))
        if entries[MANIFEST].file_size > MANIFEST_LIMIT_BYTES:
            size = entries[MANIFEST].file_size
            raise self._refusal(Said("protocol.manifest_long", name=MANIFEST, size=size, limit=MANIFEST_LIMIT_BYTES))
        try:
            return BatchManifest.model_validate_json(self._translated(lambda: archive.read(MANIFEST)))
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(map(str, first["loc"])) or "JSON"
            raise self._refusal(Said("protocol.field", place=f"{MANIFEST}: {place}", message=first["msg"])) from error

    def _check_blocks(self, entries: dict[str, zipfile.ZipInfo]) -> None:
        blocks = self.manifest.blocks
        if [block.index for block in blocks] != list(range(len(blocks))) or len(blocks) > BLOCK_LIMIT:
            raise self._refusal(Said("protocol.blocks_numbered", blocks=len(blocks)))
        if sum(block.patients for block in blocks) != self.manifest.patients:
            raise self._refusal(Said("protocol.blocks_add_up"))
        if unknown := entries.keys() - {MANIFEST} - {block_name(block.index) for block in blocks}:
            raise self._refusal(Said("protocol.entries_unknown", entries=len(unknown)))
        for block in blocks:
            self._check_size(block, entries)

    def _check_size(self, block: BlockManifest, entries: dict[str, zipfile.ZipInfo]) -> None:
        info = entries.get(block_name(block.index))
        if info is None:
            raise self._refusal(Said("protocol.block_absent", index=block.index, announced=block.bytes))
        if info.file_size != block.bytes:
            size = info.file_size
            raise self._refusal(Said("protocol.block_size", index=block.index, size=size, announced=block.bytes))

    def _unreadable(self, error: OSError) -> BatchFileInvalid:
        """The file may be whole: it is gone, may not be read, or its disk fails."""
        return BatchFileInvalid(
            "protocol.batch_file_unreadable", name=self.path.name, reason=str(error.strerror or error)
        )

    def _refusal(self, why: Said) -> BatchFileInvalid:
        return BatchFileInvalid("protocol.batch_file", name=self.path.name, why=why)


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=_EPOCH)
    info.external_attr = 0o600 << 16
    return info
