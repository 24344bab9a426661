"""A disk that fills while a hospital uploads or a worker computes: nothing is kept by halves, and it goes on after."""

import errno
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.wsgi import get_wsgi_application
from django.utils import timezone
from tenacity import wait_none

from hefed.core.errors import RemoteFailed
from hefed.core.words import Said
from hefed.encryptor.batchfile import BatchReader, BatchWriter
from hefed.encryptor.client import PATIENCE, HospitalClient
from hefed.encryptor.upload import Sending
from hefed.encryptor.upload import upload as send
from hospitals.batches.models import Batch, Block
from hospitals.blobs.models import Blob
from hospitals.blobs.storage import store_file
from tests.server.cohort import Upload
from tests.server.conftest import Api
from tests.server.small_disk import SmallDisk, mounted
from tests.server.training import deliver
from tests.words.raises import answers, holds, says
from training.jobs.models import Chunk, CustodianRequest
from training.jobs.sweeping import sweep

DATA = bytes(range(256)) * 400
DIGEST = hashlib.sha256(DATA).hexdigest()


class BreaksOff(File):
    """A file whose reader gets half of it, then the error of a full disk."""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        yield DATA[: len(DATA) // 2]
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(DATA)
    return path


@pytest.fixture
def disk(settings, tmp_path: Path) -> Iterator[SmallDisk]:
    """The server's own disk, for part files and blobs. A test names it first: the keys must lie there too."""
    with mounted(tmp_path / "disk", 32 * 1024**2) as small:
        settings.HEFED_UPLOAD_DIR = small.folder / "uploads"
        stored = settings.STORAGES["default"]
        options = {**stored["OPTIONS"], "location": small.folder / "blobs"}
        settings.STORAGES = {**settings.STORAGES, "default": {**stored, "OPTIONS": options}}
        yield small


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def bytes_of(block: Block) -> bytes:
    with default_storage.open(block.blob.path) as file:
        return file.read()


def test_write_that_breaks_off_leaves_nothing_behind(settings, source: Path):
    with source.open("rb") as file, pytest.raises(OSError, match="No space left"):
        default_storage.save("ab/cd/abcd", BreaksOff(file))
    assert not default_storage.exists("ab/cd/abcd")
    assert files_of(settings.STORAGES["default"]["OPTIONS"]["location"]) == []


@pytest.mark.parametrize("found", [b"", DATA[:-1], bytes(len(DATA))], ids=["empty", "short", "of the right size"])
def test_damaged_file_at_a_digests_address_is_not_believed(db, settings, source: Path, found: bytes):
    path = settings.STORAGES["default"]["OPTIONS"]["location"] / Blob(digest=DIGEST).path
    path.parent.mkdir(parents=True)
    path.write_bytes(found)
    store_file(source)
    assert path.read_bytes() == DATA


def test_file_that_is_whole_is_not_written_again(db, settings, source: Path):
    blob = store_file(source)
    path = settings.STORAGES["default"]["OPTIONS"]["location"] / blob.path
    before = path.stat().st_ino
    assert store_file(source) == blob
    assert path.stat().st_ino == before


def test_blob_can_be_read_by_the_server_alone(db, settings, source: Path):
    path = settings.STORAGES["default"]["OPTIONS"]["location"] / store_file(source).path
    assert [one.stat().st_mode & 0o777 for one in (path, path.parent)] == [0o600, 0o700]


def test_disk_that_fills_while_bytes_arrive_is_said_and_keeps_what_arrived(disk: SmallDisk, north: Api, upload: Upload):
    batch, block = north.announce(upload).json()["batch"], upload.blocks[0]
    disk.fill(leave_bytes=len(block) // 2)

    refused = north.append(batch, 0, 0, block)

    answers(refused, 507, "server.disk_full")
    kept = north.get(f"batches/{batch}").json()["blocks"][0]
    assert (kept["state"], 0 < kept["received_bytes"] < len(block)) == ("partial", True)
    disk.empty()
    rest = north.append(batch, 0, kept["received_bytes"], block[kept["received_bytes"] :])
    assert rest.json()["state"] == "stored"
    assert bytes_of(Block.objects.get(index=0)) == block


def full_but_not_stored(north: Api, upload: Upload, disk: SmallDisk) -> str:
    """The bytes of block 0 are all there, and the disk had no room to keep the block."""
    batch = north.announce(upload).json()["batch"]
    disk.fill(leave_bytes=len(upload.blocks[0]) + 50_000)
    assert north.append(batch, 0, 0, upload.blocks[0]).status_code == 507
    status = north.get(f"batches/{batch}").json()["blocks"][0]
    assert (status["state"], status["received_bytes"]) == ("partial", len(upload.blocks[0]))
    assert not Blob.objects.filter(digest=upload.manifest.blocks[0].sha256).exists()
    return batch


def test_block_that_could_not_be_kept_is_finished_at_complete(disk: SmallDisk, north: Api, upload: Upload, broker):
    batch = full_but_not_stored(north, upload, disk)
    disk.empty()
    for index in (1, 2):
        north.append(batch, index, 0, upload.blocks[index])

    assert north.post(f"batches/{batch}/complete").json()["state"] == "checking"
    assert [bytes_of(block) for block in Block.objects.all()] == upload.blocks
    assert files_of(disk.folder / "uploads") == []


def test_completing_while_the_disk_is_still_full_is_507_and_changes_nothing(
    disk: SmallDisk, north: Api, upload: Upload
):
    batch = full_but_not_stored(north, upload, disk)
    disk.fill(leave_bytes=len(upload.blocks[0]) // 2)
    assert north.post(f"batches/{batch}/complete").status_code == 507
    assert Batch.objects.get().state == Batch.State.UPLOADING


def test_block_whose_bytes_were_lost_begins_anew_at_complete(disk: SmallDisk, north: Api, upload: Upload, broker):
    batch = full_but_not_stored(north, upload, disk)
    disk.empty()
    for path in files_of(disk.folder / "uploads"):
        path.unlink()
    assert north.post(f"batches/{batch}/complete").status_code == 409
    assert north.get(f"batches/{batch}").json()["blocks"][0]["received_bytes"] == 0


@pytest.fixture
def reader(tmp_path: Path, upload: Upload) -> BatchReader:
    path = tmp_path / "batch.hefed.zip"
    with BatchWriter(path) as writer:
        for index, block in enumerate(upload.blocks):
            writer.add_block(index, block)
        writer.finish(upload.manifest)
    return BatchReader(path)


@pytest.fixture
def hospital(north: Api) -> Iterator[HospitalClient]:
    """The product's client, whose requests reach the application in this process and whose waits are short."""
    patience = replace(PATIENCE, wait=wait_none(), longest_wait_seconds=0.0)
    token = north.headers["Authorization"].removeprefix("Bearer ")
    application = httpx.WSGITransport(app=get_wsgi_application(), raise_app_exceptions=True)
    with HospitalClient("http://testserver", token, patience, application) as client:
        yield client


def test_command_line_says_that_the_disk_is_full_and_the_same_command_goes_on(
    disk: SmallDisk, hospital: HospitalClient, reader: BatchReader, upload: Upload, broker
):
    disk.fill(leave_bytes=len(upload.blocks[0]) + 50_000)
    with says("server.unreachable", RemoteFailed, what="block 1", advice=Said("server.check_network")) as refused:
        send(hospital, reader, Sending(piece_bytes=50_000))
    assert holds(refused.value.said, "server.disk_full")
    disk.empty()
    assert send(hospital, reader, Sending(piece_bytes=50_000)).state == "checking"
    assert [bytes_of(block) for block in Block.objects.all()] == upload.blocks


def test_command_line_sends_a_block_again_that_the_server_lost(
    disk: SmallDisk, hospital: HospitalClient, reader: BatchReader, north: Api, upload: Upload, broker
):
    full_but_not_stored(north, upload, disk)
    disk.empty()
    for path in files_of(disk.folder / "uploads"):
        path.unlink()
    done: list[int] = []
    assert send(hospital, reader, Sending(advance=done.append)).state == "checking"
    assert [bytes_of(block) for block in Block.objects.all()] == upload.blocks
    assert sum(done) == sum(map(len, upload.blocks))


def test_worker_whose_disk_is_full_leaves_the_chunk_for_later(
    disk: SmallDisk, north: Api, upload: Upload, broker, custodian
):
    north.upload(upload)
    disk.fill()

    for _ in range(6):
        with pytest.raises(OSError, match="No space left"):
            deliver(broker)
        broker.flushall()
        Chunk.objects.filter(state=Chunk.State.RUNNING).update(lease_until=timezone.now() - timedelta(seconds=1))
        sweep()
    assert Batch.objects.get().state == Batch.State.CHECKING

    disk.empty()
    deliver(broker)
    assert CustodianRequest.objects.count() == 1
    custodian.answer()
    assert Batch.objects.get().state == Batch.State.ADMITTED
