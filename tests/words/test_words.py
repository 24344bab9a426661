"""Saying things by code and facts: the value, its bounds, and its words in both languages."""

import pickle

import pytest
from pydantic import BaseModel, ValidationError

from hefed.core.errors import BadInput, Conflict, PolicyRefused
from hefed.core.words import Said, language_of, words
from hefed.core.words.catalogue import CATALOGUE
from hefed.core.words.said import MAX_FACTS, MAX_ITEMS, MAX_TEXT
from hefed.core.words.template import entry
from tests.words.raises import says

KOREAN = "풀을 열 수 없습니다: 환자 {rows:,}명"


class Letter(BaseModel):
    said: Said
    reasons: tuple[Said, ...] = ()


@pytest.fixture(autouse=True)
def two_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = entry("test.pool", en="cannot open the pool: {rows:,|row|rows}", ko=KOREAN)
    why = entry("test.why", en="asked by {who}: {reason}", ko="{who} 요청: {reason}")
    for one in (pool, why):
        monkeypatch.setitem(CATALOGUE, one.code, one)


def test_words_come_in_the_language_of_the_reader():
    said = Said("test.pool", rows=1234)

    assert words(said) == "cannot open the pool: 1,234 rows"
    assert words(said, "ko-kr") == "풀을 열 수 없습니다: 환자 1,234명"
    assert words(said, "fr") == words(said, "en")


def test_a_fact_that_is_said_is_told_in_the_same_language():
    said = Said("test.why", who="Jeju", reason=Said("test.pool", rows=1))

    assert words(said) == "asked by Jeju: cannot open the pool: 1 row"
    assert words(said, "ko") == "Jeju 요청: 풀을 열 수 없습니다: 환자 1명"


def test_what_a_newer_party_says_is_shown_as_its_code_and_facts():
    assert words(Said("newer.thing", rows=5, names=("a", "b"))) == "newer.thing (names=a, b, rows=5)"
    assert words(Said("newer.thing")) == "newer.thing"


def test_facts_that_were_kept_back_are_marked():
    assert words(Said("test.pool")) == "cannot open the pool: … rows"


def test_said_does_not_change_and_is_compared_by_value():
    said = Said("test.pool", rows=1, names=["a"])

    with pytest.raises(AttributeError):
        said.code = "other"
    with pytest.raises(TypeError):
        said.facts["rows"] = 2
    assert said == Said("test.pool", names=("a",), rows=1) != Said("test.pool", rows=2, names=("a",))
    assert len({said, Said("test.pool", names=("a",), rows=1)}) == 1


def test_messages_and_pickles_carry_it_whole():
    said = Said("test.why", who="Jeju", reason=Said("test.pool", rows=1.5), names=("a", "b"), urgent=True)
    letter = Letter(said=said, reasons=(said,))

    assert Letter.model_validate_json(letter.model_dump_json()) == letter
    assert Letter.model_validate(letter.model_dump()) == letter
    assert pickle.loads(pickle.dumps(said)) == said  # noqa: S301  our own bytes
    assert Said.from_json(said.to_json()) == said
    assert Letter.model_json_schema()["properties"]["said"]["required"] == ["code"]


@pytest.mark.parametrize(
    "sent",
    [
        "test.pool",
        {},
        {"code": "Not A Code"},
        {"code": "a" * 61},
        {"code": "test.pool", "more": 1},
        {"code": "test.pool", "facts": [1]},
        {"code": "test.pool", "facts": {"Rows!": 1}},
        {"code": "test.pool", "facts": {f"f{n}": 1 for n in range(MAX_FACTS + 1)}},
        {"code": "test.pool", "facts": {"rows": None}},
        {"code": "test.pool", "facts": {"rows": [1] * (MAX_ITEMS + 1)}},
        {"code": "test.pool", "facts": {"rows": [[1]]}},
        {"code": "test.pool", "facts": {"who": "a" * (MAX_TEXT + 1)}},
    ],
)
def test_what_is_not_bounded_is_refused(sent: object):
    with pytest.raises(ValidationError):
        Letter.model_validate({"said": sent})


def test_nesting_is_bounded():
    sent: dict[str, object] = {"code": "a"}
    for _ in range(4):
        sent = {"code": "a", "facts": {"inner": sent}}

    with pytest.raises(ValidationError):
        Letter.model_validate({"said": sent})


def test_facts_are_cut_to_what_can_travel():
    said = Said("test.why", who="a" * 5000, names=["b"] * 500, big=1 << 60, lost=float("nan"))

    assert Letter.model_validate_json(Letter(said=said).model_dump_json()).said == said
    assert said.facts["big"] == "1152921504606846976"
    assert said.facts["lost"] == "nan"


def test_an_error_is_its_code_and_facts():
    error = BadInput("test.pool", rows=3)

    assert (error.code, dict(error.facts), str(error)) == ("test.pool", {"rows": 3}, "cannot open the pool: 3 rows")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301  our own bytes
    assert Conflict(error.said).said == error.said
    assert PolicyRefused("test.pool", rows=3).code == "test.pool"


def test_the_helper_compares_kind_code_and_facts():
    with says("test.pool", BadInput, rows=3):
        raise BadInput("test.pool", rows=3, pool="all")
    for raised in (BadInput("test.pool", rows=4), BadInput("test.why", who="", reason="")):
        with pytest.raises(AssertionError), says("test.pool", rows=3):
            raise raised


def test_a_command_line_speaks_english_unless_it_is_asked_for_korean():
    assert language_of({"LANG": "ko_KR.UTF-8"}) == "en"
    assert language_of({"HEFED_LANGUAGE": "ko"}) == "ko"
