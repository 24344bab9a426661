"""Pages in Korean: nothing that the pages say themselves stays English; the switch keeps a choice, for visitors too."""

import html
import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from hospitals.batches.models import Batch
from tests.pages.conftest import signed_in
from tests.pages.factory import World
from tests.pages.look import PAGES, address

STUDY = "icu-death"
OF_ALLAUTH = ("account-", "password-")  # partly allauth's own words, from its own catalogue
HANGUL = re.compile("[가-힣]")
OF_PROGRAMS = re.compile(r"<(script|style|code|pre|svg|option|textarea|title)\b.*?</\1>", re.DOTALL)
FOUR_WORDS = re.compile(r"(?:[A-Za-z][a-z]+[ ,]+){3,}[a-z]+")
# What people, the custodian and the audit log wrote, in the words they chose.
WRITTEN = re.compile(
    "Death after right heart|Which critically ill|annot admit: column sex|annot fit the model"
    "|The study group decides|Table 1 is needed for|Say in the request which|^job job-"
)


def visitor() -> Client:
    return Client(headers={"Accept-Language": "ko-KR,ko;q=0.9,en;q=0.5"})


def korean_client(world: World, username: str) -> Client:
    client = visitor()
    person = next((user for user in world.people.values() if user.username == username), None)
    if person is not None:
        client.force_login(person)
    return client


def english_left(page: str) -> list[str]:
    """Runs of four English words and more among what a person reads."""
    texts = [" ".join(html.unescape(text).split()) for text in re.split(r"<[^>]+>", OF_PROGRAMS.sub("", page))]
    return [text for text in texts if FOUR_WORDS.search(text) and not WRITTEN.search(text)]


def test_every_page_is_korean(world: World):
    pages = {name: who for name, (who, _path) in PAGES.items() if not name.startswith(OF_ALLAUTH)}

    shown = {name: korean_client(world, who).get(address(name)).content.decode() for name, who in pages.items()}

    assert {name for name, page in shown.items() if '<html lang="ko">' not in page or not HANGUL.search(page)} == set()
    assert {name: left for name, page in shown.items() if (left := english_left(page))} == {}


def test_headline_of_a_result_reads_as_a_korean_sentence(world: World):
    page = korean_client(world, "dana").get(reverse("result", args=[STUDY, "job-0001"])).content.decode()

    assert "병원 3곳의 암호화된 환자 4,272명으로 학습했습니다. 모델이 본 적 없는 환자에서 사망 환자를" in page
    assert "95% 신뢰구간 69~75" in page
    assert "비공개: 이 병원 홀드아웃 환자의 사망 또는 생존이 20건 미만" in page


def test_dates_and_numbers_are_written_the_korean_way(world: World):
    page = korean_client(world, "bob").get(reverse("batch", args=[STUDY, "batch-0002"])).content.decode()
    created = Batch.objects.get(institution__slug="daegu", number=2).created_at

    assert f"{created.year}년 {created.month}월 {created.day}일" in page
    assert "1,700명" in page


def test_files_stay_the_same_in_every_language(world: World):
    place = reverse("chart-csv", args=[STUDY, "job-0001", "roc"])

    assert korean_client(world, "dana").get(place).content == signed_in(world, "clinician").get(place).content


@pytest.mark.django_db
def test_a_visitor_switches_the_language_and_stays_on_the_page():
    client = Client()
    place = reverse("register")

    answer = client.post(reverse("set_language"), {"language": "ko", "next": place})

    assert answer.url == place
    assert "병원 등록" in client.get(place).content.decode()
    client.post(reverse("set_language"), {"language": "en", "next": place})
    assert "Register a hospital" in client.get(place).content.decode()


def test_the_switch_names_the_other_language_in_its_own_words(world: World):
    place = reverse("study", args=[STUDY])

    assert re.search(r">\s*한국어\s*</button>", signed_in(world, "clinician").get(place).content.decode())
    assert re.search(r">\s*English\s*</button>", korean_client(world, "dana").get(place).content.decode())


@pytest.mark.django_db
def test_a_foreign_address_is_not_followed_after_the_switch():
    answer = Client().post(reverse("set_language"), {"language": "ko", "next": "https://elsewhere.example/"})

    assert answer.url == "/"


@pytest.mark.django_db
def test_a_form_says_in_korean_what_is_wrong():
    page = visitor().post(reverse("register"), {"slug": "-", "country": "Korea"}).content.decode()

    assert "영문자나 숫자로 시작하세요." in page
    assert "필수" in page  # Django's own words


def test_a_refusal_is_said_in_korean_and_logged_nowhere_else(world: World):
    page = korean_client(world, "dana").get(reverse("audit", args=[STUDY])).content.decode()

    assert "이 작업을 할 수 없습니다" in page


def test_what_is_stored_is_a_code(world: World):
    """Reasons are kept by code; the page says them in its language."""
    client = korean_client(world, "bob")

    client.post(reverse("withdraw-batch", args=[STUDY, "batch-0004"]), {"confirm": "batch-0004"})

    assert Batch.objects.get(institution__slug="daegu", number=4).reason == "batches.withdrawn_by_hospital"
    assert "소속 병원이 철회함" in client.get(reverse("batch", args=[STUDY, "batch-0004"])).content.decode()


@pytest.mark.django_db
def test_mail_to_the_contact_is_in_the_language_of_the_registration(django_capture_on_commit_callbacks: Any):
    facts = {
        "name": "부산 병원",
        "slug": "busan-hospital",
        "kind": "hospital",
        "country": "KR",
        "domain": "busan.example.org",
        "approval_number": "IRB-1",
        "approval_date": "2026-01-05",
        "contact_name": "김민지",
        "contact_email": "minji@busan.example.org",
    }

    with django_capture_on_commit_callbacks(execute=True):
        visitor().post(reverse("register"), facts)

    assert "김민지 님께" in mail.outbox[0].body
