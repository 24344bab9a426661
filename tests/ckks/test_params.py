"""The profile against SEAL, and what it refuses."""

import pytest
import tenseal.sealapi as seal

from hefed.core.ckks.params import Profile, profile, register_insecure
from hefed.core.errors import BadInput
from tests.insecure import INSECURE_TEST_N12_L9
from tests.words.raises import says


def _seal_context(ring: Profile) -> tuple[seal.EncryptionParameters, seal.SEALContext]:
    parameters = seal.EncryptionParameters(seal.SCHEME_TYPE.CKKS)
    parameters.set_poly_modulus_degree(ring.ring_degree)
    parameters.set_coeff_modulus(seal.CoeffModulus.Create(ring.ring_degree, list(ring.prime_bits)))
    security = seal.SEC_LEVEL_TYPE.TC128 if ring.security_bits else seal.SEC_LEVEL_TYPE.NONE
    return parameters, seal.SEALContext(parameters, True, security)


@pytest.mark.parametrize("ring", [profile("N14_L9"), INSECURE_TEST_N12_L9], ids=lambda ring: ring.name)
def test_profile_derives_the_primes_and_identifiers_of_seal(ring: Profile) -> None:
    parameters, context = _seal_context(ring)

    assert context.parameters_set()
    assert ring.primes == tuple(prime.value() for prime in parameters.coeff_modulus())
    assert ring.key_parms_id == b"".join(word.to_bytes(8, "little") for word in context.key_parms_id())
    assert ring.parms_id(0) == b"".join(word.to_bytes(8, "little") for word in context.last_parms_id())
    assert ring.parms_id(ring.max_level) == b"".join(word.to_bytes(8, "little") for word in context.first_parms_id())


def test_product_profile_is_exactly_at_the_128_bit_limit() -> None:
    ring = profile("N14_L9")

    assert (ring.modulus_bits, ring.ring_degree, ring.security_bits, ring.slots) == (438, 16384, 128, 8192)


def test_profile_beyond_the_security_limit_is_refused() -> None:
    with says("ckks.profile_insecure", BadInput, bits=439, limit=438):
        Profile("N14_L9_WIDE", 16384, (55,) + (36,) * 9 + (60,), 36)


def test_insecure_ring_needs_a_name_that_says_so() -> None:
    with says("ckks.insecure_name", BadInput, prefix="INSECURE_TEST_"):
        register_insecure(Profile("N14_TINY", 16384, (54, 36, 60), 36))


def test_level_outside_the_chain_is_refused(ring: Profile) -> None:
    with says("ckks.level_unknown", BadInput, highest=9):
        ring.data_primes(10)
