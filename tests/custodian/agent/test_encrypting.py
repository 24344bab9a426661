"""Coefficients are encrypted by two processes, or by one that is left alone."""

import multiprocessing
from collections.abc import Iterator

import pytest

from hefed.core.ckks.backend import Decryptor, generate_keys
from hefed.core.ckks.keys import EvaluationKeys, SecretKey
from hefed.core.ckks.params import profile
from hefed.core.ckks.wire import Shape, unpack
from hefed.custodian.agent.encrypting import CoefficientEncryptor, TwoProcesses, encrypting
from tests.custodian.fake_server import PROFILE

BETAS = [0.25, -1.5, 3.0, 0.0, 0.125]


@pytest.fixture(scope="module")
def keys() -> tuple[SecretKey, EvaluationKeys]:
    return generate_keys(profile(PROFILE))


@pytest.fixture(scope="module")
def encryptor(keys: tuple[SecretKey, EvaluationKeys]) -> Iterator[CoefficientEncryptor]:
    with encrypting(keys[1].public) as found:
        yield found


def _opened(secret: SecretKey, packed: list[bytes], level: int) -> list[list[float]]:
    decryptor = Decryptor(secret)
    return [list(decryptor.slots(unpack(profile(PROFILE), item, Shape(level)))[[0, 1, -1]]) for item in packed]


def test_coefficient_is_in_every_slot_and_in_its_place(
    keys: tuple[SecretKey, EvaluationKeys], encryptor: CoefficientEncryptor
) -> None:
    opened = _opened(keys[0], encryptor.packed(BETAS, 7), 7)
    assert opened == [pytest.approx([beta] * 3, abs=1e-4) for beta in BETAS]


def test_coefficients_are_encrypted_alone_when_the_second_process_has_ended(
    keys: tuple[SecretKey, EvaluationKeys], encryptor: CoefficientEncryptor
) -> None:
    assert isinstance(encryptor, TwoProcesses)
    before = set(multiprocessing.active_children())
    with encrypting(keys[1].public) as lonely:
        assert isinstance(lonely, TwoProcesses)
        (second,) = set(multiprocessing.active_children()) - before
        second.terminate()
        second.join()
        for _ in range(2):
            opened = _opened(keys[0], lonely.packed(BETAS, 1), 1)
            assert opened == [pytest.approx([beta] * 3, abs=1e-4) for beta in BETAS]


def test_one_coefficient_needs_no_second_process(
    keys: tuple[SecretKey, EvaluationKeys], encryptor: CoefficientEncryptor
) -> None:
    assert _opened(keys[0], encryptor.packed([2.0], 1), 1) == [pytest.approx([2.0] * 3, abs=1e-4)]
