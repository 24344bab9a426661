"""Opening: from ciphertext to numbers, behind one small interface.

The optimiser and the evaluation know ``Opening`` only. Today one key opens; k of n custodians would implement the same
two methods, because opening is linear in the key (DESIGN 3, no single key holder).
"""

from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hefed.ckks.backend import Decryptor
from hefed.ckks.keys import SecretKey
from hefed.ckks.totals import SealedTotal, total_value
from hefed.ckks.wire import CiphertextWords, Words
from hefed.errors import BadInput

Slots = NDArray[np.float64]
Limbs = NDArray[np.float64]

LIMB_BITS = 18  # 2 x 18 bits + 14 bits of ring degree stay below the 53 bits of a float64: every dot product is exact
_LIMBS = 3


class Opening(Protocol):
    """Whoever can turn this study's ciphertexts into numbers."""

    def open_totals(self, totals: Iterable[SealedTotal]) -> Iterator[float]:
        """The totals, one by one, in order."""
        ...

    def open_slots(self, ciphertext: CiphertextWords) -> Slots:
        """Every slot of a level-0 ciphertext: row scores of an evaluation."""
        ...


class SingleKeyOpening:
    """One custodian holds the whole key."""

    def __init__(self, key: SecretKey) -> None:
        if key.profile.prime_bits[0] > LIMB_BITS * _LIMBS:
            raise BadInput(
                f"cannot open totals of profile {key.profile.name}: "
                f"its first prime has {key.profile.prime_bits[0]} bits, "
                f"at most {LIMB_BITS * _LIMBS} can be summed; add a limb"
            )
        self._profile = key.profile
        self._key_limbs = limbs(key.words[0])
        self._decryptor = Decryptor(key)

    def open_totals(self, totals: Iterable[SealedTotal]) -> Iterator[float]:
        for total in totals:
            yield total_value(self._profile, total, self._mean(total.c1))

    def open_slots(self, ciphertext: CiphertextWords) -> Slots:
        return self._decryptor.slots(ciphertext)

    def _mean(self, c1: Words) -> int:
        """mean(c1 * s) modulo q0, as ``totals.masked_mean``: exact, by nine dot products of 18-bit limbs."""
        products = (limbs(c1) @ self._key_limbs.T).tolist()
        whole = sum(int(products[i][j]) << (LIMB_BITS * (i + j)) for i in range(_LIMBS) for j in range(_LIMBS))
        q0 = self._profile.primes[0]
        return whole * pow(self._profile.ring_degree, -1, q0) % q0


def limbs(words: Words) -> Limbs:
    """The words of one polynomial below 2^54 as three rows of 18-bit digits, lowest first."""
    mask = np.uint64(2**LIMB_BITS - 1)
    return np.stack([((words >> np.uint64(LIMB_BITS * i)) & mask).astype(np.float64) for i in range(_LIMBS)])
