import base64
import json
import stat
from pathlib import Path

import pytest

from hefed.core.errors import BadInput
from hefed.custodian.keeping import vault as vault_module
from hefed.custodian.keeping.vault import (
    VaultHeader,
    WrongPassphrase,
    create_vault,
    new_header,
    open_vault,
    read_header,
)
from tests.words.raises import says

PASSPHRASE = "correct horse battery"
SECRET = b"SECRET-KEY-MARKER" * 100


@pytest.fixture
def header() -> VaultHeader:
    return new_header(
        study="demo", profile="INSECURE_TEST_N12_L9", key_fingerprint="ab" * 32, created_at="2025-01-01T00:00:00Z"
    )


@pytest.fixture
def path(tmp_path: Path, header: VaultHeader) -> Path:
    path = tmp_path / "vault.json"
    create_vault(path, header, SECRET, PASSPHRASE)
    return path


def test_vault_gives_back_the_secret_key_for_its_pass_phrase(path: Path, header: VaultHeader) -> None:
    vault = open_vault(path, PASSPHRASE)
    assert (vault.secret_key, vault.header) == (SECRET, header)


def test_vault_is_readable_by_its_owner_only(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_vault_file_does_not_hold_the_secret_key(path: Path) -> None:
    assert SECRET not in path.read_bytes()
    assert base64.b64encode(SECRET[:30]) not in path.read_bytes()


def test_vault_repr_shows_no_key(path: Path) -> None:
    vault = open_vault(path, PASSPHRASE)
    assert "MARKER" not in repr(vault)
    assert repr(vault.data_key)[2:-1] not in repr(vault)


def test_vault_says_so_when_the_pass_phrase_is_wrong(path: Path) -> None:
    with says("keeping.passphrase", WrongPassphrase):
        open_vault(path, PASSPHRASE + "x")


@pytest.mark.parametrize("piece", ["secret_key", "data_key"])
def test_vault_refuses_a_flipped_bit(path: Path, piece: str) -> None:
    file = json.loads(path.read_text())
    sealed = bytearray(base64.b64decode(file[piece]))
    sealed[20] ^= 1
    file[piece] = base64.b64encode(sealed).decode()
    path.write_text(json.dumps(file))
    with pytest.raises(WrongPassphrase):
        open_vault(path, PASSPHRASE)


@pytest.mark.parametrize(
    ("field", "value"), [("study", "other"), ("key_fingerprint", "cd" * 32), ("cost", {"time_cost": 1})]
)
def test_vault_refuses_a_changed_header(path: Path, field: str, value: object) -> None:
    file = json.loads(path.read_text())
    file["header"][field] = value
    path.write_text(json.dumps(file))
    with pytest.raises(WrongPassphrase):
        open_vault(path, PASSPHRASE)


def test_vault_refuses_swapped_pieces(path: Path) -> None:
    file = json.loads(path.read_text())
    file["data_key"], file["secret_key"] = file["secret_key"], file["data_key"]
    path.write_text(json.dumps(file))
    with pytest.raises(WrongPassphrase):
        open_vault(path, PASSPHRASE)


def test_vault_that_asks_for_absurd_memory_is_refused_before_it_is_tried(path: Path) -> None:
    file = json.loads(path.read_text())
    file["header"]["cost"]["memory_kib"] = 2**40
    path.write_text(json.dumps(file))
    with says("keeping.vault_field", BadInput):
        open_vault(path, PASSPHRASE)


def test_vault_is_never_replaced(path: Path, header: VaultHeader) -> None:
    with says("keeping.vault_exists", BadInput):
        create_vault(path, header, b"another", PASSPHRASE)


def test_vault_wants_twelve_characters(tmp_path: Path, header: VaultHeader) -> None:
    with says("keeping.passphrase_short", BadInput, found=11, minimum=12):
        create_vault(tmp_path / "vault.json", header, SECRET, "elevenchars")
    assert not (tmp_path / "vault.json").exists()


def test_vault_header_is_readable_without_the_pass_phrase(path: Path, header: VaultHeader) -> None:
    assert read_header(path) == header


def test_vault_that_does_not_exist_names_the_remedy(tmp_path: Path) -> None:
    with says("keeping.no_vault", BadInput):
        open_vault(tmp_path / "vault.json", PASSPHRASE)


def test_vault_cost_is_the_second_recommendation_of_rfc_9106() -> None:
    cost = vault_module.Argon2Cost()
    assert (cost.memory_kib, cost.time_cost, cost.lanes) == (65536, 3, 4)
