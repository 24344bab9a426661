"""Files that a thief, a bad disk or a careless hand changed: they are opened as they were written, or not at all."""

import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from hefed.core.errors import BadInput, HEFedError
from hefed.core.protocol.releases import OpenedItem, Publication
from hefed.core.protocol.requests import CohortPart
from hefed.custodian.agent.loop import Agent
from hefed.custodian.client import CustodianClient
from hefed.custodian.keeping.ledger import Entry, Ledger, LedgerBroken
from hefed.custodian.keeping.opened import Custodian
from hefed.custodian.keeping.records import (
    AnswerRecord,
    BatchRecord,
    FailureRecord,
    JobRecord,
    PinRecord,
    PublicationRecord,
    SealedRecord,
    SeenBatch,
    TrustRecord,
)
from hefed.custodian.keeping.store import FOLDERS, Home, Store, StoredAnswer, checked_id
from hefed.custodian.keeping.vault import SealBroken, Sealer, WrongPassphrase, derive_key, open_vault
from tests.custodian.agents import alone
from tests.custodian.conftest import NORTH, PASSPHRASE, admit, reopened
from tests.custodian.fake_server import FakeServer

ITEM = OpenedItem(item="metrics", salt="a" * 64, text="{}")
JOB = JobRecord(job="j1", round=2, expects=None, cohort=[], columns=[], dictionary_digest="", optimiser=None)
BATCH = BatchRecord(batch="b1", institution="north", rows=500, n_columns=1, sums=[1.0])
SEEN = SeenBatch(part=CohortPart(batch="b2", institution="north", rows=500), admitted=1)
PIN = PinRecord(fingerprint="d" * 64, pinned_at="2027-01-31T00:00:00Z")
SEALED = SealedRecord(request="r1", job="j1", items=[ITEM], notes={})
TRUST = TrustRecord(fingerprint="b" * 64, institution="south", name="Boris", trusted_at="")
PUBLICATION = PublicationRecord(
    job="j1", publication=Publication(release="p1", version=1, digest="c" * 64, items=[ITEM]), signers=["b" * 64]
)
ANSWER = StoredAnswer(
    AnswerRecord(
        request="r1",
        kind="moments",
        job="j1",
        round=0,
        rows=500,
        payload_sha256="",
        answer_sha256="",
        outcome="next",
        rule="",
        openings=1,
    ),
    b"posted bytes",
)
FAILED = StoredAnswer(ANSWER.record.model_copy(update={"job": "", "failed": "north"}), b"posted bytes")
FAILURE = FailureRecord(request="r1", institution="north")

# How each kind of file is written, and read again.
WRITERS: dict[str, Callable[[Store], object]] = {
    "jobs": lambda store: store.keep_job(JOB),
    "answers": lambda store: store.keep_answer(ANSWER),
    "batches": lambda store: store.keep_batches([BATCH]),
    "seen": lambda store: store.see([SEEN]),
    "failures": lambda store: store.commit(FAILED),
    "pins": lambda store: store.pin(PIN),
    "approvals": lambda store: store.approve("r1"),
    "sealed": lambda store: store.keep_sealed(SEALED),
    "approvers": lambda store: store.trust(TRUST),
    "publications": lambda store: store.publish(PUBLICATION),
}
READERS: dict[str, Callable[[Store], object]] = {
    "jobs": lambda store: store.job("j1"),
    "answers": lambda store: store.answer("r1"),
    "batches": lambda store: list(store.batches())[0],
    "seen": lambda store: store.seen()[0],
    "failures": lambda store: store.failures("north")[0],
    "pins": lambda store: store.pinned(),
    "approvals": lambda store: store.approved("r1"),
    "sealed": lambda store: store.sealed("r1"),
    "approvers": lambda store: store.trusted()["b" * 64],
    "publications": lambda store: store.publication("p1", 1),
}
WRITTEN = {
    "jobs": JOB,
    "answers": ANSWER,
    "batches": BATCH,
    "seen": SEEN,
    "failures": FAILURE,
    "pins": PIN.fingerprint,
    "approvals": True,
    "sealed": SEALED,
    "approvers": TRUST,
    "publications": PUBLICATION,
}
DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda data: b"",
    "cut within the nonce": lambda data: data[:7],
    "cut within the tag": lambda data: data[:-5],
    "one byte longer": lambda data: data + b"\x00",
    "the first bit flipped": lambda data: bytes([data[0] ^ 1]) + data[1:],
    "a middle bit flipped": lambda data: data[:20] + bytes([data[20] ^ 16]) + data[21:],
    "the last bit flipped": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "zeroed": lambda data: bytes(len(data)),
}


def only_file(home: Path, folder: str) -> Path:
    (path,) = (home / folder).glob("*.sealed")
    return path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path, Sealer(b"k" * 32))


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_was_written_comes_back_from_a_file_of_its_owner_only(store: Store, tmp_path: Path, folder: str) -> None:
    WRITERS[folder](store)
    assert READERS[folder](store) == WRITTEN[folder]
    assert stat.S_IMODE(only_file(tmp_path, folder).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / folder).stat().st_mode) == 0o700


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("folder", FOLDERS)
def test_a_damaged_file_of_any_kind_is_not_opened(store: Store, tmp_path: Path, folder: str, damage: str) -> None:
    WRITERS[folder](store)
    path = only_file(tmp_path, folder)
    path.write_bytes(DAMAGE[damage](path.read_bytes()))
    with pytest.raises(SealBroken):
        READERS[folder](store)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_file_of_another_custodian_is_not_opened(store: Store, tmp_path: Path, folder: str) -> None:
    WRITERS[folder](store)
    WRITERS[folder](Store(tmp_path / "other", Sealer(b"o" * 32)))
    only_file(tmp_path, folder).write_bytes(only_file(tmp_path / "other", folder).read_bytes())
    with pytest.raises(SealBroken):
        READERS[folder](store)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_file_in_the_place_of_another_is_not_opened(store: Store, tmp_path: Path, folder: str) -> None:
    """The name is part of the seal: nobody makes a job of a batch, or an approval of one for another request."""
    WRITERS[folder](store)
    path = only_file(tmp_path, folder)
    for other in FOLDERS:
        if other != folder:
            WRITERS[other](store)
            target = only_file(tmp_path, other)
            target.write_bytes(path.read_bytes())
            with pytest.raises(SealBroken):
                READERS[other](store)


def test_an_approval_copied_to_another_request_lets_nothing_go(store: Store, tmp_path: Path) -> None:
    store.approve("r1")
    shutil.copy(tmp_path / "approvals" / "r1.sealed", tmp_path / "approvals" / "r2.sealed")
    with pytest.raises(SealBroken):
        store.approved("r2")


def test_a_file_written_twice_is_sealed_differently(store: Store, tmp_path: Path) -> None:
    """Equal content cannot be recognised from outside."""
    store.keep_job(JOB)
    first = only_file(tmp_path, "jobs").read_bytes()
    store.keep_job(JOB)
    assert only_file(tmp_path, "jobs").read_bytes() != first


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "a\\b", "-a", "_a", "a b", "a\n", "ä", "a" * 101, "a\0"]
)
def test_a_name_that_could_leave_its_folder_reaches_no_file(store: Store, tmp_path: Path, name: str) -> None:
    before = sorted(tmp_path.rglob("*"))
    for use in (store.job, store.answer, store.sealed, store.approve, store.approved, store.forget, store.distrust):
        with pytest.raises(BadInput):
            use(name)
    with pytest.raises(BadInput):
        store.keep_job(JOB.model_copy(update={"job": name}))
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["a", "j1", "request-0009", "A_b-9", "a" * 100])
def test_a_plain_name_is_a_file_name(name: str) -> None:
    assert checked_id(name) == name


def test_pieces_of_a_write_that_was_cut_off_are_no_records(store: Store, tmp_path: Path) -> None:
    store.keep_batches([BATCH])
    (tmp_path / "batches" / ".b2.sealed.x8f3").write_bytes(b"half a file")
    (tmp_path / "jobs" / "notes.txt").write_bytes(b"somebody's")
    assert list(store.batches()) == [BATCH]
    assert list(store.jobs()) == []


def test_keys_for_different_purposes_are_different() -> None:
    purposes = ["files", "ledger", "files ", ""]
    assert len({derive_key(b"k" * 32, purpose) for purpose in purposes}) == len(purposes)


# ---- an agent on such a directory ------------------------------------------------------------------------------------


def test_an_agent_opens_nothing_on_a_directory_whose_batches_were_damaged(
    server: FakeServer, agent: Agent, home: Home, client: CustodianClient
) -> None:
    """It refuses what it cannot compare, and says so."""
    admit(server, agent)
    path = home.path / "batches" / "b1.sealed"
    path.write_bytes(bytes(path.stat().st_size))
    request = server.launch("j1", ["b1", "b2"])
    alone(reopened(home), client).run(once=True)
    assert server.answer(request.request).outcome == "refused"
    assert not (home.path / "jobs" / "j1.sealed").exists()


def test_an_answer_that_was_damaged_on_the_disk_is_not_posted(
    server: FakeServer, agent: Agent, home: Home, client: CustodianClient
) -> None:
    request = server.upload("b1", "north", *NORTH)
    agent.prepare(request)
    path = home.path / "answers" / f"{request.request}.sealed"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(HEFedError):
        alone(reopened(home), client).run(once=True)
    assert server.posts == []


def test_a_job_over_a_batch_whose_sums_are_gone_is_opened_no_further(
    server: FakeServer, agent: Agent, home: Home, client: CustodianClient
) -> None:
    admit(server, agent)
    moments = server.launch("j1", ["b1", "b2"])
    agent.poll()
    agent.poll()
    (home.path / "batches" / "b2.sealed").unlink()
    gradient = server.proceed(moments)
    assert gradient is not None
    alone(reopened(home), client).poll()
    assert server.answer(gradient.request).outcome == "refused"


# ---- the vault and the public key beside it --------------------------------------------------------------------------


def test_a_public_key_of_somebody_else_beside_the_vault_is_noticed(home: Home, tmp_path: Path) -> None:
    changed = bytearray(home.public_key.read_bytes())
    changed[len(changed) // 2] ^= 1
    home.public_key.write_bytes(changed)
    with pytest.raises(HEFedError):
        reopened(home)


@pytest.mark.parametrize("name", ["public_key", "vault"])
def test_a_missing_file_is_an_error_that_a_person_is_told(home: Home, name: str) -> None:
    vault = open_vault(home.vault, PASSPHRASE) if name != "vault" else None
    getattr(home, name).unlink()
    with pytest.raises(BadInput):
        reopened(home) if vault else open_vault(home.vault, PASSPHRASE)


def test_the_vault_of_another_custodian_does_not_open_this_ones_files(
    home: Home, custodian: Custodian, tmp_path: Path
) -> None:
    custodian.store.keep_job(JOB)
    stranger = Store(home.path, Sealer(derive_key(b"x" * 32, "hefed custodian files")))
    with pytest.raises(SealBroken):
        stranger.job("j1")


@pytest.mark.parametrize(
    ("field", "value"),
    [("memory_kib", 8 * 1024), ("time_cost", 1), ("lanes", 1)],
)
def test_a_vault_with_cheaper_parameters_does_not_open(home: Home, field: str, value: int) -> None:
    """Nobody makes guessing cheaper by editing a file: the cost is authenticated, and part of the key."""
    file = json.loads(home.vault.read_bytes())
    file["header"]["cost"][field] = value
    home.vault.write_text(json.dumps(file))
    with pytest.raises(WrongPassphrase):
        open_vault(home.vault, PASSPHRASE)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"header": {}}'])
def test_a_vault_that_is_none_is_an_error_that_a_person_is_told(home: Home, content: bytes) -> None:
    home.vault.write_bytes(content)
    with pytest.raises(BadInput):
        open_vault(home.vault, PASSPHRASE)


@pytest.mark.parametrize("piece", ["data_key", "secret_key"])
@pytest.mark.parametrize("text", ["", "AAAA", "not base64!", "A" * 4000])
def test_a_vault_with_another_piece_does_not_open(home: Home, piece: str, text: str) -> None:
    home.vault.write_text(json.dumps({**json.loads(home.vault.read_bytes()), piece: text}))
    with pytest.raises(BadInput):
        open_vault(home.vault, PASSPHRASE)


def test_a_ledger_of_another_custodian_keeps_this_one_from_starting(home: Home, tmp_path: Path) -> None:
    other = Ledger(tmp_path / "ledger.jsonl", b"o" * 32)
    other.append(Entry(event="initialised"))
    for name in ("ledger.jsonl", "ledger.head"):
        shutil.copy(tmp_path / name, home.path / name)
    with pytest.raises(LedgerBroken):
        reopened(home)
