"""Who may take part in an opening: enough hospitals, each once, of this sharing, with everything that was asked."""

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from hefed.core.ckks.keys import EvaluationKeys, SecretKey
from hefed.core.errors import BadInput
from hefed.core.threshold.combine import (
    Agreement,
    AnswersDisagree,
    AnswersMissing,
    Combination,
    PartialAnswers,
    known_total,
)
from hefed.core.threshold.partial import c1_digest
from hefed.core.threshold.shamir import Scheme, Share, split
from tests.core.threshold.asked import SCORES, SCORES_DIGEST, TOTAL, TOTAL_DIGEST, decide, honest
from tests.core.threshold.conftest import RING, answer

PRIME = RING.primes[0]

Lie = Callable[[PartialAnswers], PartialAnswers]


def off_by(amount: int) -> Lie:
    return lambda right: replace(
        right, totals={**right.totals, TOTAL_DIGEST: (right.totals[TOTAL_DIGEST] + amount) % PRIME}
    )


def one_word_off(right: PartialAnswers) -> PartialAnswers:
    words = right.slots[SCORES_DIGEST].copy()
    words[-1] = (int(words[-1]) + 1) % PRIME
    return replace(right, slots={SCORES_DIGEST: words})


def negated(right: PartialAnswers) -> PartialAnswers:
    return replace(right, totals={digest: PRIME - number for digest, number in right.totals.items()})


LIES = [off_by(1), off_by(-1), off_by(2**40), off_by(PRIME // 2), one_word_off, negated]
LIE_NAMES = ["one more", "one less", "much more", "half", "one word", "negated"]


# ---- too few, or too little ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 2])
def test_fewer_than_k_answers_open_nothing(keys: EvaluationKeys, three_of_five: list[Share], count: int) -> None:
    with pytest.raises(AnswersMissing):
        decide(keys, three_of_five, [honest(share) for share in three_of_five[:count]])


@pytest.mark.parametrize("group", list(permutations((1, 4, 5), 3)))
def test_any_k_answers_in_any_order_open(
    keys: EvaluationKeys, three_of_five: list[Share], group: tuple[int, ...]
) -> None:
    answers = [honest(three_of_five[point - 1]) for point in group]
    assert decide(keys, three_of_five, answers) == Agreement((1, 4, 5))


@pytest.mark.parametrize("left_out", ["total", "scores", "known", "all"])
def test_an_answer_without_all_that_was_asked_does_not_count(
    keys: EvaluationKeys, two_of_three: list[Share], left_out: str
) -> None:
    whole = honest(two_of_three[1])
    known = c1_digest(known_total(keys.public).c1)
    less = {
        "total": replace(whole, totals={known: whole.totals[known]}),
        "scores": replace(whole, slots={}),
        "known": replace(whole, totals={TOTAL_DIGEST: whole.totals[TOTAL_DIGEST]}),
        "all": PartialAnswers(2, {}),
    }[left_out]
    with pytest.raises(AnswersMissing):
        decide(keys, two_of_three, [honest(two_of_three[0]), less])
    found = decide(keys, two_of_three, [honest(two_of_three[0]), less, honest(two_of_three[2])])
    assert found == Agreement((1, 3), (2,))


def test_an_answer_to_more_than_was_asked_does_not_count(keys: EvaluationKeys, two_of_three: list[Share]) -> None:
    whole = honest(two_of_three[1])
    more = replace(whole, totals={**whole.totals, "ab" * 32: 1})
    found = decide(keys, two_of_three, [honest(two_of_three[0]), more, honest(two_of_three[2])])
    assert found == Agreement((1, 3), (2,))


# ---- twice, or from elsewhere ----------------------------------------------------------------------------------------


def test_one_hospital_that_answers_k_times_is_one_hospital(keys: EvaluationKeys, three_of_five: list[Share]) -> None:
    first, second = (honest(share) for share in three_of_five[:2])
    for answers in ([first] * 3, [first, first, second], [first, second, second, first]):
        with pytest.raises(AnswersMissing):
            decide(keys, three_of_five, answers)


def test_an_answer_that_arrives_twice_counts_once(keys: EvaluationKeys, two_of_three: list[Share]) -> None:
    first, second, third = map(honest, two_of_three)
    assert decide(keys, two_of_three, [first, first, second]) == Agreement((1, 2))
    assert decide(keys, two_of_three, [third, second, first, third]) == Agreement((1, 2))


@pytest.mark.parametrize("lie", LIES, ids=LIE_NAMES)
@pytest.mark.parametrize("lie_comes_last", [True, False])
def test_a_hospital_that_says_two_things_has_answered_wrongly(
    keys: EvaluationKeys, two_of_three: list[Share], lie: Lie, lie_comes_last: bool
) -> None:
    """Or the answer that was compared would not be the one that is opened with."""
    first, second, third = map(honest, two_of_three)
    both = [first, lie(first)] if lie_comes_last else [lie(first), first]
    assert decide(keys, two_of_three, [*both, second, third]) == Agreement((2, 3), (1,))
    with pytest.raises(AnswersMissing):
        decide(keys, two_of_three, [*both, second])


@pytest.mark.parametrize("point", [0, -1, 4, 9])
def test_an_answer_from_a_place_that_the_sharing_does_not_have_is_passed_over(
    keys: EvaluationKeys, two_of_three: list[Share], point: int
) -> None:
    """Place 0 above all: whoever answers there says what the secret is."""
    stranger = replace(honest(two_of_three[0]), point=point)
    with pytest.raises(AnswersMissing):
        decide(keys, two_of_three, [honest(two_of_three[0]), stranger])
    assert decide(keys, two_of_three, [stranger, *map(honest, two_of_three)]) == Agreement((1, 2))


def test_a_hospital_that_answers_in_anothers_place_is_found_out(
    keys: EvaluationKeys, three_of_five: list[Share]
) -> None:
    first, second, third, fourth, fifth = map(honest, three_of_five)
    posing = replace(fifth, point=4)
    assert decide(keys, three_of_five, [first, second, third, posing]) == Agreement((1, 2, 3), (4,))
    with pytest.raises(AnswersDisagree):
        decide(keys, three_of_five, [first, second, replace(fourth, point=5)])


# ---- lies ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("liar", range(5))
@pytest.mark.parametrize("lie", LIES, ids=LIE_NAMES)
def test_the_smallest_lie_on_any_number_is_named(
    keys: EvaluationKeys, three_of_five: list[Share], liar: int, lie: Lie
) -> None:
    answers = [lie(honest(share)) if at == liar else honest(share) for at, share in enumerate(three_of_five)]
    found = decide(keys, three_of_five, answers)
    assert found.wrong == (liar + 1,)
    assert liar + 1 not in found.group


def test_two_liars_with_one_story_are_named_by_three_who_tell_the_truth(
    keys: EvaluationKeys, secret: SecretKey
) -> None:
    shares = split(Scheme(RING, 5, 2), secret.words[0])
    answers = [*map(honest, shares[:3]), *(off_by(1000)(honest(share)) for share in shares[3:])]
    assert decide(keys, shares, answers) == Agreement((1, 2), (4, 5))


def test_two_liars_of_five_with_three_needed_open_nothing(keys: EvaluationKeys, three_of_five: list[Share]) -> None:
    """Three values fit some polynomial, whoever gave them: nobody can tell which."""
    answers = [*map(honest, three_of_five[:3]), *(off_by(1000)(honest(share)) for share in three_of_five[3:])]
    with pytest.raises(AnswersDisagree):
        decide(keys, three_of_five, answers)


def test_two_who_contradict_each_other_with_two_needed_open_nothing(
    keys: EvaluationKeys, two_of_three: list[Share]
) -> None:
    answers = [honest(two_of_three[0]), negated(honest(two_of_three[1]))]
    with pytest.raises(AnswersDisagree):
        decide(keys, two_of_three, answers)


def test_one_wrong_share_among_more_than_k_is_named_even_when_all_of_it_is_wrong(
    keys: EvaluationKeys, three_of_five: list[Share]
) -> None:
    broken = replace(three_of_five[2], words=three_of_five[1].words)
    answers = [honest(broken if share.point == 3 else share) for share in three_of_five]
    assert decide(keys, three_of_five, answers) == Agreement((1, 2, 4), (3,))


# ---- putting together ------------------------------------------------------------------------------------------------


def test_every_group_puts_together_the_same_polynomial(three_of_five: list[Share]) -> None:
    answers = [honest(share) for share in three_of_five]
    scheme = three_of_five[0].scheme
    opened = [Combination(scheme, answers, group).plaintext(SCORES) for group in ((1, 2, 3), (5, 3, 1), (2, 4, 5))]
    assert all(np.array_equal(one, opened[0]) for one in opened)


def test_a_hospital_of_the_group_that_did_not_answer_is_no_opening(two_of_three: list[Share]) -> None:
    with pytest.raises(KeyError):
        Combination(two_of_three[0].scheme, [honest(two_of_three[0])], (1, 2))


def test_a_ciphertext_that_nobody_answered_for_is_refused(two_of_three: list[Share]) -> None:
    combination = Combination(two_of_three[0].scheme, [answer(share, [TOTAL]) for share in two_of_three], (1, 2))
    with pytest.raises(BadInput):
        combination.plaintext(SCORES)
    with pytest.raises(BadInput):
        combination.mean(SCORES.words[1, 0])


def test_an_answer_does_not_print_its_numbers(two_of_three: list[Share]) -> None:
    shown = repr(honest(two_of_three[0]))
    assert str(honest(two_of_three[0]).totals[TOTAL_DIGEST]) not in shown
    assert TOTAL_DIGEST not in shown
