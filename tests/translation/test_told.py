"""Stored sentences that a page tells in its language are still those that the core and the server write."""

import ast
import re
from pathlib import Path

import pytest
from django.utils import translation

from hefed.core.learning.disclosure import COMPLEMENT, Thresholds
from hefed.core.words import Said
from hefed.core.words.template import PLACEHOLDER
from hefed.custodian.desk import results
from hospitals.told import SENTENCES, told
from hospitals.words import Sayable, page_words
from tests.pages import cohort

ROOT = Path(__file__).resolve().parents[2]
SPEAKERS = ("hefed", "hospitals", "training")
GAP = "\0"
SAID_IN_PIECES = re.compile(
    r"%\(\w+\)s|[()]| above | below | patients$| deaths or survivors$| does not count: |(?:Metrics|Curves) of "
    r"|^columns? | (?:is|are)(?= (?:the same|collinear|without)\b)| (?:deaths|survivors)(?= among )"
)


def written() -> str:
    """Every text that the speakers' modules hold, with a gap where a fact is put in."""
    paths = [
        path
        for folder in SPEAKERS
        for path in (ROOT / folder).rglob("*.py")
        if path.name not in ("told.py", "told_sentences.py")
    ]
    nodes = [node for path in paths for node in ast.walk(ast.parse(path.read_text()))]
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    constants = [PLACEHOLDER.sub(GAP, text) for text in texts]
    filled = [
        "".join(part.value if isinstance(part, ast.Constant) else GAP for part in node.values)
        for node in nodes
        if isinstance(node, ast.JoinedStr)
    ]
    return "\n".join([*constants, *filled])


def test_every_sentence_is_still_written_somewhere():
    texts = written()

    lost = [one for one in SENTENCES if any(piece not in texts for piece in SAID_IN_PIECES.split(one))]

    assert lost == []


@pytest.mark.parametrize(
    ("stored", "korean"),
    [
        (Thresholds().small, "비공개: 7 이하"),
        (f"{Thresholds().small} patients", "비공개: 환자 7명 이하"),
        (COMPLEMENT, "비공개: 다른 곳의 작은 수가 드러날 수 있음"),
        (f"{COMPLEMENT}; {Thresholds().small}", "비공개: 다른 곳의 작은 수가 드러날 수 있음; 비공개: 7 이하"),
        ("withdrawn by Bob Park", "Bob Park 님이 철회함"),
        ("approved by 1 of 2 institutions (jeju)", "기관 2곳 중 1곳이 승인했습니다(jeju)"),
        (
            "Table 1 of jeju, age, sex: suppressed: 7 or fewer.",
            "표 1(jeju), age, sex: 비공개: 7 이하.",
        ),
        ("a sentence that nobody knows", "a sentence that nobody knows"),
    ],
)
def test_known_sentences_are_told_in_korean(stored: str, korean: str):
    with translation.override("ko"):
        assert told(stored) == korean


AGE_ABOVE = Said("desk.column_above", column="age", remedy=Said("desk.unit_asked", unit="years"))
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
            "desk.column_above",
            "열 …: 평균이 데이터 사전의 중심값보다 척도의 3배 넘게 큽니다; …",
        ),
        (
            "desk.column_above desk.more_faults",
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
        left = [text for text in map(told, said) if re.search("(?:[A-Za-z][a-z]+[ ,]+){3,}[a-z]+", text)]

    assert len(said) > 5
    assert left == []


def test_english_pages_show_what_is_stored():
    with translation.override("en"):
        assert told("withdrawn by its hospital") == "withdrawn by its hospital"
