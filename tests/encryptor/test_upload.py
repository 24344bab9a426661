"""An upload survives every cut, sends no byte twice that the server kept, and repeats without effect."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tenacity import wait_none

from hefed.core.errors import BatchQuarantined, Conflict, RemoteFailed, WrongKey
from hefed.core.protocol.uploads import BatchStatus, StudyPackage
from hefed.core.words import Said
from hefed.encryptor.batchfile import BatchReader, BatchWriter
from hefed.encryptor.client import PATIENCE, HospitalClient
from hefed.encryptor.upload import Sending, check_study, judged, upload, wait_until_final
from tests.encryptor.server import TOKEN, StudyServer
from tests.encryptor.test_batchfile import manifest
from tests.words.raises import says

BLOCKS = [bytes(range(256)) * 8, b"second block" * 100, b"third"]
SIZE = sum(map(len, BLOCKS))


@pytest.fixture
def reader(tmp_path: Path) -> BatchReader:
    path = tmp_path / "batch.hefed.zip"
    with BatchWriter(path) as writer:
        for index, block in enumerate(BLOCKS):
            writer.add_block(index, block)
        writer.finish(manifest(BLOCKS))
    return BatchReader(path)


def connect(server: StudyServer, token: str = TOKEN) -> HospitalClient:
    return HospitalClient(server.address, token, replace(PATIENCE, wait=wait_none()))


def send(server: StudyServer, reader: BatchReader, piece_bytes: int = 700) -> BatchStatus:
    with connect(server) as client:
        return upload(client, reader, Sending(piece_bytes=piece_bytes))


def stored(server: StudyServer) -> list[bytes]:
    (batch,) = server.batches.values()
    return [bytes(batch.blocks[index]) for index in sorted(batch.blocks)]


def test_uploaded_blocks_arrive_unchanged_and_once(server: StudyServer, reader: BatchReader) -> None:
    status = send(server, reader)

    assert (status.state, stored(server), server.received) == ("checking", BLOCKS, SIZE)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 700), min_size=1, max_size=4), piece_bytes=st.integers(400, 3000))
def test_upload_cut_at_any_byte_resumes_where_it_stopped(
    server: StudyServer, reader: BatchReader, cuts: list[int], piece_bytes: int
) -> None:
    server.batches.clear()
    server.received, server.cuts = 0, list(cuts)

    send(server, reader, piece_bytes)

    assert stored(server) == BLOCKS
    assert server.received == SIZE


def test_second_run_after_a_lost_line_sends_only_the_rest(server: StudyServer, reader: BatchReader) -> None:
    server.cuts = [500] + [0] * 20
    with says("server.unreachable", RemoteFailed, advice=Said("server.check_network")):
        send(server, reader)
    server.cuts.clear()

    assert send(server, reader).state == "checking"
    assert (stored(server), server.received) == (BLOCKS, SIZE)


def test_same_upload_again_sends_nothing(server: StudyServer, reader: BatchReader) -> None:
    first = send(server, reader)
    again = send(server, reader)

    assert (again.batch, again.state) == (first.batch, "checking")
    assert server.received == SIZE and len(server.batches) == 1


def test_same_patients_in_another_batch_are_refused_by_the_server(
    server: StudyServer, reader: BatchReader, tmp_path: Path
) -> None:
    send(server, reader)
    other = tmp_path / "other.hefed.zip"
    with BatchWriter(other) as writer:
        writer.add_block(0, BLOCKS[1])
        writer.finish(manifest([BLOCKS[1]]))

    with pytest.raises(Conflict, match="its patients are in batch-0001"):
        send(server, BatchReader(other))


def test_offset_that_the_server_corrects_is_followed(server: StudyServer, reader: BatchReader) -> None:
    with connect(server) as client:
        batch = client.announce(reader.manifest).batch
        client.append(batch, 0, 0, BLOCKS[0][:50])
        stale = client.announce(reader.manifest)
        client.append(batch, 0, 50, BLOCKS[0][50:80])
        client.announce = lambda _: stale  # as if another run had sent bytes since
        upload(client, reader, Sending(piece_bytes=700))

    assert (stored(server), server.received) == (BLOCKS, SIZE)


def test_block_that_arrived_damaged_is_sent_again_from_zero(server: StudyServer, reader: BatchReader) -> None:
    server.damage = 1
    send(server, reader)

    assert stored(server) == BLOCKS
    assert server.received == SIZE + len(BLOCKS[0])


def test_block_that_stays_damaged_ends_in_words(server: StudyServer, reader: BatchReader) -> None:
    server.damage = 99
    with says("encryptor.block_refused", RemoteFailed, index=0):
        send(server, reader)


def test_passing_faults_are_retried(server: StudyServer, reader: BatchReader) -> None:
    server.statuses = [503, 429, 500]
    assert send(server, reader).state == "checking"


def test_lasting_fault_ends_with_a_remedy(server: StudyServer) -> None:
    server.statuses = [503] * 10
    with (
        connect(server) as client,
        says("server.unreachable", RemoteFailed, attempts=6, advice=Said("server.check_network")),
    ):
        client.study()


def test_refusal_is_not_retried_and_keeps_the_servers_sentence(server: StudyServer) -> None:
    with connect(server, "hefed_wrong") as client, pytest.raises(RemoteFailed, match="401.*ask for a new one"):
        client.study()
    assert len(server.requests) == 1


def test_address_without_server_ends_with_a_remedy() -> None:
    with (
        HospitalClient("http://127.0.0.1:9", TOKEN, replace(PATIENCE, wait=wait_none())) as client,
        pytest.raises(RemoteFailed),
    ):
        client.study()


def test_answer_of_another_version_is_named(server: StudyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StudyServer, "study", lambda _: (200, b'{"study": "surgery"}'))
    with connect(server) as client, says("server.not_understood", RemoteFailed):
        client.study()


def test_token_is_sent_to_the_server_only_as_bearer(server: StudyServer) -> None:
    with connect(server) as client:
        client.study()
    assert TOKEN not in "".join(server.requests)


def test_waiting_ends_with_the_admission(server: StudyServer, reader: BatchReader) -> None:
    batch = send(server, reader).batch
    with connect(server) as client:
        final = wait_until_final(client, batch, 10, Sending(sleep=lambda _: None))
    judged(final)
    assert final.state == "admitted"


def test_quarantine_is_told_with_its_reason(server: StudyServer, reader: BatchReader) -> None:
    server.verdict, server.reason = "quarantined", "sum of the intercept is 12, declared are 40 patients"
    batch = send(server, reader).batch
    with connect(server) as client, says("encryptor.quarantined", BatchQuarantined):
        judged(wait_until_final(client, batch, 10, Sending(sleep=lambda _: None)))


def test_withdrawn_batch_is_a_conflict(server: StudyServer, reader: BatchReader) -> None:
    with says("encryptor.batch_over", Conflict, state="withdrawn"):
        judged(BatchStatus(batch="b", state="withdrawn", reason="", blocks=[]))


def test_waiting_too_long_says_that_nothing_is_lost(server: StudyServer, reader: BatchReader) -> None:
    server.verdict = "checking"
    batch = send(server, reader).batch
    slept: list[float] = []
    with connect(server) as client, says("encryptor.not_yet", RemoteFailed, state="checking"):
        wait_until_final(client, batch, 5, Sending(poll_seconds=2, sleep=slept.append))
    assert slept == [2, 2, 2]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("study", "other"),
        ("institution", "south"),
        ("dictionary_digest", "9" * 64),
        ("profile", "other"),
        ("key", None),
    ],
)
def test_batch_of_another_study_or_key_is_not_sent(
    reader: BatchReader, package: StudyPackage, field: str, value: object
) -> None:
    made_for = reader.manifest
    own = package.model_copy(
        update={
            "study": made_for.study,
            "institution": made_for.institution,
            "profile": made_for.profile,
            "dictionary_digest": made_for.dictionary_digest,
            "key": package.key.model_copy(update={"fingerprint": made_for.key_fingerprint}),
        }
    )
    check_study(reader, own)
    with says("encryptor.other_study", WrongKey, name="batch.hefed.zip"):
        check_study(reader, own.model_copy(update={field: value}))


def test_network_errors_are_those_of_httpx(server: StudyServer, reader: BatchReader) -> None:
    server.cuts = [10]
    with connect(server) as client:
        batch = client.announce(reader.manifest).batch
        with pytest.raises(httpx.TransportError):
            client.append(batch, 0, 0, BLOCKS[0])
