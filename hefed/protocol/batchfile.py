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

from hefed.errors import BatchFileInvalid
from hefed.protocol.messages import BatchManifest, BlockManifest

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
                raise self._refusal("an entry appears twice")
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
                raise self._refusal(f"block {block.index} does not match its digest")

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
            raise self._refusal("it ends before its last entry does") from error
        except zipfile.BadZipFile as error:
            raise self._refusal(f"it is damaged ({error})") from error

    def _translated(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except OSError as error:
            raise self._unreadable(error) from error
        except _ZIP_ERRORS as error:
            raise self._refusal(f"it is not a whole ZIP ({error})") from error

    def _check_entry(self, info: zipfile.ZipInfo) -> None:
        if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
            raise self._refusal(f"entry {info.filename!r:.60} is compressed, only stored entries are allowed")
        if info.flag_bits & _ENCRYPTED_FLAG:
            raise self._refusal(f"entry {info.filename!r:.60} has a ZIP password")

    def _read_manifest(self, archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo]) -> BatchManifest:
        if MANIFEST not in entries:
            raise self._refusal(f"{MANIFEST} is missing")
        if entries[MANIFEST].file_size > MANIFEST_LIMIT_BYTES:
            raise self._refusal(f"{MANIFEST} has {entries[MANIFEST].file_size} bytes, limit {MANIFEST_LIMIT_BYTES}")
        try:
            return BatchManifest.model_validate_json(self._translated(lambda: archive.read(MANIFEST)))
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(map(str, first["loc"])) or "JSON"
            raise self._refusal(f"{MANIFEST}: {place}: {first['msg']}") from error

    def _check_blocks(self, entries: dict[str, zipfile.ZipInfo]) -> None:
        blocks = self.manifest.blocks
        if [block.index for block in blocks] != list(range(len(blocks))) or len(blocks) > BLOCK_LIMIT:
            raise self._refusal(f"its {len(blocks)} blocks are not numbered from 0 without gaps")
        if sum(block.patients for block in blocks) != self.manifest.patients:
            raise self._refusal("its blocks do not add up to its patients")
        if unknown := entries.keys() - {MANIFEST} - {block_name(block.index) for block in blocks}:
            raise self._refusal(f"{len(unknown)} entries are not in its manifest")
        for block in blocks:
            self._check_size(block, entries)

    def _check_size(self, block: BlockManifest, entries: dict[str, zipfile.ZipInfo]) -> None:
        info = entries.get(block_name(block.index))
        if info is None or info.file_size != block.bytes:
            found = "absent" if info is None else f"{info.file_size} bytes"
            raise self._refusal(f"block {block.index} is {found}, its manifest says {block.bytes} bytes")

    def _unreadable(self, error: OSError) -> BatchFileInvalid:
        """The file may be whole: it is gone, may not be read, or its disk fails."""
        return BatchFileInvalid(
            f"cannot use batch file {self.path.name}: it cannot be read ({error.strerror or error}); check that it is "
            "still there, that you may read it and that its disk works, then try again, or encrypt the table again"
        )

    def _refusal(self, fact: str) -> BatchFileInvalid:
        return BatchFileInvalid(f"cannot use batch file {self.path.name}: {fact}; encrypt the table again")


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=_EPOCH)
    info.external_attr = 0o600 << 16
    return info
