"""Sign-in by django-allauth: passwords, lock-out, second factor, sessions, mail."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.test import Client

from hospitals.audit.models import AuditEvent
from hospitals.people.entry import DEMANDING
from hospitals.people.models import Role
from tests.pages.conftest import signed_in
from tests.pages.factory import PASSWORD, World
from tests.people.signing_in import by_both, code_for, set_up_app, sign_in

STUDY = "/studies/icu-death/"


@pytest.fixture
def _demanded(settings):
    settings.HEFED_REQUIRE_MFA = True


def test_name_or_address_signs_in_and_the_log_says_so(empty: World):
    assert sign_in(Client(), "dana").url == "/"
    assert sign_in(Client(), "dana@example.org").url == "/"
    assert AuditEvent.objects.filter(action="person.signed_in", target="dana").count() == 2


def test_five_wrong_passwords_lock_the_account_for_a_while(empty: World):
    for _ in range(5):
        sign_in(Client(), "dana", "wrong")

    answer = sign_in(Client(), "dana")

    assert answer.status_code == 200
    assert "wait five minutes" in answer.content.decode()


def test_nobody_signs_up_without_an_invitation(empty: World):
    data = {"username": "mia", "email": "mia@example.org", "password1": PASSWORD, "password2": PASSWORD}
    Client().post("/account/signup/", data)

    assert not empty.people["clinician"].__class__.objects.filter(username="mia").exists()


def test_short_password_is_refused_when_it_is_changed(empty: World):
    client = Client()
    sign_in(client, "dana")

    answer = client.post(
        "/account/password/change/", {"oldpassword": PASSWORD, "password1": "short", "password2": "short"}
    )

    assert "at least 12 characters" in answer.content.decode()


def test_forgotten_password_is_set_anew_by_the_link_of_the_mail(empty: World):
    client = Client()
    client.post("/account/password/reset/", {"email": "dana@example.org"})
    address = re.search(r"http://testserver(\S+)", mail.outbox[0].body).group(1)

    form = client.get(address, follow=True).request["PATH_INFO"]
    client.post(form, {"password1": "another long sentence", "password2": "another long sentence"})

    assert sign_in(Client(), "dana", "another long sentence").url == "/"
    assert AuditEvent.objects.filter(action="person.password_reset", target="dana").exists()
    assert "password has been reset" in mail.outbox[1].body


def test_reset_of_an_unknown_address_looks_the_same_and_sends_nothing(empty: World):
    answer = Client().post("/account/password/reset/", {"email": "nobody@example.org"})

    assert answer.status_code == 302
    assert mail.outbox == []


@pytest.mark.usefixtures("_demanded")
@pytest.mark.parametrize("role", list(Role))
def test_roles_that_decide_are_sent_to_set_up_a_second_factor(empty: World, role: Role):
    answer = signed_in(empty, role).get(STUDY)

    assert (getattr(answer, "url", "") == "/second-factor/") == (role in DEMANDING)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_demanded")
def test_second_factor_opens_the_pages_and_is_asked_for_at_the_next_sign_in(empty: World):
    client = Client()
    sign_in(client, "carol")
    secret = set_up_app(client)
    assert client.get(STUDY).status_code == 200

    cache.clear()
    other = Client()
    assert sign_in(other, "carol").url == "/account/second-factor/authenticate/"
    assert other.get(STUDY).status_code == 302
    other.post("/account/second-factor/authenticate/", {"code": code_for(secret)})

    assert other.get(STUDY).status_code == 200


@pytest.mark.usefixtures("_demanded")
def test_a_key_counts_as_second_factor(empty: World):
    client = by_both(empty.people["approver"])

    assert Authenticator.objects.count() == 1
    assert client.get(STUDY).status_code == 200


def test_sessions_are_listed_and_the_others_can_be_ended(empty: World):
    here, there = Client(), Client()
    sign_in(here, "dana")
    sign_in(there, "dana")

    here.post("/account/sessions/")

    assert here.get(STUDY).status_code == 200
    assert there.get(STUDY).status_code == 302


@pytest.mark.parametrize("address", ["email/", "password/change/", "sessions/", "second-factor/"])
def test_account_pages_send_visitors_to_the_sign_in_page(address: str, db: None):
    answer = Client().get(f"/account/{address}")

    assert answer.status_code == 302
    assert "next=" in answer.url
