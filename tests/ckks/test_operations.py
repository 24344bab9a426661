"""Three interpreters, one language: TenSEAL against NumPy in bits, and the same refusals from all of them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bench.plain_operations import PlainOperations
from hefed.core.ckks import backend, seal_stream
from hefed.core.ckks.backend import Decryptor, Encryptor, Evaluator
from hefed.core.ckks.cost import DryRun, Operation, Shape
from hefed.core.ckks.keys import EvaluationKeys
from hefed.core.ckks.ops import Operations
from hefed.core.ckks.params import Profile
from hefed.core.ckks.wire import Shape as WireShape
from hefed.core.errors import BadInput, CiphertextInvalid, CircuitError, LevelExhausted, ScaleMismatch
from tests.words.raises import says

Build = Callable[[Any, Any, Any], Any]

_PROGRAMS: dict[str, Build] = {
    "product": lambda ops, a, b: ops.rescale(ops.relinearise(ops.multiply(a, b))),
    "square": lambda ops, a, b: ops.rescale(ops.relinearise(ops.multiply(a, a))),
    "three parts": lambda ops, a, b: ops.multiply(a, b),
    "sum of products": lambda ops, a, b: ops.multiply_add(ops.multiply_add(None, a, b), b, b),
    "sum": lambda ops, a, b: ops.add(a, b),
    "twice": lambda ops, a, b: (lambda total: ops.accumulate(total, total))(ops.add(a, b)),
    "difference": lambda ops, a, b: ops.subtract(a, b),
    "constant": lambda ops, a, b: ops.rescale(
        ops.multiply_constant(a, -2.5, ops.profile.scale * ops.profile.primes[3])
    ),
    "shift": lambda ops, a, b: ops.add_constant(ops.add(a, b), 0.375),
    "monomial twice": lambda ops, a, b: ops.times_monomial(ops.times_monomial(a)),
    "monomial there and back": lambda ops, a, b: ops.times_monomial(ops.times_monomial(a), -1),
    "dropped": lambda ops, a, b: ops.drop_to(a, 1),
    "blinded": lambda ops, a, b: ops.blind(ops.drop_to(a, 0)),
}


@pytest.mark.parametrize("program", _PROGRAMS.values(), ids=_PROGRAMS.keys())
def test_encrypted_agrees_with_plain_to_eighteen_bits(
    program: Build, ring: Profile, encryptor: Encryptor, evaluator: Evaluator, decryptor: Decryptor
) -> None:
    x, y = np.random.default_rng(5).uniform(-2, 2, (2, ring.slots))
    plain = PlainOperations(ring)

    encrypted = program(evaluator, encryptor.encrypt(x, 3), encryptor.encrypt(y, 3))
    expected = program(plain, plain.encrypt(x, 3), plain.encrypt(y, 3))

    assert evaluator.level(encrypted) == plain.level(expected)
    assert evaluator.scale(encrypted) == pytest.approx(plain.scale(expected), rel=1e-12)
    assert np.abs(decryptor.decrypt(encrypted) - expected.slots.real).max() < 8 * 2**-18


def test_monomial_turns_a_real_value_into_an_imaginary_one_exactly(
    encryptor: Encryptor, evaluator: Evaluator, decryptor: Decryptor, random: np.random.Generator
) -> None:
    values = random.normal(size=decryptor.profile.slots)

    turned = decryptor.decrypt(evaluator.times_monomial(encryptor.encrypt(values, 1)))

    assert np.abs(turned).max() < 2**-18


def _interpreters(ring: Profile, keys: EvaluationKeys) -> list[tuple[Operations[Any], Callable[[int], Any]]]:
    encryptor, plain = Encryptor(keys.public), PlainOperations(ring)
    return [
        (Evaluator(keys), lambda level: encryptor.encrypt([1.0, 2.0], level)),
        (plain, lambda level: plain.encrypt([1.0, 2.0], level)),
        (DryRun(ring), lambda level: Shape(level, ring.scale)),
    ]


_REFUSALS: dict[str, tuple[str, type[CircuitError], Callable[[Operations[Any], Callable[[int], Any]], object]]] = {
    "rescale at level 0": ("ckks.level_exhausted", LevelExhausted, lambda ops, fresh: ops.rescale(fresh(0))),
    "product that overflows": (
        "ckks.scale_overflow",
        LevelExhausted,
        lambda ops, fresh: ops.multiply(fresh(0), fresh(0)),
    ),
    "drop upwards": ("ckks.level_exhausted", LevelExhausted, lambda ops, fresh: ops.drop_to(fresh(1), 2)),
    "levels differ": ("ckks.levels_differ", CircuitError, lambda ops, fresh: ops.add(fresh(1), fresh(2))),
    "scales differ": (
        "ckks.scales_differ",
        ScaleMismatch,
        lambda ops, fresh: ops.add(fresh(2), ops.multiply_constant(fresh(2), 1.0, 2.0**60)),
    ),
    "neighbouring primes": (
        "ckks.scales_differ",
        ScaleMismatch,
        lambda ops, fresh: ops.add(
            fresh(1), ops.rescale(ops.multiply_constant(fresh(2), 1.0, ops.profile.scale * ops.profile.primes[3]))
        ),
    ),
    "three parts": (
        "ckks.parts",
        CircuitError,
        lambda ops, fresh: ops.multiply(ops.multiply(fresh(2), fresh(2)), fresh(2)),
    ),
    "two parts": ("ckks.parts", CircuitError, lambda ops, fresh: ops.relinearise(fresh(2))),
    "constant overflows": (
        "ckks.scale_overflow",
        LevelExhausted,
        lambda ops, fresh: ops.multiply_constant(fresh(0), 1.0, 2.0**60),
    ),
}


@pytest.mark.parametrize(("code", "error", "attempt"), _REFUSALS.values(), ids=_REFUSALS.keys())
def test_all_interpreters_refuse_alike(
    code: str,
    error: type[CircuitError],
    attempt: Callable[[Operations[Any], Callable[[int], Any]], object],
    ring: Profile,
    keys: EvaluationKeys,
) -> None:
    for ops, fresh in _interpreters(ring, keys):
        with says(code, error):
            attempt(ops, fresh)


def test_dry_run_counts_by_name_level_and_parts(ring: Profile) -> None:
    run, value = DryRun(ring), Shape(2, ring.scale)

    run.rescale(run.relinearise(run.multiply_add(run.multiply(value, value), value, Shape(2, ring.scale))))

    assert run.counts == {
        Operation("square", 2, 3): 1,
        Operation("multiply_add", 2, 3): 1,
        Operation("relinearise", 2, 3): 1,
        Operation("rescale", 2, 2): 1,
    }


def test_column_that_does_not_fit_is_refused(ring: Profile, encryptor: Encryptor) -> None:
    for values in (np.zeros(ring.slots + 1), [float("nan")], np.zeros((2, 2))):
        with says("ckks.column_shape", BadInput):
            encryptor.encrypt(values, 1)
    with says("ckks.encrypt_level", BadInput, level=10):
        encryptor.encrypt([1.0], 10)


def test_fresh_encryptions_of_one_value_differ(encryptor: Encryptor) -> None:
    assert encryptor.packed_constant(1.0, 0) != encryptor.packed_constant(1.0, 0)


def test_block_is_loaded_column_by_column(
    ring: Profile, encryptor: Encryptor, evaluator: Evaluator, decryptor: Decryptor
) -> None:
    items = [encryptor.packed([float(n)], ring.max_level) for n in range(3)] + [encryptor.packed([1.0], 2)]

    columns, outcome = evaluator.load_block(iter(items), 3, keep_level=1)

    assert [round(float(decryptor.decrypt(column)[0]), 3) for column in columns] == [0.0, 1.0, 2.0]
    assert (evaluator.level(outcome), round(float(decryptor.decrypt(outcome)[0]), 3)) == (1, 1.0)


def test_block_with_a_column_too_few_or_too_many_is_refused(
    ring: Profile, encryptor: Encryptor, evaluator: Evaluator
) -> None:
    column, outcome = encryptor.packed([1.0], ring.max_level), encryptor.packed([1.0], 2)

    for items in ([column, outcome], [column, column, outcome, outcome], [column, column, column, outcome]):
        with pytest.raises(CiphertextInvalid):
            evaluator.load_block(iter(items), 2, keep_level=1)


def test_words_read_from_memory_are_those_that_seal_saves(ring: Profile, encryptor: Encryptor):
    ciphertext = encryptor.encrypt(np.linspace(-1, 1, ring.slots), 3)
    saved = seal_stream.read_ciphertext(ring, backend._saved(ciphertext), WireShape(3))
    assert backend._memory_is_readable(ring)
    assert np.array_equal(backend.to_words(ring, ciphertext).words, saved.words)


def test_words_of_an_unknown_binding_are_saved_instead(
    ring: Profile, encryptor: Encryptor, monkeypatch: pytest.MonkeyPatch
):
    backend._memory_is_readable.cache_clear()
    monkeypatch.setattr(backend, "version", lambda name: "0.4.0")
    ciphertext = encryptor.encrypt([1.0], 0)
    assert not backend._memory_is_readable(ring)
    assert backend.to_words(ring, ciphertext).words.shape == (2, 1, ring.ring_degree)
    backend._memory_is_readable.cache_clear()
