"""CKKS parameter profiles: one frozen, checked object that everything downstream trusts.

Source: homomorphic encryption standard (Albrecht et al. 2018), table 1 (128-bit, ternary secret): 438 bits at ring
degree 16,384. Prime selection follows SEAL's ``CoeffModulus::Create`` so that both sides derive the same ring.
"""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from hefed.core.errors import BadInput

CKKS_SCHEME_ID = 2
INSECURE_PREFIX = "INSECURE_TEST_"
OUTCOME_LEVEL = 2  # where the outcome is encrypted: sum y x_j x_k is two products deep, everything else needs less
_MAX_BITS_128 = {1024: 27, 2048: 54, 4096: 109, 8192: 218, 16384: 438, 32768: 881}
_MILLER_RABIN_BASES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)  # deterministic below 3.3e24


@dataclass(frozen=True)
class Profile:
    """A ring and its modulus chain. ``prime_bits`` runs from the first data prime to the key-switching prime."""

    name: str
    ring_degree: int
    prime_bits: tuple[int, ...]
    scale_bits: int

    def __post_init__(self) -> None:
        secure = self.modulus_bits <= _MAX_BITS_128.get(self.ring_degree, 0)
        if not secure and not self.name.startswith(INSECURE_PREFIX):
            raise BadInput(
                "ckks.profile_insecure",
                name=self.name,
                bits=self.modulus_bits,
                limit=_MAX_BITS_128.get(self.ring_degree, 0),
                ring_degree=self.ring_degree,
            )

    @property
    def slots(self) -> int:
        """Real numbers in one ciphertext: half the ring degree."""
        return self.ring_degree // 2

    @property
    def scale(self) -> float:
        return 2.0**self.scale_bits

    @property
    def max_level(self) -> int:
        """Rescalings that a fresh ciphertext has left."""
        return len(self.prime_bits) - 2

    @property
    def modulus_bits(self) -> int:
        return sum(self.prime_bits)

    @property
    def security_bits(self) -> int:
        """128 for product profiles, 0 for the insecure rings of the test suite."""
        return 0 if self.name.startswith(INSECURE_PREFIX) else 128

    @cached_property
    def primes(self) -> tuple[int, ...]:
        """All primes in SEAL's order, the key-switching prime last."""
        streams = {bits: _descending(bits, 2 * self.ring_degree) for bits in set(self.prime_bits)}
        found = {bits: [next(stream) for _ in range(self.prime_bits.count(bits))] for bits, stream in streams.items()}
        return tuple(found[bits].pop() for bits in self.prime_bits)

    def data_primes(self, level: int) -> tuple[int, ...]:
        """The primes of a ciphertext at ``level``: level + 1 of them."""
        if not 0 <= level <= self.max_level:
            raise BadInput("ckks.level_unknown", level=level, name=self.name, highest=self.max_level)
        return self.primes[: level + 1]

    def parms_id(self, level: int) -> bytes:
        """SEAL's 32-byte identifier of the parameters at ``level`` (BLAKE2b: scheme, degree, primes, plain modulus)."""
        return _parms_id(self.ring_degree, self.data_primes(level))

    @cached_property
    def key_parms_id(self) -> bytes:
        """SEAL's identifier of the whole chain, the one that keys carry."""
        return _parms_id(self.ring_degree, self.primes)


def _parms_id(ring_degree: int, primes: tuple[int, ...]) -> bytes:
    words = (CKKS_SCHEME_ID, ring_degree, *primes, 0)
    return hashlib.blake2b(struct.pack(f"<{len(words)}Q", *words), digest_size=32).digest()


def _descending(bits: int, step: int) -> Iterator[int]:
    """Primes of exactly ``bits`` bits that are 1 modulo ``step``, the largest first."""
    candidate = (2**bits - 1) // step * step + 1
    while candidate >= 2 ** (bits - 1):
        if candidate < 2**bits and _is_prime(candidate):
            yield candidate
        candidate -= step


def _is_prime(number: int) -> bool:
    if any(number % base == 0 for base in _MILLER_RABIN_BASES):
        return number in _MILLER_RABIN_BASES
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_passes(number, base, odd, twos) for base in _MILLER_RABIN_BASES)


def _passes(number: int, base: int, odd: int, twos: int) -> bool:
    power = pow(base, odd, number)
    if power in (1, number - 1):
        return True
    for _ in range(twos - 1):
        power = power * power % number
        if power == number - 1:
            return True
    return False


_PROFILES = {"N14_L9": Profile("N14_L9", 16384, (54,) + (36,) * 9 + (60,), 36)}


def profile(name: str) -> Profile:
    """The profile of that name; raises BadInput for an unknown one."""
    try:
        return _PROFILES[name]
    except KeyError:
        raise BadInput("ckks.profile_unknown", name=name, known=tuple(sorted(_PROFILES))) from None


def register_insecure(test_profile: Profile) -> None:
    """Make a small ring of the test suite known. Product code has no caller (tests/architecture checks)."""
    if not test_profile.name.startswith(INSECURE_PREFIX):
        raise BadInput("ckks.insecure_name", name=test_profile.name, prefix=INSECURE_PREFIX)
    _PROFILES[test_profile.name] = test_profile
