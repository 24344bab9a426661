"""The custodian's directory as one sealed file, and back on a new machine. The chain of the ledger goes on there.

Layout: one line of magic, one line of canonical JSON (``BackupHeader``), then a tar of the directory sealed with
AES-256-GCM under a key from the vault's pass phrase (Argon2id). The header is authenticated with it.
Left out on purpose: the access token (a new machine enrols anew), downloads and lock files.
"""

import base64
import io
import os
import shutil
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from hefed.core.errors import BadInput
from hefed.core.protocol.base import Digest, Message, Slug
from hefed.custodian.keeping import records, store
from hefed.custodian.keeping.files import private_directory, write_private
from hefed.custodian.keeping.ledger import Ledger, read_lines, verify
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import (
    Argon2Cost,
    SealBroken,
    Sealer,
    Vault,
    WrongPassphrase,
    open_vault,
    passphrase_key,
)

MAGIC = b"HEFED-CUSTODIAN-BACKUP/1\n"
_HEADER_LIMIT_BYTES = 4096
_SEAL_OVERHEAD_BYTES = 28  # nonce and tag
_SALT_BYTES = 16
FOLDERS = (*store.FOLDERS, "next", "previous", "next/batches", "previous/batches")
FILES = ("vault.json", "policy.toml", "public-key.hefed", "relinearisation-key.hefed", "ledger.jsonl", "ledger.head")
SHARE_FILES = (  # where several hospitals hold shares
    "agent.json",
    "card.json",
    "sharing.json",
    "lead.json",
    "hand-over.hefed",
)


class BackupInvalid(BadInput):
    """The file is no backup of a custodian, or not a whole one."""


class BackupHeader(Message):
    """What may be read of a backup without its pass phrase."""

    study: Slug
    key_fingerprint: Digest
    created_at: str
    lines: Annotated[int, Field(ge=1)]
    sealed_bytes: Annotated[int, Field(ge=1)]
    kdf: Literal["argon2id"] = "argon2id"
    cost: Argon2Cost = Argon2Cost()
    salt: str


def write_backup(home: Home, target: Path, passphrase: str) -> BackupHeader:
    """Seal the directory into one new file. An agent may be running: it waits for the length of the copy."""
    vault = open_vault(home.vault, passphrase)
    if target.exists():
        raise BadInput("keeping.backup_exists", path=str(target))
    ledger = Ledger(home.ledger, vault.ledger_key())
    with ledger.locked():
        lines = verify(home.ledger, vault.ledger_key())
        content = _tar_of(home.path)
    header = _header_of(vault, lines, len(content) + _SEAL_OVERHEAD_BYTES)
    head = header.model_dump_json().encode() + b"\n"
    sealed = _sealer(header, passphrase).seal(content, _purpose(header))
    try:
        write_private(target, MAGIC, head, sealed)
    except OSError as error:
        raise BadInput("keeping.backup_unwritten", path=str(target), why=str(error.strerror)) from error
    return header


def restore_backup(source: Path, home: Home, passphrase: str) -> BackupHeader:
    """Unpack into a directory that does not exist yet, check it, and write the restore on the ledger."""
    if home.path.exists() and any(home.path.iterdir()):
        raise BadInput("keeping.restore_occupied", path=str(home.path))
    header, content = read_backup(source, passphrase)
    fresh = private_directory(home.path.with_name(f".{home.path.name}.restoring-{os.getpid()}"))
    try:
        _unpack(content, fresh)
        _continue_ledger(Home(fresh), header, passphrase)
        if home.path.exists():
            home.path.rmdir()
        fresh.rename(home.path)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return header


def read_backup(source: Path, passphrase: str) -> tuple[BackupHeader, bytes]:
    """Header and opened tar; raises BackupInvalid (no backup, cut off) or WrongPassphrase."""
    try:
        data = source.read_bytes()
    except OSError as error:
        raise BackupInvalid("keeping.backup_unread", path=str(source), why=str(error.strerror)) from error
    header, sealed = _split(source, data)
    if len(sealed) != header.sealed_bytes:
        raise BackupInvalid("keeping.backup_cut", path=str(source), found=len(sealed), expected=header.sealed_bytes)
    try:
        return header, _sealer(header, passphrase).unseal(sealed, _purpose(header))
    except SealBroken as error:
        raise WrongPassphrase("keeping.backup_passphrase", path=str(source)) from error


def _split(source: Path, data: bytes) -> tuple[BackupHeader, bytes]:
    end = data.find(b"\n", len(MAGIC), len(MAGIC) + _HEADER_LIMIT_BYTES)
    if not data.startswith(MAGIC) or end < 0:
        raise BackupInvalid("keeping.no_backup", path=str(source))
    try:
        return BackupHeader.model_validate_json(data[len(MAGIC) : end]), data[end + 1 :]
    except ValidationError:
        raise BackupInvalid("keeping.backup_header", path=str(source)) from None


def _header_of(vault: Vault, lines: int, sealed_bytes: int) -> BackupHeader:
    return BackupHeader(
        study=vault.header.study,
        key_fingerprint=vault.header.key_fingerprint,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        lines=lines,
        sealed_bytes=sealed_bytes,
        cost=vault.header.cost,
        salt=base64.b64encode(os.urandom(_SALT_BYTES)).decode(),
    )


def _sealer(header: BackupHeader, passphrase: str) -> Sealer:
    return Sealer(passphrase_key(header.cost, base64.b64decode(header.salt), passphrase))


def _purpose(header: BackupHeader) -> str:
    return f"hefed custodian backup {header.model_dump_json()}"


def _tar_of(home: Path) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in FILES:
            tar.add(home / name, name)
        for name in SHARE_FILES:
            _add_if_there(tar, home / name, name)
        for folder in FOLDERS:
            for path in sorted((home / folder).glob("[!.]*")):
                if path.is_file():
                    _add_if_there(tar, path, f"{folder}/{path.name}")
    return out.getvalue()


def _add_if_there(tar: tarfile.TarFile, path: Path, name: str) -> None:
    """An answer that the server has taken may vanish while we copy; its job's state is a file of its own."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return
    member = tarfile.TarInfo(name)
    member.size = len(data)
    tar.addfile(member, io.BytesIO(data))


def _unpack(content: bytes, target: Path) -> None:
    """Write the members that a custodian directory has, and no others, readable by their owner only."""
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        for member in tar:
            folder, _, name = member.name.rpartition("/")
            known = folder in FOLDERS and not name.startswith(".") if folder else name in (*FILES, *SHARE_FILES)
            stream = tar.extractfile(member) if known else None
            if stream is not None:
                write_private(private_directory(target / folder) / name, stream.read())


def _continue_ledger(home: Home, header: BackupHeader, passphrase: str) -> None:
    vault = open_vault(home.vault, passphrase)
    count = verify(home.ledger, vault.ledger_key())
    last = list(read_lines(home.ledger))[-1]
    Ledger(home.ledger, vault.ledger_key()).append(records.restored(header.created_at, count, last.time))
