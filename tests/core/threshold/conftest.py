"""One key on the small ring for the session, shared 2 of 3 and 3 of 5, and what a server would send."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pytest

from hefed.core.ckks import backend
from hefed.core.ckks.backend import Encryptor, Evaluator, generate_keys
from hefed.core.ckks.keys import EvaluationKeys, SecretKey
from hefed.core.ckks.totals import SealedTotal
from hefed.core.ckks.wire import CiphertextWords
from hefed.core.threshold.combine import PartialAnswers, known_total
from hefed.core.threshold.partial import PartialOpener, c1_digest
from hefed.core.threshold.shamir import Scheme, Share, split
from hefed.custodian.desk.results import ThresholdOpening
from tests.insecure import INSECURE_TEST_N12_L9

RING = INSECURE_TEST_N12_L9
Answering = Callable[..., PartialAnswers]


@lru_cache(maxsize=1)
def all_keys() -> tuple[SecretKey, EvaluationKeys]:
    return generate_keys(RING)


@pytest.fixture(scope="session")
def secret() -> SecretKey:
    return all_keys()[0]


@pytest.fixture(scope="session")
def keys() -> EvaluationKeys:
    return all_keys()[1]


@pytest.fixture(scope="session")
def two_of_three(secret: SecretKey) -> list[Share]:
    return split(Scheme(RING, 3, 2), secret.words[0])


@pytest.fixture(scope="session")
def three_of_five(secret: SecretKey) -> list[Share]:
    return split(Scheme(RING, 5, 3), secret.words[0])


@lru_cache(maxsize=1)
def _server() -> tuple[Encryptor, Evaluator]:
    return Encryptor(all_keys()[1].public), Evaluator(all_keys()[1])


def sealed(values: np.ndarray) -> SealedTotal:
    """The total of these slots, as the server sends it."""
    encryptor, ops = _server()
    return ops.seal_total(ops.blind(encryptor.encrypt(values, 0)))


def rows(values: np.ndarray) -> CiphertextWords:
    """One number a patient, as the server sends scores."""
    return backend.to_words(RING, _server()[0].encrypt(values, 0))


def answer(share: Share, totals: list[SealedTotal], scores: list[CiphertextWords] | None = None) -> PartialAnswers:
    """What the hospital of this share answers, the known total included."""
    opener, known = PartialOpener(share), known_total(all_keys()[1].public)
    polynomials = [ciphertext.words[1, 0] for ciphertext in scores or []]
    return PartialAnswers(
        share.point,
        {c1_digest(one.c1): opener.total(one.c1) for one in [*totals, known]},
        {c1_digest(c1): opener.slots(c1) for c1 in polynomials},
    )


def opened(shares: list[Share], total: SealedTotal) -> float:
    """The total, opened by exactly these shares."""
    answers = [answer(share, [total]) for share in shares]
    opening = ThresholdOpening(shares[0].scheme, answers, [share.point for share in shares])
    (value,) = opening.open_totals([total])
    return value
