from functools import lru_cache

import numpy as np
import pytest

from hefed.core.ckks import backend, totals
from hefed.core.ckks.backend import Encryptor, Evaluator, generate_keys
from hefed.core.ckks.keys import EvaluationKeys, SecretKey
from hefed.core.ckks.params import Profile, profile
from hefed.core.ckks.totals import SealedTotal
from hefed.core.errors import BadInput
from hefed.custodian.desk.results import Opening, SingleKeyOpening
from tests.custodian.fake_server import PROFILE
from tests.words.raises import says


@lru_cache(maxsize=1)
def _keys() -> tuple[SecretKey, EvaluationKeys]:
    return generate_keys(profile(PROFILE))


def _sealed(values: np.ndarray) -> SealedTotal:
    ops = Evaluator(_keys()[1])
    return ops.seal_total(ops.blind(Encryptor(_keys()[1].public).encrypt(values, 0)))


def test_opening_equals_the_plaintext_total() -> None:
    rng = np.random.default_rng(1)
    columns = [rng.normal(size=2048) for _ in range(3)]
    opening: Opening = SingleKeyOpening(_keys()[0])
    opened = list(opening.open_totals(_sealed(column) for column in columns))
    assert opened == pytest.approx([column.sum() for column in columns], abs=1e-3)


def test_opening_by_limbs_is_exact() -> None:
    sealed = _sealed(np.linspace(-4, 4, 2048))
    (opened,) = SingleKeyOpening(_keys()[0]).open_totals([sealed])
    assert opened == totals.open_total(_keys()[0], sealed)


def test_opening_of_the_largest_words_is_exact() -> None:
    q0 = profile(PROFILE).primes[0]
    largest = SecretKey(profile(PROFILE), np.full((11, 4096), q0 - 1, np.uint64))
    sealed = SealedTotal(0, np.full(4096, q0 - 1, np.uint64), 2.0**36)
    (opened,) = SingleKeyOpening(largest).open_totals([sealed])
    assert opened == totals.open_total(largest, sealed)


def test_opening_refuses_a_ring_whose_first_prime_its_sums_cannot_hold() -> None:
    wide = Profile("INSECURE_TEST_WIDE", 4096, (60, 36, 60), 36)
    with says("threshold.wide_prime", BadInput, bits=60, limit=54):
        SingleKeyOpening(SecretKey(wide, np.zeros((3, 4096), np.uint64)))


def test_opening_gives_the_slots_of_row_scores() -> None:
    values = np.random.default_rng(3).normal(size=2048)
    native = Encryptor(_keys()[1].public).encrypt(values, 0)
    slots = SingleKeyOpening(_keys()[0]).open_slots(backend.to_words(profile(PROFILE), native))
    assert slots == pytest.approx(values, abs=1e-4)
