"""What an encryptor sends and receives, and how patients are recognised and held out without naming anybody.

Pure; the hospital applies it, ``manage.py rehearse`` repeats it. Twin in the browser: static/encryptor.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from hefed.core.protocol.base import Digest, Message, Role, Slug


class HoldoutRule(Message):
    """A patient is held out when HMAC-SHA256(salt, id), first 8 bytes, big endian, over 2^64, is below the fraction."""

    salt: Annotated[str, Field(pattern=r"^[0-9a-f]{32,128}$")]
    fraction: Annotated[float, Field(gt=0, lt=1)] = 0.2


class KeyInfo(Message):
    """``fingerprint``: SHA-256 of the public key envelope's payload, shown to people in groups of four.

    ``proposed``: it lies beside the key in use and takes its place only when people agree.
    """

    fingerprint: Digest
    published_at: str
    proposed: bool = False


class StudyRules(Message):
    """What the study asks of every opening. The custodian applies the stricter of these and its own policy.

    ``agents_must_approve``: hospitals of a shared key whose agents must sign for each release; 0: none.
    """

    minimum_rows: Annotated[int, Field(ge=5)]
    small_cell: Annotated[int, Field(ge=5)]
    round_to: Annotated[int, Field(ge=5)]
    min_events: Annotated[int, Field(ge=5)]
    curve_events: Annotated[int, Field(ge=5)]
    agents_must_approve: Annotated[int, Field(ge=0, le=9)] = 0


class StudyPackage(Message):
    """All that an encryptor or a custodian needs to know of a study; ``GET /api/v1/study``."""

    study: Slug
    name: str
    institution: Slug
    profile: str
    dictionary_version: int
    dictionary_digest: Digest
    dictionary_csv: str
    holdout: HoldoutRule
    key: KeyInfo | None
    max_block_bytes: int
    rules: StudyRules | None = None


class BlockManifest(Message):
    """``sha256`` is empty when the block is encrypted while it is uploaded: its digest comes with its first piece."""

    index: Annotated[int, Field(ge=0)]
    role: Role
    patients: Annotated[int, Field(ge=1)]
    bytes: Annotated[int, Field(ge=1)]
    sha256: Digest | Literal[""] = ""


class SharedPatients(Message):
    """How many patients of each role a batch has in common with an earlier one of the same hospital, by its digest."""

    cohort_digest: Digest
    train: Annotated[int, Field(ge=0)]
    holdout: Annotated[int, Field(ge=0)]


class BatchManifest(Message):
    """Announces a batch. ``cohort_digest``: SHA-256 over the sorted HMAC-SHA256(salt, id) of its patients, so that the
    same patients sent twice are recognised without naming anybody. ``order_digest``: SHA-256 of the batch's order key,
    when blocks have no digests yet: only who holds that key can go on with the batch, in the same order of patients.
    ``shared``: one entry for every earlier batch, with 0 where nobody is in both; None: nobody counted."""

    format: Literal["hefed-batch/1"] = "hefed-batch/1"
    study: Slug
    institution: Slug
    profile: str
    key_fingerprint: Digest
    dictionary_version: int
    dictionary_digest: Digest
    cohort_digest: Digest
    patients: Annotated[int, Field(ge=1)]
    columns: Annotated[list[str], Field(min_length=2)]  # "intercept" first; the outcome is not among them
    blocks: Annotated[list[BlockManifest], Field(min_length=1)]
    encryptor: str
    order_digest: Digest | Literal[""] = ""
    shared: list[SharedPatients] | None = None


BlockState = Literal["waiting", "partial", "stored"]


BatchState = Literal["uploading", "checking", "custodian", "admitted", "quarantined", "outdated", "withdrawn"]


class BlockStatus(Message):
    index: int
    state: BlockState
    received_bytes: int
    bytes: int


class BatchStatus(Message):
    batch: str
    state: BatchState
    reason: str
    blocks: list[BlockStatus]


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
