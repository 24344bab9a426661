"""A batch file is a plain ZIP for everybody, and nothing but the writer's own form is read."""

import errno
import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hefed.core.errors import BatchFileInvalid
from hefed.core.protocol.uploads import BatchManifest, BlockManifest
from hefed.core.words import Fact
from hefed.encryptor.batchfile import MANIFEST, BatchReader, BatchWriter, block_name
from tests.words.raises import says

BLOCKS = [b"first block" * 100, b"second block" * 50]


def manifest(blocks: list[bytes] = BLOCKS) -> BatchManifest:
    described = [
        BlockManifest(index=n, role="train", patients=3, bytes=len(b), sha256=hashlib.sha256(b).hexdigest())
        for n, b in enumerate(blocks)
    ]
    return BatchManifest(
        study="s",
        institution="a",
        profile="p",
        key_fingerprint="0" * 64,
        dictionary_version=1,
        dictionary_digest="1" * 64,
        cohort_digest="2" * 64,
        patients=3 * len(blocks),
        columns=["intercept", "age"],
        blocks=described,
        encryptor="test",
    )


@pytest.fixture
def batch(tmp_path: Path) -> Path:
    path = tmp_path / "batch.hefed.zip"
    with BatchWriter(path) as writer:
        for index, block in enumerate(BLOCKS):
            writer.add_block(index, block)
        writer.finish(manifest())
    return path


def rewritten(path: Path, entries: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def entries() -> dict[str, bytes]:
    return {MANIFEST: manifest().model_dump_json().encode(), **{block_name(n): b for n, b in enumerate(BLOCKS)}}


def refused(path: Path, why: str, **facts: Fact) -> None:
    """Opened or verified, the file is refused for this reason."""
    with says(why, BatchFileInvalid, **facts):
        BatchReader(path).verify()


def test_blocks_and_manifest_read_back(batch: Path) -> None:
    reader = BatchReader(batch)
    reader.verify()

    assert reader.manifest == manifest()
    with reader.open_block(1) as stream:
        stream.seek(7)
        assert stream.read() == BLOCKS[1][7:]


def test_any_zip_tool_lists_a_batch_file(batch: Path) -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "zipfile", "-l", str(batch)], capture_output=True, text=True, check=True
    )
    assert [line.split()[0] for line in listed.stdout.splitlines()[1:]] == [
        "blocks/0000.hefed",
        "blocks/0001.hefed",
        MANIFEST,
    ]
    with zipfile.ZipFile(batch) as archive:
        assert archive.testzip() is None
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}


def test_unfinished_batch_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), BatchWriter(tmp_path / "batch.hefed.zip") as writer:
        writer.add_block(0, BLOCKS[0])
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_truncated_file_is_refused_at_every_length(batch: Path, data: st.DataObject) -> None:
    whole = batch.read_bytes()
    cut = batch.with_name("cut.hefed.zip")
    cut.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(BatchFileInvalid):
        BatchReader(cut).verify()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_flipped_bit_never_goes_unnoticed(batch: Path, data: st.DataObject) -> None:
    damaged = bytearray(batch.read_bytes())
    damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path = batch.with_name("flipped.hefed.zip")
    path.write_bytes(damaged)
    try:
        reader = BatchReader(path)
        reader.verify()
    except BatchFileInvalid:
        return
    assert reader.manifest == manifest()  # the bit was in a time stamp or another field without meaning here


def test_deflated_bomb_is_refused_before_it_inflates(tmp_path: Path) -> None:
    bomb = entries() | {block_name(0): bytes(200_000_000)}
    path = rewritten(tmp_path / "bomb.hefed.zip", bomb, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 1_000_000
    refused(path, "protocol.zip_compressed")


@pytest.mark.parametrize(
    ("change", "why", "facts"),
    [
        ({MANIFEST: None}, "protocol.manifest_missing", {"name": MANIFEST}),
        ({MANIFEST: b"{}"}, "protocol.field", {"place": "manifest.json: study"}),
        ({MANIFEST: b"not json"}, "protocol.field", {"place": "manifest.json: JSON"}),
        ({MANIFEST: b" " * 5_000_000}, "protocol.manifest_long", {"size": 5_000_000}),
        ({block_name(1): None}, "protocol.block_absent", {"index": 1}),
        ({block_name(1): b"short"}, "protocol.block_size", {"index": 1, "size": 5}),
        ({block_name(0): BLOCKS[0][::-1]}, "protocol.block_digest", {"index": 0}),
        ({"../evil": b"x"}, "protocol.entries_unknown", {"entries": 1}),
    ],
)
def test_archive_that_is_not_the_announced_batch_is_refused(
    tmp_path: Path, change: dict[str, bytes | None], why: str, facts: dict[str, Fact]
) -> None:
    changed = {name: data for name, data in (entries() | change).items() if data is not None}
    refused(rewritten(tmp_path / "odd.hefed.zip", changed), why, **facts)


def test_entry_that_appears_twice_is_refused(batch: Path) -> None:
    with zipfile.ZipFile(batch, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(block_name(0), b"other")
    refused(batch, "protocol.entry_twice")


def unreadable(path: Path, reason: str) -> None:
    refused(path, "protocol.batch_file_unreadable", name=path.name, reason=reason)


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    unreadable(tmp_path / "gone.hefed.zip", os.strerror(errno.ENOENT))


def test_folder_in_place_of_a_file_is_named(tmp_path: Path) -> None:
    unreadable(tmp_path, os.strerror(errno.EISDIR))


def test_file_that_vanishes_before_it_is_sent_is_named(batch: Path) -> None:
    reader = BatchReader(batch)
    batch.unlink()
    with says("protocol.batch_file_unreadable", BatchFileInvalid), reader.open_block(0) as stream:
        stream.read()


def test_file_that_is_cut_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path, block = tmp_path / "batch.hefed.zip", bytes(300_000)  # more than any buffer holds
    with BatchWriter(path) as writer:
        writer.add_block(0, block)
        writer.finish(manifest([block]))
    reader = BatchReader(path)
    with says("protocol.zip_ends_early", BatchFileInvalid), reader.open_block(0) as stream:
        os.truncate(path, 100_000)
        while stream.read(50_000):
            pass


def test_disk_that_fails_while_the_file_is_read_is_named(batch: Path) -> None:
    with says("protocol.batch_file_unreadable", BatchFileInvalid), BatchReader(batch).open_block(0):
        raise OSError(errno.EIO, os.strerror(errno.EIO))
