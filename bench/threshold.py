"""What it costs that k of n hospitals open together: milliseconds, bits of precision, and bits about the key.

    python -m bench.threshold [--profile N14_L9] [--totals 200] [--out FILE]

One core; prints JSON. ``sd`` is the standard deviation of opened minus true. ``key_bits_per_1000`` is what 1,000
openings could tell k - 1 hospitals, lead and server together about the key: 1000/2 log2(1 + (e / f)^2), e the error of
a total after a circuit (4e-5, docs/circuits/totals.md), f the flooding of the one key that they lack. See
docs/circuits/threshold.md.
"""

import argparse
import json
import math
import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from hefed.core.ckks import backend
from hefed.core.ckks.backend import Encryptor, Evaluator, generate_keys
from hefed.core.ckks.keys import EvaluationKeys, SecretKey
from hefed.core.ckks.params import profile
from hefed.core.ckks.totals import SealedTotal
from hefed.core.ckks.wire import CiphertextWords
from hefed.core.threshold.combine import PartialAnswers, agree, known_total
from hefed.core.threshold.partial import PartialOpener, c1_digest, standard_deviation
from hefed.core.threshold.shamir import Scheme, split
from hefed.custodian.desk.results import SingleKeyOpening, ThresholdOpening

SHARINGS = ((3, 2), (5, 3), (7, 4))
CIRCUIT_ERROR = 4e-5  # of a total of 8,192 products, the larger of the measured ones


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", default="N14_L9")
    parser.add_argument("--totals", type=int, default=200)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    key, keys = generate_keys(profile(arguments.profile))
    case = Case(key, keys, arguments.totals)
    report = {
        "profile": arguments.profile,
        "load": os.getloadavg()[0],
        "single": case.single(),
        "sharings": [case.shared(Scheme(key.profile, *sharing)) for sharing in SHARINGS],
    }
    text = json.dumps(report, indent=1)
    print(text)
    if arguments.out:
        arguments.out.write_text(text + "\n")


class Case:
    """Totals of random slots with their true values, and one ciphertext of scores."""

    def __init__(self, key: SecretKey, keys: EvaluationKeys, count: int) -> None:
        self.key, self.public, ring = key, keys.public, key.profile
        ops, encryptor, random = Evaluator(keys), Encryptor(keys.public), np.random.default_rng(0)
        values = random.normal(size=ring.slots)
        self.true = values.sum()
        ciphertext = encryptor.encrypt(values, 0)
        self.totals: list[SealedTotal] = [ops.seal_total(ops.blind(ciphertext)) for _ in range(count)]
        self.scores: CiphertextWords = backend.to_words(ring, ciphertext)
        self.values = values

    def single(self) -> dict[str, float]:
        """One custodian with the whole key."""
        opening = SingleKeyOpening(self.key)
        opened = np.array(list(opening.open_totals(self.totals)))
        open_one = _median_ms(lambda: list(opening.open_totals(self.totals[:1])))
        return {"open_total_ms": open_one, "sd": float((opened - self.true).std())}

    def shared(self, scheme: Scheme) -> dict[str, Any]:
        shares = split(scheme, self.key.words[0])
        openers, known = [PartialOpener(share) for share in shares], known_total(self.public)
        answers = [self._answer(opener, share.point, known) for opener, share in zip(openers, shares, strict=True)]
        asked = answers[0].digests
        group = agree(scheme, answers[: scheme.threshold], known, asked).group
        opening = ThresholdOpening(scheme, answers, group)
        opened = np.array(list(opening.open_totals(self.totals)))
        c1, first = self.scores.words[1, 0], self.totals[:1]
        flooding = standard_deviation(scheme.total_bits) * scheme.profile.slots / first[0].scale
        return {
            "sharing": f"{scheme.threshold} of {scheme.parties}",
            "noise_keys": len(scheme.absences),
            "partial_total_ms": _median_ms(lambda: openers[0].total(first[0].c1)),
            "partial_scores_ms": _median_ms(lambda: openers[0].slots(c1)),
            "combine_total_ms": _median_ms(lambda: list(opening.open_totals(first))),
            "combine_scores_ms": _median_ms(lambda: opening.open_slots(self.scores)),
            "agree_k_answers_ms": _median_ms(lambda: agree(scheme, answers[: scheme.threshold], known, asked)),
            "agree_all_answers_ms": _median_ms(lambda: agree(scheme, answers, known, asked)),
            "sd": float((opened - self.true).std()),
            "predicted_sd": flooding * math.sqrt(len(scheme.absences)),
            "scores_sd": float((opening.open_slots(self.scores) - self.values).std()),
            "key_bits_per_1000": 500 * math.log2(1 + (CIRCUIT_ERROR / flooding) ** 2),
            "share_bytes": scheme.profile.ring_degree * scheme.profile.prime_bits[0] // 8,
        }

    def _answer(self, opener: PartialOpener, point: int, known: SealedTotal) -> PartialAnswers:
        c1 = self.scores.words[1, 0]
        numbers = {c1_digest(total.c1): opener.total(total.c1) for total in [*self.totals, known]}
        return PartialAnswers(point, numbers, {c1_digest(c1): opener.slots(c1)})


def _median_ms(step: Callable[[], object], repetitions: int = 9) -> float:
    samples = []
    for _ in range(repetitions):
        start = time.perf_counter()
        step()
        samples.append((time.perf_counter() - start) * 1e3)
    return round(median(samples), 3)


if __name__ == "__main__":
    main()
