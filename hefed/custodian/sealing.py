"""Authenticated encryption of what the custodian keeps on disk: AES-256-GCM, each piece bound to its purpose."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hefed.errors import BadInput

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
            raise SealBroken("cannot open sealed bytes: they were changed, or sealed for something else") from error


def derive_key(key: bytes, purpose: str) -> bytes:
    """A key for one purpose from a master key; HKDF-SHA256, which needs no salt when the input is uniform."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(key)
