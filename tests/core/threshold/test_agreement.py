"""Wrong answers: noticed, named where the others suffice, and never opened with."""

from dataclasses import replace

import numpy as np
import pytest

from hefed.core.ckks.keys import EvaluationKeys
from hefed.core.errors import BadInput
from hefed.core.threshold.combine import Agreement, AnswersDisagree, AnswersMissing, PartialAnswers
from hefed.core.threshold.shamir import Share
from hefed.custodian.desk.results import ThresholdOpening
from tests.core.threshold.asked import SCORES, SCORES_DIGEST, TOTAL, TOTAL_DIGEST, decide, honest
from tests.core.threshold.conftest import answer, sealed
from tests.words.raises import says


def lying_always(share: Share) -> PartialAnswers:
    """A corrupted share: everything it answers is wrong, the known total too."""
    words = share.words.copy()
    words[share.point] ^= np.uint64(1)
    return answer(replace(share, words=words), [TOTAL], [SCORES])


def lying_once(share: Share) -> PartialAnswers:
    """Right on the known total, wrong by one on the other."""
    right = honest(share)
    return replace(right, totals={**right.totals, TOTAL_DIGEST: right.totals[TOTAL_DIGEST] ^ 1})


def test_honest_answers_open_with_the_first_k(keys: EvaluationKeys, three_of_five: list[Share]) -> None:
    assert decide(keys, three_of_five, [honest(share) for share in three_of_five]) == Agreement((1, 2, 3))


def test_too_few_answers_are_waited_for(keys: EvaluationKeys, three_of_five: list[Share]) -> None:
    with says("threshold.answers_missing", AnswersMissing, answered=2, parties=5, threshold=3):
        decide(keys, three_of_five, [honest(share) for share in three_of_five[:2]])


def test_a_wrong_answer_among_exactly_k_is_noticed_by_the_known_total(
    keys: EvaluationKeys, two_of_three: list[Share]
) -> None:
    with says("threshold.known_total", AnswersDisagree, places=(1, 2)):
        decide(keys, two_of_three, [honest(two_of_three[0]), lying_always(two_of_three[1])])


@pytest.mark.parametrize("liar", [0, 1, 2])
def test_one_more_answer_names_the_liar_and_the_others_open(
    keys: EvaluationKeys, two_of_three: list[Share], liar: int
) -> None:
    answers = [lying_always(share) if i == liar else honest(share) for i, share in enumerate(two_of_three)]
    found = decide(keys, two_of_three, answers)
    assert found.wrong == (liar + 1,)
    (value,) = ThresholdOpening(two_of_three[0].scheme, answers, found.group).open_totals([TOTAL])
    assert value == pytest.approx(np.linspace(-1, 2, 2048).sum(), abs=0.02)


def test_two_liars_are_named_when_three_of_five_agree(keys: EvaluationKeys, three_of_five: list[Share]) -> None:
    first, second, *others = three_of_five
    answers = [lying_always(first), lying_always(second), *map(honest, others)]
    assert decide(keys, three_of_five, answers) == Agreement((3, 4, 5), (1, 2))


def test_a_lie_on_a_single_total_is_named_when_all_others_agree(
    keys: EvaluationKeys, three_of_five: list[Share]
) -> None:
    liar, *others = three_of_five
    assert decide(keys, three_of_five, [lying_once(liar), *map(honest, others)]) == Agreement((2, 3, 4), (1,))


def test_a_lie_on_a_single_total_that_nobody_can_attribute_opens_nothing(
    keys: EvaluationKeys, two_of_three: list[Share]
) -> None:
    with says("threshold.no_majority", AnswersDisagree, answers=3, most=2, ways=3):
        decide(keys, two_of_three, [lying_once(two_of_three[0]), *map(honest, two_of_three[1:])])


def test_wrong_row_scores_are_named(keys: EvaluationKeys, three_of_five: list[Share]) -> None:
    right = honest(three_of_five[4])
    moved = {SCORES_DIGEST: right.slots[SCORES_DIGEST] ^ np.uint64(1)}
    answers = [*map(honest, three_of_five[:4]), replace(right, slots=moved)]
    assert decide(keys, three_of_five, answers).wrong == (5,)


def test_an_answer_that_leaves_something_out_is_not_used(keys: EvaluationKeys, two_of_three: list[Share]) -> None:
    answers = [answer(two_of_three[0], [TOTAL]), *map(honest, two_of_three[1:])]
    assert decide(keys, two_of_three, answers) == Agreement((2, 3), (1,))


def test_an_answer_to_another_ciphertext_opens_nothing(two_of_three: list[Share]) -> None:
    answers = [answer(share, [TOTAL]) for share in two_of_three]
    with says("threshold.nothing_for", BadInput, place=1):
        list(ThresholdOpening(two_of_three[0].scheme, answers, (1, 2)).open_totals([sealed(np.ones(2048))]))
