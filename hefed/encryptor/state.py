"""What the encryptor remembers at the hospital: keyed hashes of patients already sent, so that none is sent twice.

The key never leaves the directory; without it the hashes name nobody. One file a cohort, renamed as its fate is known:
``<cohort digest>.pending`` while only encrypted, ``.sent`` once the server has accepted its manifest.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path

from hefed.core.errors import BadInput

_HASH_BYTES = 16
_KEY_BYTES = 32


class LocalState:
    """One directory (mode 700) for all studies of this computer."""

    def __init__(self, home: Path) -> None:
        self._home = home
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._key = _key(home / "key")

    def keyed_name(self, *parts: bytes) -> str:
        """A file name that depends on the parts and on this directory's key."""
        return hmac.digest(self._key, b"\0".join(map(_sha256, parts)), "sha256").hex()

    def outbox(self, name: str) -> Path:
        """Where ``push`` keeps a batch file until the server has all of it."""
        return self._folder("outbox") / f"{name}.hefed.zip"

    def remember(self, study: str, cohort: str, patients: Iterable[bytes]) -> None:
        """Keep a cohort as pending; it counts as sent only after ``mark_sent``."""
        if not self._sent(study, cohort).exists():
            _write(self._pending(study, cohort), b"".join(map(self._keyed, patients)))

    def mark_sent(self, study: str, cohort: str) -> None:
        pending = self._pending(study, cohort)
        if pending.exists():
            pending.replace(self._sent(study, cohort))

    def forget(self, study: str, cohort: str) -> None:
        """The server does not hold this cohort (any more): its patients may be sent again."""
        self._sent(study, cohort).unlink(missing_ok=True)
        self._pending(study, cohort).unlink(missing_ok=True)

    def forget_all(self, study: str) -> None:
        for path in self._folder("sent", study).glob("*.sent"):
            path.unlink()

    def already_sent(self, study: str) -> Callable[[bytes], bool]:
        """Tells which patients an earlier batch of this study holds."""
        known: set[bytes] = set()
        for path in sorted(self._folder("sent", study).glob("*.sent")):
            data = path.read_bytes()
            known.update(data[at : at + _HASH_BYTES] for at in range(0, len(data), _HASH_BYTES))
        return lambda patient: self._keyed(patient) in known if known else False

    def receipt(self, name: str) -> str:
        """The batch as which a table of that keyed name was sent, or an empty string."""
        path = self._receipt(name)
        return path.read_text(encoding="ascii") if path.exists() else ""

    def keep_receipt(self, name: str, batch: str) -> None:
        _write(self._receipt(name), batch.encode("ascii"))

    def drop_receipt(self, name: str) -> None:
        self._receipt(name).unlink(missing_ok=True)

    def _keyed(self, patient: bytes) -> bytes:
        return hmac.digest(self._key, patient, "sha256")[:_HASH_BYTES]

    def _folder(self, *names: str) -> Path:
        folder = self._home
        for name in names:
            folder /= name
            folder.mkdir(mode=0o700, exist_ok=True)  # one by one: mkdir gives parents the default mode
        return folder

    def _receipt(self, name: str) -> Path:
        return self._folder("receipts") / name

    def _pending(self, study: str, cohort: str) -> Path:
        return self._folder("sent", study) / f"{cohort}.pending"

    def _sent(self, study: str, cohort: str) -> Path:
        return self._folder("sent", study) / f"{cohort}.sent"


def _key(path: Path) -> bytes:
    if not path.exists():
        _write(path, secrets.token_bytes(_KEY_BYTES))
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise BadInput("encryptor.state_key", path=str(path), size=len(key), wanted=_KEY_BYTES)
    return key


def _write(path: Path, data: bytes) -> None:
    """Whole or absent, readable by the owner only."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
    partial.replace(path)


def _sha256(part: bytes) -> bytes:
    return hashlib.sha256(part).digest()
