"""Stored sentences that a page tells in its language are still those that the core and the server write."""

import ast
import re
from pathlib import Path

import pytest
from django.utils import translation

from hefed.core.learning.disclosure import Thresholds
from hefed.core.protocol.results import Metrics
from hefed.core.words.template import PLACEHOLDER
from hefed.custodian.desk import results
from hospitals.told import SENTENCES, told
from hospitals.words import page_words
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
        ("withdrawn by Bob Park", "Bob Park 님이 철회함"),
        (
            "column age: its mean lies more than 3 scale units above the dictionary's centre; "
            "check the unit (the dictionary asks for years), a factor of 10 for instance",
            "열 age: 평균이 데이터 사전의 중심값보다 척도의 3배 넘게 큽니다; "
            "단위를 확인하세요(데이터 사전의 단위는 years). 예를 들어 10배 차이일 수 있습니다",
        ),
        (
            "cannot fit: all patients with dementia = 1 have the same outcome; all patients with cancer at its "
            "reference level have the same outcome, so that a coefficient is infinite; merge the level with another or "
            "drop the column",
            "적합할 수 없습니다: dementia = 1인 환자는 모두 결과가 같습니다; cancer at its reference level인 환자는 "
            "모두 결과가 같습니다, 그래서 계수가 무한대가 됩니다; 범주를 다른 범주와 합치거나 열을 빼세요",
        ),
        (
            "cannot fit: columns age, years are collinear: one can be computed exactly from the others; drop 1 of them",
            "적합할 수 없습니다: age, years 열은 서로 일차 종속입니다: 하나를 나머지로 정확히 계산할 수 있습니다; "
            "그중 1개를 빼세요",
        ),
        (
            "cannot fit: fewer than 20 deaths among 120 training patients; widen the pool or choose another outcome",
            "적합할 수 없습니다: 학습 환자 120명 중 사망이 20명 미만입니다; 풀을 넓히거나 다른 결과 변수를 고르세요",
        ),
        ("a sentence that nobody knows", "a sentence that nobody knows"),
    ],
)
def test_known_sentences_are_told_in_korean(stored: str, korean: str):
    with translation.override("ko"):
        assert told(stored) == korean


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


def test_english_pages_show_what_is_stored():
    with translation.override("en"):
        assert told("withdrawn by its hospital") == "withdrawn by its hospital"
