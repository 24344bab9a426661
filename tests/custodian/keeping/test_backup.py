"""A backup, the machine it is brought to, and everything that can be wrong with the file on the way."""

import json
import shutil
import stat
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from hefed.core.errors import BadInput
from hefed.custodian.agent.loop import Agent
from hefed.custodian.client import CustodianClient
from hefed.custodian.keeping.backup import MAGIC, BackupInvalid, read_backup, restore_backup, write_backup
from hefed.custodian.keeping.ledger import Entry, Ledger, LedgerBroken, read_lines, verify
from hefed.custodian.keeping.records import BatchRecord, TrustRecord
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import WrongPassphrase
from tests.custodian.agents import alone
from tests.custodian.conftest import PASSPHRASE, admit, opened_vault, reopened
from tests.custodian.fake_server import FakeServer


def batch(name: str) -> BatchRecord:
    return BatchRecord(batch=name, institution="north", rows=500, n_columns=1, sums=[1.0, 2.0])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@dataclass(frozen=True)
class Kept:
    """A directory with something in every part of it, and its backup."""

    home: Home
    file: Path


@pytest.fixture(scope="module")
def kept(template: Home, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("kept")
    home = Home(folder / "custodian")
    shutil.copytree(template.path, home.path)
    custodian = reopened(home)
    custodian.store.keep_batches([batch("b1"), batch("b2")])
    custodian.store.trust(TrustRecord(fingerprint="a" * 64, institution="south", name="Boris", trusted_at=""))
    custodian.ledger.append(Entry(event="started"))
    (home.path / "token").write_text("a token\n")
    (home.path / "enrolment.json").write_text("{}")
    (home.downloads / "r1").write_bytes(b"half a payload")
    write_backup(home, folder / "file", PASSPHRASE)
    return Kept(home, folder / "file")


# ---- there and back --------------------------------------------------------------------------------------------------


def test_what_was_kept_is_there_again_and_the_ledger_goes_on_with_one_line(kept: Kept, tmp_path: Path) -> None:
    home = Home(tmp_path / "new")
    header = restore_backup(kept.file, home, PASSPHRASE)
    custodian = reopened(home)
    assert [found.batch for found in custodian.store.batches()] == ["b1", "b2"]
    assert list(custodian.store.trusted()) == ["a" * 64]
    lines = list(read_lines(home.ledger))
    assert [line.event for line in lines] == ["initialised", "started", "restored"]
    assert verify(home.ledger, custodian.vault.ledger_key()) == header.lines + 1 == 3


def test_a_backup_holds_neither_token_nor_downloads(kept: Kept, tmp_path: Path) -> None:
    home = Home(tmp_path / "new")
    restore_backup(kept.file, home, PASSPHRASE)
    assert not {"token", "enrolment.json", "run.lock", "ledger.lock"} & {
        path.name for path in home.path.iterdir() if path.stat().st_size
    }
    assert list(home.downloads.iterdir()) == []


def test_everything_that_was_restored_is_its_owners_only(kept: Kept, tmp_path: Path) -> None:
    home = Home(tmp_path / "new")
    restore_backup(kept.file, home, PASSPHRASE)
    for path in [home.path, *home.path.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_backup_is_its_owners_only_and_shows_nothing_but_its_header(kept: Kept) -> None:
    assert stat.S_IMODE(kept.file.stat().st_mode) == 0o600
    data = kept.file.read_bytes()
    vault = opened_vault(kept.home.vault.read_bytes(), kept.home.vault)
    sealed = data.split(b"\n", 2)[2]
    for marker in (vault.secret_key[:40], vault.data_key, b"vault.json", b"initialised", b"b1.sealed", b"a token"):
        assert marker not in sealed


def test_the_header_says_study_key_and_lines_without_the_pass_phrase(kept: Kept) -> None:
    header = json.loads(kept.file.read_bytes().split(b"\n", 2)[1])
    vault = opened_vault(kept.home.vault.read_bytes(), kept.home.vault)
    assert (header["study"], header["lines"]) == ("demo", 2)
    assert header["key_fingerprint"] == vault.header.key_fingerprint


def test_a_backup_can_be_restored_twice_and_both_say_so(kept: Kept, tmp_path: Path) -> None:
    for name in ("one", "two"):
        restore_backup(kept.file, Home(tmp_path / name), PASSPHRASE)
        assert list(read_lines(tmp_path / name / "ledger.jsonl"))[-1].event == "restored"


def test_taking_a_backup_changes_nothing(kept: Kept, tmp_path: Path) -> None:
    before = contents(kept.home.path)
    write_backup(kept.home, tmp_path / "again", PASSPHRASE)
    assert contents(kept.home.path) == before


def test_a_restored_custodian_answers_with_what_it_knew(
    server: FakeServer, agent: Agent, home: Home, client: CustodianClient, tmp_path: Path
) -> None:
    admit(server, agent)
    write_backup(home, tmp_path / "file", PASSPHRASE)
    shutil.rmtree(home.path)  # the machine is lost
    restored = Home(tmp_path / "new")
    restore_backup(tmp_path / "file", restored, PASSPHRASE)
    fresh = alone(reopened(restored), client)
    moments = server.launch("j1", ["b1", "b2"])
    fresh.poll()
    assert server.answer(moments.request).outcome == "next"


def test_an_older_backup_forgets_what_came_after_it_and_the_server_cannot_go_on_with_it(
    server: FakeServer, agent: Agent, home: Home, client: CustodianClient, tmp_path: Path
) -> None:
    """What the custodian does not know it does not open: a job that began after the backup ends with a refusal."""
    admit(server, agent)
    write_backup(home, tmp_path / "file", PASSPHRASE)
    moments = server.launch("j1", ["b1", "b2"])
    agent.poll()
    gradient = server.proceed(moments)
    assert gradient is not None
    restored = Home(tmp_path / "new")
    header = restore_backup(tmp_path / "file", restored, PASSPHRASE)
    assert header.lines < sum(1 for _ in read_lines(home.ledger))
    alone(reopened(restored), client).poll()
    assert server.answer(gradient.request).outcome == "refused"
    assert verify(restored.ledger) == header.lines + 3  # restored, request, answer


# ---- what is wrong with the file -------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.0, 0.001, 0.01, 0.5, 0.99, 0.99999])
def test_a_backup_that_was_cut_off_makes_no_directory(kept: Kept, tmp_path: Path, share: float) -> None:
    data = kept.file.read_bytes()
    (tmp_path / "cut").write_bytes(data[: int(len(data) * share)])
    with pytest.raises(BackupInvalid):
        restore_backup(tmp_path / "cut", Home(tmp_path / "new"), PASSPHRASE)
    assert [path.name for path in tmp_path.iterdir()] == ["cut"]


@pytest.mark.parametrize("place", [0.05, 0.3, 0.7, 0.999])
def test_a_backup_with_one_flipped_bit_is_refused(kept: Kept, tmp_path: Path, place: float) -> None:
    data = bytearray(kept.file.read_bytes())
    data[int(len(data) * place)] ^= 1
    (tmp_path / "flipped").write_bytes(data)
    with pytest.raises(WrongPassphrase):
        restore_backup(tmp_path / "flipped", Home(tmp_path / "new"), PASSPHRASE)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("study", "other"), ("lines", 1), ("key_fingerprint", "0" * 64), ("created_at", "2020-01-01"), ("salt", "AAAA")],
)
def test_a_backup_whose_header_says_something_else_is_refused(
    kept: Kept, tmp_path: Path, field: str, value: object
) -> None:
    magic, header, sealed = kept.file.read_bytes().split(b"\n", 2)
    changed = json.dumps({**json.loads(header), field: value}).encode()
    (tmp_path / "changed").write_bytes(b"\n".join([magic, changed, sealed]))
    with pytest.raises(BadInput):
        restore_backup(tmp_path / "changed", Home(tmp_path / "new"), PASSPHRASE)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("cost", [{"memory_kib": 2**40}, {"time_cost": 0}, {"lanes": -1}])
def test_a_header_cannot_ask_for_absurd_memory_or_time(kept: Kept, tmp_path: Path, cost: dict[str, int]) -> None:
    magic, header, sealed = kept.file.read_bytes().split(b"\n", 2)
    fields = json.loads(header)
    changed = json.dumps({**fields, "cost": {**fields["cost"], **cost}}).encode()
    (tmp_path / "changed").write_bytes(b"\n".join([magic, changed, sealed]))
    with pytest.raises(BackupInvalid):
        read_backup(tmp_path / "changed", PASSPHRASE)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", MAGIC, MAGIC + b"{}\n", MAGIC + b"x" * 10000])
def test_a_file_of_something_else_is_no_backup(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(BackupInvalid):
        restore_backup(tmp_path / "file", Home(tmp_path / "new"), PASSPHRASE)


def test_bytes_behind_the_end_are_refused(kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "longer").write_bytes(kept.file.read_bytes() + b"\n")
    with pytest.raises(BackupInvalid):
        restore_backup(tmp_path / "longer", Home(tmp_path / "new"), PASSPHRASE)


def test_a_missing_backup_is_an_error_that_a_person_is_told(tmp_path: Path) -> None:
    with pytest.raises(BackupInvalid):
        restore_backup(tmp_path / "nothing", Home(tmp_path / "new"), PASSPHRASE)


# ---- what is wrong around it -----------------------------------------------------------------------------------------


def test_a_wrong_pass_phrase_neither_makes_nor_opens_a_backup(kept: Kept, tmp_path: Path) -> None:
    with pytest.raises(WrongPassphrase):
        write_backup(kept.home, tmp_path / "file", PASSPHRASE + "x")
    with pytest.raises(WrongPassphrase):
        restore_backup(kept.file, Home(tmp_path / "new"), PASSPHRASE + "x")
    assert list(tmp_path.iterdir()) == []


def test_a_backup_overwrites_no_file(kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"an older backup")
    with pytest.raises(BadInput):
        write_backup(kept.home, tmp_path / "file", PASSPHRASE)
    assert (tmp_path / "file").read_bytes() == b"an older backup"


def test_a_backup_into_a_missing_folder_is_an_error_that_a_person_is_told(kept: Kept, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        write_backup(kept.home, tmp_path / "missing" / "file", PASSPHRASE)


def test_a_directory_that_holds_something_is_not_restored_into(kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "vault.json").write_bytes(b"another key")
    with pytest.raises(BadInput):
        restore_backup(kept.file, Home(tmp_path / "new"), PASSPHRASE)
    assert contents(tmp_path / "new") == {"vault.json": b"another key"}


def test_an_empty_directory_is_restored_into(kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    restore_backup(kept.file, Home(tmp_path / "new"), PASSPHRASE)
    assert (tmp_path / "new" / "vault.json").exists()


def test_a_ledger_that_does_not_hold_is_not_backed_up_as_if_it_did(kept: Kept, tmp_path: Path) -> None:
    home = Home(tmp_path / "custodian")
    shutil.copytree(kept.home.path, home.path)
    home.ledger.write_bytes(b"".join(home.ledger.read_bytes().splitlines(keepends=True)[1:]))
    with pytest.raises(LedgerBroken):
        write_backup(home, tmp_path / "file", PASSPHRASE)
    assert not (tmp_path / "file").exists()


def test_a_restore_that_is_stopped_leaves_no_half_directory(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "append", stop)
        with pytest.raises(KeyboardInterrupt):
            restore_backup(kept.file, Home(tmp_path / "new"), PASSPHRASE)
    assert list(tmp_path.iterdir()) == []
    restore_backup(kept.file, Home(tmp_path / "new"), PASSPHRASE)


def test_a_backup_waits_for_a_line_that_is_being_written(kept: Kept, tmp_path: Path) -> None:
    """An agent may be running beside it: the copy begins between two lines, never within one."""
    vault = opened_vault(kept.home.vault.read_bytes(), kept.home.vault)
    copying = threading.Thread(target=write_backup, args=(kept.home, tmp_path / "file", PASSPHRASE))
    with Ledger(kept.home.ledger, vault.ledger_key()).locked():
        copying.start()
        copying.join(timeout=1.0)
        assert copying.is_alive()
        assert not (tmp_path / "file").exists()
    copying.join()
    assert read_backup(tmp_path / "file", PASSPHRASE)[0].lines == 2
