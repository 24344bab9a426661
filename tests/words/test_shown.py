"""What is said by code as people and programs meet it: pages in their language, answers of the API with the code."""

import json

import pytest
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from hefed.core.errors import BadInput
from hefed.core.words import Said
from hefed.middleware import ErrorPages, error_body
from hospitals.words import page_words
from tests.words.raises import html, text

ROLE = Said("dictionary.role_missing", role="id")
CONSTANT = BadInput("fit.constant", columns=("age",), patients=1200)


def rendered(value: object) -> str:
    return Template("{% load pages %}{{ value|words }}").render(Context({"value": value}))


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_template_shows_said_errors_json_and_lists_in_the_language_of_the_page(language: str):
    role, constant = html(ROLE.code, language, **ROLE.facts), html(CONSTANT.code, language, **CONSTANT.facts)

    with translation.override(language):
        assert rendered(ROLE) == rendered(ROLE.to_json()) == role
        assert rendered(CONSTANT) == constant
        assert rendered([ROLE, CONSTANT.said.to_json()]) == f"{role}; {constant}"


def test_a_fact_cannot_carry_mark_up_into_a_page():
    assert "<b>" not in rendered(Said("redcap.type", kind="<b>bold</b>"))


def test_a_code_whose_facts_were_kept_back_is_shown_without_them():
    assert rendered("fit.constant") == html("fit.constant")
    assert "…" in rendered("fit.constant")


def test_texts_of_before_codes_are_shown_as_they_are():
    assert page_words("withdrawn for a reason of its own") == "withdrawn for a reason of its own"


def test_programs_read_code_and_facts_beside_the_words():
    with translation.override("ko"):
        body = error_body(CONSTANT)

    assert body["error"] == text("fit.constant", "ko", columns=("age",), patients=1200)
    assert (body["code"], body["facts"]) == ("fit.constant", {"columns": ["age"], "patients": 1200})


def test_a_script_of_a_page_that_asks_for_json_gets_the_same():
    def unused(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    request = RequestFactory().get("/", headers={"accept": "application/json"})
    answer = ErrorPages(unused).process_exception(request, CONSTANT)

    assert answer is not None
    assert (answer.status_code, json.loads(answer.content)) == (422, error_body(CONSTANT))


def test_a_detail_of_the_audit_log_is_shown_in_words_and_a_number_as_it_is():
    shown = Template("{% load pages %}{{ said|detail_words }} / {{ number|detail_words }}")

    page = shown.render(Context({"said": Said("jobs.cancelled", who="alice").to_json(), "number": 3}))

    assert page == f"{html('jobs.cancelled', who='alice')} / 3"
