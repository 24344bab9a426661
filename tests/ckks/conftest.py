"""Keys and one encrypted vector on the small ring, made once."""

from collections.abc import Iterator

import numpy as np
import pytest

from hefed.core.ckks.backend import Decryptor, Encryptor, Evaluator, generate_keys
from hefed.core.ckks.keys import EvaluationKeys, SecretKey
from hefed.core.ckks.params import Profile
from tests.insecure import INSECURE_TEST_N12_L9


@pytest.fixture(scope="session")
def ring() -> Profile:
    return INSECURE_TEST_N12_L9


@pytest.fixture(scope="session")
def all_keys(ring: Profile) -> tuple[SecretKey, EvaluationKeys]:
    return generate_keys(ring)


@pytest.fixture(scope="session")
def secret_key(all_keys: tuple[SecretKey, EvaluationKeys]) -> SecretKey:
    return all_keys[0]


@pytest.fixture(scope="session")
def keys(all_keys: tuple[SecretKey, EvaluationKeys]) -> EvaluationKeys:
    return all_keys[1]


@pytest.fixture(scope="session")
def encryptor(keys: EvaluationKeys) -> Encryptor:
    return Encryptor(keys.public)


@pytest.fixture(scope="session")
def evaluator(keys: EvaluationKeys) -> Evaluator:
    return Evaluator(keys)


@pytest.fixture(scope="session")
def decryptor(secret_key: SecretKey) -> Decryptor:
    return Decryptor(secret_key)


@pytest.fixture()
def random() -> Iterator[np.random.Generator]:
    yield np.random.default_rng(11)
