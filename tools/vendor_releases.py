"""What the release pages take from npm: signing and decrypting of ``jose``, file by file as it publishes them."""

from pathlib import Path

from tools.vendor_encryptor import copy_tree

_ENTRIES = ("jws/compact/sign.js", "jwe/compact/decrypt.js")


def fill(modules: Path, vendor: Path) -> None:
    """Copy both entries and what they import below ``vendor/jose``; ``modules`` is npm's folder."""
    copy_tree(modules / "jose/dist/webapi", vendor / "jose", _ENTRIES)
