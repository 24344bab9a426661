"""Envelopes of workers: whole, and never all of a large payload in memory."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from hefed.core.protocol import envelope
from hefed.core.protocol.envelope import Label
from training.jobs.worker import loading

LABEL = Label("scores", "icu-death", "N14_L9", "ab" * 32)
ITEM_BYTES = 1024**2


def items(count: int) -> Iterator[bytes]:
    return (bytes([n]) * ITEM_BYTES for n in range(count))


@pytest.fixture
def upload_disk(tmp_path: Path, settings) -> Path:
    settings.HEFED_UPLOAD_DIR = tmp_path / "uploads"
    settings.HEFED_UPLOAD_DIR.mkdir()
    return settings.HEFED_UPLOAD_DIR


def test_payload_above_the_limit_does_not_stay_in_memory(upload_disk: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(loading, "IN_MEMORY_BYTES", 2 * ITEM_BYTES)
    tracemalloc.start()
    try:
        written = loading.write_envelope(upload_disk / "scores", LABEL, items(24), {})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert written.header.payload_bytes == 24 * ITEM_BYTES
    assert peak < 10 * ITEM_BYTES
    assert [path.name for path in upload_disk.iterdir()] == ["scores"]


@pytest.mark.parametrize("limit_items", [1, 100])
def test_items_are_the_same_from_disk_and_from_memory(
    upload_disk: Path, monkeypatch: pytest.MonkeyPatch, limit_items: int
):
    monkeypatch.setattr(loading, "IN_MEMORY_BYTES", limit_items * ITEM_BYTES)
    path = upload_disk / "scores"
    written = loading.write_envelope(path, LABEL, items(4), {"rows": 7})

    with path.open("rb") as stream:
        header, found = envelope.iterate_verified(stream, LABEL)
        assert (header.meta, list(found)) == ({"rows": 7}, list(items(4)))
    assert path.stat().st_size == written.bytes
