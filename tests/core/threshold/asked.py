"""One total and one row of scores that every hospital is asked for, and what its honest answers decide."""

import numpy as np

from hefed.core.ckks.keys import EvaluationKeys
from hefed.core.threshold.combine import Agreement, PartialAnswers, agree, known_total
from hefed.core.threshold.partial import c1_digest
from hefed.core.threshold.shamir import Share
from tests.core.threshold.conftest import answer, rows, sealed

TOTAL = sealed(np.linspace(-1, 2, 2048))
SCORES = rows(np.linspace(-3, 3, 2048))
TOTAL_DIGEST, SCORES_DIGEST = c1_digest(TOTAL.c1), c1_digest(SCORES.words[1, 0])


def decide(keys: EvaluationKeys, shares: list[Share], answers: list[PartialAnswers]) -> Agreement:
    known = known_total(keys.public)
    asked = frozenset({TOTAL_DIGEST, SCORES_DIGEST, c1_digest(known.c1)})
    return agree(shares[0].scheme, answers, known, asked)


def honest(share: Share) -> PartialAnswers:
    return answer(share, [TOTAL], [SCORES])
