"""The vault: the study's secret key at rest, sealed with a pass phrase.

pass phrase --Argon2id--> key encryption key --AES-256-GCM--> secret key, and a random data key for other files of the
custodian. The whole header of ``vault.json`` (study, profile, fingerprint, cost parameters) is authenticated with both.
Source: RFC 9106 section 4, second recommended option (64 MiB, 3 passes, 4 lanes).
"""

import base64
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc.jwk import ECKey
from pydantic import Field, ValidationError

from hefed.core.errors import BadInput
from hefed.core.protocol.base import Digest, Message, Slug
from hefed.custodian.keeping.files import write_private

KEY_BYTES = 32
_NONCE_BYTES = 12


class SealBroken(BadInput):
    """Sealed bytes do not open: another key, another purpose, or changed bytes. AES-GCM cannot tell which."""


class Sealer:
    """Seals and opens pieces under one key. ``purpose`` is authenticated, so that no piece can stand in for another."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def seal(self, data: bytes, purpose: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, data, purpose.encode())

    def unseal(self, sealed: bytes, purpose: str) -> bytes:
        try:
            return self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken("keeping.seal_broken") from error


def derive_key(key: bytes, purpose: str) -> bytes:
    """A key for one purpose from a master key; HKDF-SHA256, which needs no salt when the input is uniform."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(key)


MINIMUM_PASSPHRASE = 12
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_SALT_BYTES = 16
_MAX_MEMORY_KIB = 4 * 1024 * 1024  # a changed vault.json must not be able to ask for all the memory of the host


class WrongPassphrase(BadInput):
    """The pass phrase does not open the vault, or the vault was changed."""


class Argon2Cost(Message):
    memory_kib: Annotated[int, Field(ge=8 * 1024, le=_MAX_MEMORY_KIB)] = 64 * 1024
    time_cost: Annotated[int, Field(ge=1, le=100)] = 3
    lanes: Annotated[int, Field(ge=1, le=64)] = 4


class VaultHeader(Message):
    """What may be read of a vault without its pass phrase, and cannot be changed without it."""

    format: Literal["hefed-vault/1"] = "hefed-vault/1"
    study: Slug
    profile: str
    key_fingerprint: Digest
    created_at: str
    kdf: Literal["argon2id"] = "argon2id"
    cost: Argon2Cost = Argon2Cost()
    salt: str


class _VaultFile(Message):
    header: VaultHeader
    data_key: str
    secret_key: str


@dataclass(frozen=True)
class Vault:
    """An opened vault. Its repr shows no key, so that a traceback cannot print one."""

    header: VaultHeader
    secret_key: bytes = field(repr=False)
    data_key: bytes = field(repr=False)

    def sealer(self) -> Sealer:
        """For the files of the custodian directory."""
        return Sealer(derive_key(self.data_key, "hefed custodian files"))

    def ledger_key(self) -> bytes:
        """Authenticates the head of the ledger."""
        return derive_key(self.data_key, "hefed custodian ledger")

    def voice_key(self) -> ECKey:
        """Signs what this holder of a whole key posts."""
        return voice_key(self.data_key, self.header.key_fingerprint)


def voice_key(data_key: bytes, key_fingerprint: str) -> ECKey:
    """Signs what the holder of a whole key posts. Its public half goes with the public key, so that a token alone
    speaks for nobody; the same data key and fingerprint give the same."""
    purpose = f"hefed custodian voice {key_fingerprint}"
    number = int.from_bytes(b"".join(derive_key(data_key, f"{purpose} {half}") for half in (1, 2)), "big")
    numbers = derive_private_key(number % (_P256_ORDER - 1) + 1, SECP256R1()).private_numbers()
    point = numbers.public_numbers
    values = {"d": numbers.private_value, "x": point.x, "y": point.y}
    return ECKey.import_key({"kty": "EC", "crv": "P-256", **{name: _base64url(one) for name, one in values.items()}})


def _base64url(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(KEY_BYTES, "big")).rstrip(b"=").decode()


def check_passphrase(passphrase: str) -> None:
    """Refuse a short one before anything is sealed with it."""
    if len(passphrase) < MINIMUM_PASSPHRASE:
        raise BadInput("keeping.passphrase_short", found=len(passphrase), minimum=MINIMUM_PASSPHRASE)


def new_header(*, study: str, profile: str, key_fingerprint: str, created_at: str) -> VaultHeader:
    """A header with a fresh salt."""
    salt = base64.b64encode(os.urandom(_SALT_BYTES)).decode()
    return VaultHeader(study=study, profile=profile, key_fingerprint=key_fingerprint, created_at=created_at, salt=salt)


def create_vault(
    path: Path, header: VaultHeader, secret_key: bytes, passphrase: str, data_key: bytes | None = None
) -> None:
    """Seal the secret key and a data key (a fresh one, unless files sealed with an earlier one must stay readable)
    and write the file (mode 600); an existing vault is never replaced."""
    check_passphrase(passphrase)
    if path.exists():
        raise BadInput("keeping.vault_exists", path=str(path))
    sealer = Sealer(passphrase_key(header.cost, _decode(header.salt), passphrase))
    sealed = {
        "data_key": sealer.seal(data_key or os.urandom(KEY_BYTES), _purpose(header, "data key")),
        "secret_key": sealer.seal(secret_key, _purpose(header, "secret key")),
    }
    encoded = {name: base64.b64encode(value).decode() for name, value in sealed.items()}
    write_private(path, _VaultFile(header=header, **encoded).model_dump_json(indent=1).encode())


def open_vault(path: Path, passphrase: str) -> Vault:
    """The keys in the vault; raises WrongPassphrase, or BadInput for a file that is no vault."""
    file = _read(path)
    sealer = Sealer(passphrase_key(file.header.cost, _decode(file.header.salt), passphrase))
    try:
        data_key = sealer.unseal(_decode(file.data_key), _purpose(file.header, "data key"))
        secret_key = sealer.unseal(_decode(file.secret_key), _purpose(file.header, "secret key"))
    except SealBroken as error:
        raise WrongPassphrase("keeping.passphrase", path=str(path)) from error
    return Vault(file.header, secret_key, data_key)


def read_header(path: Path) -> VaultHeader:
    """Study, profile and fingerprint, without the pass phrase."""
    return _read(path).header


def _read(path: Path) -> _VaultFile:
    try:
        return _VaultFile.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise BadInput("keeping.no_vault", path=str(path)) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadInput("keeping.vault_field", path=str(path), place=place, why=first["msg"]) from None


def passphrase_key(cost: Argon2Cost, salt: bytes, passphrase: str) -> bytes:
    """Argon2id; raises BadInput when the memory is not there."""
    try:
        return hash_secret_raw(
            passphrase.encode(), salt, cost.time_cost, cost.memory_kib, cost.lanes, KEY_BYTES, Type.ID
        )
    except HashingError as error:
        raise BadInput("keeping.memory", kib=cost.memory_kib, why=str(error)) from error


def _purpose(header: VaultHeader, piece: str) -> str:
    return f"hefed vault {piece} {header.model_dump_json()}"


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise SealBroken("keeping.seal_base64") from error
