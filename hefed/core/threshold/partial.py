"""What one hospital does for an opening: its share of c1 s, with its share of the noise. Deterministic in c1.

The answers of all hospitals to one c1 are the values of one polynomial of degree k - 1, whose value at 0 is c1 s plus
the noise. So any k of them open to the same number, bit by bit, and one answer too many shows whether they agree.
"""

from collections.abc import Iterable

import numpy as np

from hefed.core.ckks.wire import Words
from hefed.core.threshold.field import MeanOfProduct, add, multiply, transform, weighted_sum
from hefed.core.threshold.flooding import Noise, Use, c1_digest, noise
from hefed.core.threshold.shamir import Share, noise_weight


class PartialOpener:
    """One share at work. It never sees c0, b, or what the others answer."""

    def __init__(self, share: Share) -> None:
        scheme = share.scheme
        self._share, self._scheme, self._prime = share, scheme, scheme.prime
        self._mean = MeanOfProduct(scheme.profile, share.words)
        self._weights = {absent: noise_weight(absent, share.point, scheme.prime) for absent in share.noise_keys}

    def total(self, c1: Words) -> int:
        """This hospital's number for one total.

        Shape:  (ring degree,) -> one number modulo q0
        Levels: 0
        Keys:   one share of the secret key, modulo q0
        Error:  adds noise of SD 1.15 x 2^total_bits per noise key to the sum of k answers
        Raises: nothing
        Source: docs/circuits/threshold.md
        """
        noises = self._noise(c1_digest(c1), "total", 1, self._scheme.total_bits)
        flooding = sum(weight * int(values[0]) for weight, values in noises)
        return (self._mean(c1) + flooding) % self._prime

    def slots(self, c1: Words) -> Words:
        """This hospital's polynomial for row scores, in NTT form.

        Shape:  (ring degree,) -> (ring degree,) modulo q0
        Levels: 0
        Keys:   one share of the secret key, modulo q0
        Error:  adds noise of SD 1.15 x 2^slot_bits per noise key to every coefficient of the sum of k answers
        Raises: nothing
        Source: docs/circuits/threshold.md
        """
        noises = self._noise(c1_digest(c1), "slots", len(c1), self._scheme.slot_bits)
        coefficients, weights = [], []
        for weight, values in noises:
            coefficients.append((values % self._prime).astype(np.uint64))
            weights.append(weight)
        flooding = transform(self._scheme.profile).words(weighted_sum(coefficients, weights, self._prime))
        return add(multiply(c1, self._share.words, self._prime), flooding, self._prime)

    def _noise(self, digest: str, use: Use, count: int, bits: int) -> Iterable[tuple[int, Noise]]:
        for absent, key in self._share.noise_keys.items():
            yield self._weights[absent], noise(key, digest, use, count, bits)
