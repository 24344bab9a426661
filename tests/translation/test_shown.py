"""What is stored or sent as a code, with or without its facts, is shown in the language of the page."""

import re

import pytest
from django.utils import translation

from hefed.core.learning.disclosure import Thresholds
from hefed.core.protocol.results import Metrics
from hefed.core.words import Said
from hefed.custodian.desk import results
from hospitals.words import Sayable, page_words
from tests.pages import cohort

AGE_ABOVE = Said("admission.column_above", column="age", remedy=Said("admission.unit_asked", unit="years"))
DEMENTIA = Said("fit.same_outcome", column="dementia", value="1")


@pytest.mark.parametrize(
    ("said", "korean"),
    [
        (
            AGE_ABOVE,
            "열 age: 평균이 데이터 사전의 중심값보다 척도의 3배 넘게 큽니다; "
            "단위를 확인하세요(데이터 사전의 단위는 years). 예를 들어 10배 차이일 수 있습니다",
        ),
        (
            "admission.column_above",
            "열 …: 평균이 데이터 사전의 중심값보다 척도의 3배 넘게 큽니다; …",
        ),
        (
            "admission.column_above admission.more_faults",
            "열 …: 평균이 데이터 사전의 중심값보다 척도의 3배 넘게 큽니다; …; 같은 종류가 …개 더 있습니다",
        ),
        (
            Said("fit.deciding", found=(DEMENTIA, Said("fit.same_outcome_at_reference", variable="cancer"))),
            "적합할 수 없습니다: dementia = 1인 환자는 모두 결과가 같습니다; cancer이(가) 기준 범주인 환자는 모두 "
            "결과가 같습니다, 그래서 계수가 무한대가 됩니다; 범주를 다른 범주와 합치거나 열을 빼세요",
        ),
        (
            Said("fit.collinear", columns=("age", "years"), surplus=1),
            "적합할 수 없습니다: age, years 열은 서로 일차 종속입니다: 하나를 나머지로 정확히 계산할 수 있습니다; "
            "그중 1개를 빼세요",
        ),
    ],
)
def test_reasons_are_told_in_korean_with_or_without_their_facts(said: Sayable, korean: str):
    with translation.override("ko"):
        assert page_words(said) == korean


def test_all_that_a_release_can_say_is_told_in_korean():
    released = cohort.released((cohort.patients(240, -0.4, 2),), ("jeju",), (cohort.patients(240, -0.4, 2),))
    said = [note for notes in results.notes(released, Thresholds()).values() for note in notes]

    with translation.override("ko"):
        left = [text for text in map(page_words, said) if re.search("(?:[A-Za-z][a-z]+[ ,]+){3,}[a-z]+", text)]

    assert len(said) > 5
    assert left == []


def test_reasons_of_results_from_before_codes_are_shown_as_they_are():
    old = "suppressed: 7 or fewer; suppressed: would reveal a small number elsewhere"
    with translation.override("ko"):
        assert (
            page_words(Metrics.model_validate(dict.fromkeys(Metrics.model_fields) | {"suppressed": old}).suppressed)
            == old
        )
