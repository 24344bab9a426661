"""What a stranger can do with the page on which a hospital registers, and what an administrator does with it then."""

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from hefed.core.errors import BadInput, Conflict
from hospitals.institutions.models import Institution
from hospitals.institutions.services import approve_institution, register_institution
from hospitals.people.models import Invitation, User
from hospitals.people.services import create_person
from hospitals.people.tokens import issue_token
from hospitals.studies.models import Study
from hospitals.studies.services import StudyName, change_question, create_study, draft_study
from hospitals.words import RESERVED, check_line
from tests.pages import cohort
from tests.pages.conftest import signed_in
from tests.pages.factory import World
from tests.people.test_institutions import FORM
from tests.words.raises import html, says


def register(slug: str, name: str = "", address: str = "203.0.113.7", **changed: str):
    data = FORM | {"slug": slug, "name": name or f"Clinic {slug}", **changed}
    return Client().post("/register/", data, REMOTE_ADDR=address)


def registered(slug: str, name: str) -> Institution:
    kind, contact = Institution.Kind.HOSPITAL, ("Dr Oh", "oh@busan.example.org")
    return register_institution(slug=slug, name=name, kind=kind, country="KR", contact=contact)


# ---- many mails to a stranger ----------------------------------------------------------------------------------------


def test_sixty_registrations_send_three_mails_to_a_stranger(db, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answers = [register(f"clinic-{number}", address=f"203.0.113.{number}").status_code for number in range(60)]

    assert len(mail.outbox) == 3
    assert answers == [302] * 3 + [429] * 57
    assert Institution.objects.count() == 3


def test_one_address_registers_five_times_an_hour(db):
    answers = [register(f"clinic-{n}", contact_email=f"a{n}@example.org").status_code for n in range(7)]

    assert answers == [302] * 5 + [429] * 2


def test_invitations_to_one_address_are_counted(empty: World, django_capture_on_commit_callbacks):
    client = signed_in(empty, "project_administrator")
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(8):
            answer = client.post(
                "/studies/icu-death/people/invite/", {"email": "stranger@example.org", "role": "auditor"}
            )
            Invitation.objects.all().delete()

    assert answer.status_code == 429
    assert len(mail.outbox) == 5


# ---- control characters ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["name", "contact_name", "approval_number"])
@pytest.mark.parametrize("bad", ["Busan\nBcc: all@example.org", "Busan\r\nClinic", "Busan\x1b[31m", "Busan\u202egro"])
def test_control_character_in_a_registration_is_refused(db, field: str, bad: str):
    answer = register("busan", **{field: bad})

    assert answer.status_code == 422
    assert not Institution.objects.exists()


def test_approval_of_a_hospital_whose_name_has_a_line_break_is_answered(
    empty: World, django_capture_on_commit_callbacks
):
    """Such a row may be there from before."""
    busan = registered("busan", "Busan")
    Institution.objects.filter(pk=busan.pk).update(
        name="Busan\nBcc: all@example.org", contact_verified_at=timezone.now()
    )

    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in(empty, "platform_administrator").post("/institutions/busan/approve/", {"reason": ""})

    assert answer.status_code == 302
    assert Institution.objects.get(slug="busan").state == "approved"
    assert mail.outbox[0].subject == "HEFed: Busan Bcc: all@example.org: approved"
    assert mail.outbox[0].recipients() == ["oh@busan.example.org"]


class Broken(BaseEmailBackend):
    """A mail server that fails in a way nobody thought of."""

    def send_messages(self, email_messages):
        raise RuntimeError("no")


def test_mail_that_fails_undoes_nothing_and_fails_no_request(
    empty: World, settings, django_capture_on_commit_callbacks
):
    settings.EMAIL_BACKEND = "tests.people.test_registration.Broken"

    with django_capture_on_commit_callbacks(execute=True):
        answer = register("busan")
    reset = Client().post("/account/password/reset/", {"email": "dana@example.org"})

    assert (answer.status_code, reset.status_code) == (302, 302)
    assert Institution.objects.filter(slug="busan").exists()


def test_services_take_no_control_character_either(empty: World):
    boss, study, daegu = empty.people["platform_administrator"], empty.study, empty.hospitals["daegu"]
    bad = "a\nb"
    for attempt in (
        lambda: registered("busan", bad),
        lambda: issue_token(name=bad, study=study, institution=daegu, by=boss),
        lambda: draft_study(named=StudyName("other", bad, "Who dies?"), profile="N14_L9", by=boss),
        lambda: change_question(study=study, name=bad, question="Who dies?", by=boss),
        lambda: create_person(username=bad, email="b@example.org"),
    ):
        with says("people.control_character", BadInput):
            attempt()


def test_line_of_another_script_is_fine():
    check_line("이름", "서울대학교병원 (본원) – Zürich")


def test_text_of_several_lines_may_have_them_and_nothing_else(empty: World):
    boss = empty.people["platform_administrator"]
    draft_study(named=StudyName("other", "Other", "Who dies?\nWhen?"), profile="N14_L9", by=boss)

    with says("people.control_character", BadInput):
        draft_study(named=StudyName("third", "Third", "Who\x00 dies?"), profile="N14_L9", by=boss)


# ---- short names -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", ["pooled", "Pooled", "custodian", "all", "server", "hefed", "study", "admin"])
def test_word_of_the_program_is_no_short_name(empty: World, slug: str):
    answer = register(slug)
    assert answer.status_code == 422
    assert html("people.short_name_reserved", slug=slug)[1:] in answer.content.decode()
    boss = empty.people["platform_administrator"]
    with says("people.short_name_reserved", BadInput):
        create_study(slug=slug, name="X", question="Y", dictionary_csv=cohort.DICTIONARY, profile="N14_L9", by=boss)
    with says("people.short_name_reserved", BadInput):
        draft_study(named=StudyName(slug, "X", "Y"), profile="N14_L9", by=boss)
    assert slug.lower() in RESERVED


@pytest.mark.parametrize("slug", ["SEOUL", "Seoul", "seoul"])
def test_short_name_that_differs_in_capitals_only_is_taken(empty: World, slug: str):
    answer = register(slug)

    assert answer.status_code == 422
    assert html("people.short_name_taken", slug=slug)[1:] in answer.content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        Institution.objects.create(slug=slug, name="X", country="KR", contact_name="X", contact_email="x@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        Study.objects.create(slug="ICU-death", name="X", question="X", profile="N14_L9", holdout_salt="x")


def test_name_that_differs_in_capitals_and_blanks_only_is_taken(empty: World):
    answer = register("seoul-2", "SEOUL  university hospital")

    assert answer.status_code == 422
    assert html("people.institution_name_taken", name="SEOUL university hospital")[1:] in answer.content.decode()


def test_name_of_a_refused_registration_is_free_and_is_not_approved_twice(empty: World):
    boss = empty.people["platform_administrator"]
    first = registered("first", "Busan Clinic")
    Institution.objects.filter(pk=first.pk).update(
        state="refused", decided_by=boss, decided_at=timezone.now(), contact_verified_at=timezone.now()
    )
    registered("second", "Busan Clinic")
    first.refresh_from_db()

    with says("people.institution_name_taken", Conflict):
        approve_institution(institution=first, by=boss)


def test_sign_in_name_that_differs_in_capitals_only_is_taken(empty: World):
    with says("people.username_taken", Conflict):
        create_person(username="DANA", email="other@example.org")
    assert User.objects.filter(username__iexact="dana").count() == 1


def test_wrong_short_name_is_refused_by_the_service(db):
    for slug in ("", "-x", "a b", "a/b", "x" * 64):
        with says("people.short_name_form", BadInput):
            registered(slug, "X")
