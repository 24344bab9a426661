"""Who is held out, and how the same patients are recognised, without naming anybody.

Pure; the hospital applies it, ``manage.py rehearse`` repeats it. Twin in the browser: static/encryptor.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable

from hefed.core.protocol.uploads import HoldoutRule

_WORDS_64 = 2.0**64


def patient_hash(salt: str, patient_id: str) -> bytes:
    """HMAC-SHA256 whose key is the salt's ASCII text and whose message is the trimmed, composed id in UTF-8."""
    text = unicodedata.normalize("NFC", patient_id.strip())
    return hmac.digest(salt.encode("ascii"), text.encode(), "sha256")


def is_held_out(digest: bytes, fraction: float) -> bool:
    """The first 8 bytes, big endian, as a fraction of 2^64; the product is exact because 2^64 is a power of two."""
    return int.from_bytes(digest[:8], "big") < fraction * _WORDS_64


def holdout_ids(ids: Iterable[str], rule: HoldoutRule) -> list[str]:
    """Those of the ids that the rule holds out, in the given order."""
    return [one for one in ids if is_held_out(patient_hash(rule.salt, one), rule.fraction)]


def cohort_digest(hashes: Iterable[bytes]) -> str:
    """SHA-256 over the sorted patient hashes, in hex: equal for the same patients in any order."""
    return hashlib.sha256(b"".join(sorted(hashes))).hexdigest()
