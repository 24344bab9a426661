"""Simulated hospitals: rows by the custodian tests' dictionary, encrypted for real on the small ring."""

import hashlib
from dataclasses import dataclass

import numpy as np

from hefed.core.ckks.backend import Encryptor
from hefed.core.ckks.params import OUTCOME_LEVEL, profile
from hefed.core.dictionary.variables import DataDictionary
from hefed.core.protocol import envelope
from hefed.core.protocol.envelope import Label
from hefed.core.protocol.uploads import BatchManifest, BlockManifest, StudyPackage
from tests.custodian.cohort import Rows, simulate

PROFILE = "INSECURE_TEST_N12_L9"


@dataclass(frozen=True)
class Upload:
    """A batch as a hospital holds it: its manifest and the bytes of each block."""

    manifest: BatchManifest
    blocks: list[bytes]


def encrypt_batch(
    package: StudyPackage, encryptor: Encryptor, train: Rows, holdout: Rows, *, rows_per_block: int = 0
) -> Upload:
    """Blocks of at most ``rows_per_block`` patients (0: full blocks), training first."""
    size = rows_per_block or profile(package.profile).slots
    parts = [("train", part) for part in _parts(train, size)] + [("holdout", part) for part in _parts(holdout, size)]
    blocks = [seal_block(package, encryptor, index, role, rows) for index, (role, rows) in enumerate(parts)]
    listed = [
        BlockManifest(
            index=index, role=role, patients=len(rows.y), bytes=len(data), sha256=hashlib.sha256(data).hexdigest()
        )
        for index, ((role, rows), data) in enumerate(zip(parts, blocks, strict=True))
    ]
    return Upload(manifest_of(package, encryptor_fingerprint(package), listed, train, holdout), blocks)


def encryptor_fingerprint(package: StudyPackage) -> str:
    assert package.key is not None
    return package.key.fingerprint


def manifest_of(
    package: StudyPackage, fingerprint: str, blocks: list[BlockManifest], train: Rows, holdout: Rows
) -> BatchManifest:
    cohort = hashlib.sha256(train.x.tobytes() + holdout.x.tobytes()).hexdigest()
    return BatchManifest(
        study=package.study,
        institution=package.institution,
        profile=package.profile,
        key_fingerprint=fingerprint,
        dictionary_version=package.dictionary_version,
        dictionary_digest=package.dictionary_digest,
        cohort_digest=cohort,
        patients=len(train.y) + len(holdout.y),
        columns=[column.name for column in DataDictionary.from_csv(package.dictionary_csv).columns],
        blocks=blocks,
        encryptor="tests",
    )


def seal_block(package: StudyPackage, encryptor: Encryptor, index: int, role: str, rows: Rows) -> bytes:
    top = profile(package.profile).max_level
    items = [encryptor.packed(column, top) for column in rows.x.T] + [encryptor.packed(rows.y, OUTCOME_LEVEL)]
    meta = {
        "institution": package.institution,
        "dictionary_digest": package.dictionary_digest,
        "role": role,
        "patients": len(rows.y),
        "index": index,
    }
    label = Label("block", package.study, package.profile, encryptor_fingerprint(package))
    return envelope.to_bytes(label, items, meta)


def simulate_hospital(n_train: int, n_holdout: int, seed: int) -> tuple[Rows, Rows]:
    rows = simulate(n_train + n_holdout, seed)
    return Rows(rows.x[:n_train], rows.y[:n_train]), Rows(rows.x[n_train:], rows.y[n_train:])


def _parts(rows: Rows, size: int) -> list[Rows]:
    starts = range(0, len(rows.y), size)
    return [Rows(rows.x[start : start + size], rows.y[start : start + size]) for start in starts]


def together(*parts: Rows) -> Rows:
    return Rows(np.vstack([part.x for part in parts]), np.concatenate([part.y for part in parts]))
