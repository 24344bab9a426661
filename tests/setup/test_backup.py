"""A lost custodian machine comes back from one file, and its ledger and jobs go on."""

from pathlib import Path

import pytest

from hefed.core.errors import BadInput
from hefed.custodian.commands.work import create_home
from hefed.custodian.keeping.backup import MAGIC, BackupInvalid, restore_backup, write_backup
from hefed.custodian.keeping.ledger import read_lines, verify
from hefed.custodian.keeping.store import Home, Store
from hefed.custodian.keeping.vault import WrongPassphrase, open_vault
from tests.server.cohort import PROFILE
from tests.words.raises import says

PASSPHRASE = "correct horse battery staple"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("old") / "custodian")
    create_home(home, study="trial", profile_name=PROFILE, passphrase=PASSPHRASE)
    store = Store(home.path, open_vault(home.vault, PASSPHRASE).sealer())
    store.approve("request-0007")
    (home.path / "token").write_text("hefed_secret\n")
    return home


@pytest.fixture(scope="module")
def backup(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("kept") / "custodian.backup"
    write_backup(home, target, PASSPHRASE)
    return target


def test_restored_machine_holds_the_key_and_the_sealed_files(home: Home, backup: Path, tmp_path: Path):
    new = Home(tmp_path / "new")
    restore_backup(backup, new, PASSPHRASE)
    vault = open_vault(new.vault, PASSPHRASE)
    assert vault.secret_key == open_vault(home.vault, PASSPHRASE).secret_key
    assert Store(new.path, vault.sealer()).approved("request-0007")


def test_ledger_goes_on_with_a_line_about_the_restore(home: Home, backup: Path, tmp_path: Path):
    new = Home(tmp_path / "new")
    restore_backup(backup, new, PASSPHRASE)
    lines = list(read_lines(new.ledger))
    assert verify(new.ledger, open_vault(new.vault, PASSPHRASE).ledger_key()) == len(list(read_lines(home.ledger))) + 1
    assert (lines[-1].event, lines[-1].previous) == ("restored", lines[-2].hash)


def test_token_stays_behind_and_files_are_the_owners_only(backup: Path, tmp_path: Path):
    new = Home(tmp_path / "new")
    restore_backup(backup, new, PASSPHRASE)
    assert not (new.path / "token").exists()
    assert {path.stat().st_mode & 0o077 for path in new.path.rglob("*")} == {0}
    assert b"hefed_secret" not in backup.read_bytes()


def test_wrong_pass_phrase_restores_nothing(backup: Path, tmp_path: Path):
    with says("keeping.backup_passphrase", WrongPassphrase, path=str(backup)):
        restore_backup(backup, Home(tmp_path / "new"), "another pass phrase")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("kept", "code"),
    [
        (0, "keeping.no_backup"),
        (10, "keeping.no_backup"),
        (len(MAGIC) + 20, "keeping.no_backup"),
        (-1, "keeping.backup_cut"),
        (-100_000, "keeping.backup_cut"),
    ],
)
def test_truncated_backup_is_named_as_such(backup: Path, tmp_path: Path, kept: int, code: str):
    cut = tmp_path / "cut"
    cut.write_bytes(backup.read_bytes()[:kept])
    with says(code, BackupInvalid, path=str(cut)):
        restore_backup(cut, Home(tmp_path / "new"), PASSPHRASE)
    assert not (tmp_path / "new").exists()


def test_changed_byte_is_noticed(backup: Path, tmp_path: Path):
    data = bytearray(backup.read_bytes())
    data[-1000] ^= 1
    (tmp_path / "changed").write_bytes(data)
    with says("keeping.backup_passphrase", WrongPassphrase):
        restore_backup(tmp_path / "changed", Home(tmp_path / "new"), PASSPHRASE)


def test_existing_home_is_never_overwritten(home: Home, backup: Path):
    before = home.vault.read_bytes()
    with says("keeping.restore_occupied", BadInput, path=str(home.path)):
        restore_backup(backup, home, PASSPHRASE)
    assert home.vault.read_bytes() == before


def test_existing_backup_is_never_overwritten(home: Home, backup: Path):
    with says("keeping.backup_exists", BadInput, path=str(backup)):
        write_backup(home, backup, PASSPHRASE)


def test_backup_into_a_folder_that_is_not_there_is_one_sentence(home: Home, tmp_path: Path):
    with says("keeping.backup_unwritten", BadInput, why="No such file or directory"):
        write_backup(home, tmp_path / "no" / "file", PASSPHRASE)


def test_missing_backup_file_is_one_sentence(tmp_path: Path):
    with says("keeping.backup_unread", BackupInvalid, why="No such file or directory"):
        restore_backup(tmp_path / "nothing", Home(tmp_path / "new"), PASSPHRASE)


def test_backup_is_readable_by_its_owner_only(backup: Path):
    assert backup.stat().st_mode & 0o777 == 0o600
