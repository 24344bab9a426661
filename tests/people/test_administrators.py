"""Platform administrators invite each other from a page; nobody else does, and the last one stays."""

import re

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from hospitals.audit.models import AuditEvent
from hospitals.people.models import Invitation, Membership, Role, User
from hospitals.people.permissions import roles
from tests.pages.conftest import signed_in
from tests.pages.factory import PASSWORD, World
from tests.people.signing_in import sign_in
from tests.words.raises import html, pattern

PAGE = "/administrators/"


@pytest.fixture
def invited(empty: World, django_capture_on_commit_callbacks) -> str:
    """Mallory, who has a sign-in already, is invited; the path of the link."""
    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in(empty, "platform_administrator").post(f"{PAGE}invite/", {"email": "mallory@example.org"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return re.search(r"/invitations/[\w-]+/", answer.content.decode()).group(0)


def test_link_goes_by_mail_and_gives_the_role_for_the_whole_platform(empty: World, invited: str):
    assert invited in mail.outbox[0].body

    signed_in(empty, "stranger").post(f"{invited}accept/")

    assert roles(empty.people["stranger"]) == {Role.PLATFORM_ADMINISTRATOR}
    assert signed_in(empty, "stranger").get(PAGE).status_code == 200
    assert AuditEvent.objects.filter(action="role.granted.platform_administrator", target="mallory").exists()


def test_second_invitation_of_the_same_address_is_refused_on_the_page(empty: World, invited: str):
    client = signed_in(empty, "platform_administrator")

    answer = client.post(f"{PAGE}invite/", {"email": "Mallory@example.org"})

    assert answer.status_code == 422
    assert html("people.invitation_waits", email="Mallory@example.org")[1:] in answer.content.decode()
    assert client.post(f"{PAGE}invite/", {"email": "no address"}).status_code == 422


def test_withdrawn_invitation_opens_nothing(empty: World, invited: str):
    number = Invitation.objects.get().pk
    client = signed_in(empty, "platform_administrator")

    client.post(f"{PAGE}invitations/{number}/withdraw/")

    assert Client().get(invited).status_code == 404
    assert client.post(f"{PAGE}invitations/9999/withdraw/").status_code == 404


def test_last_administrator_stays_and_one_of_two_can_go(empty: World, invited: str):
    client = signed_in(empty, "platform_administrator")
    only = Membership.objects.get(role=Role.PLATFORM_ADMINISTRATOR)
    assert client.post(f"{PAGE}{only.pk}/remove/").status_code == 409

    signed_in(empty, "stranger").post(f"{invited}accept/")
    second = Membership.objects.get(role=Role.PLATFORM_ADMINISTRATOR, user=empty.people["stranger"])
    client.post(f"{PAGE}{second.pk}/remove/")

    assert roles(empty.people["stranger"]) == frozenset()
    assert AuditEvent.objects.filter(action="role.ended.platform_administrator").exists()


def test_role_of_a_study_cannot_be_ended_here(empty: World):
    role = Membership.objects.get(role=Role.AUDITOR)

    assert signed_in(empty, "platform_administrator").post(f"{PAGE}{role.pk}/remove/").status_code == 404
    assert Membership.objects.filter(pk=role.pk).exists()


# ---- the first one, from a terminal ----------------------------------------------------------------------------------


def test_first_administrator_of_a_new_server_chooses_a_password_by_mail(
    db, settings, capsys: pytest.CaptureFixture[str], client: Client
):
    settings.HEFED_PUBLIC_URL = "https://hefed.example.org"
    call_command("create_administrator", "root1", "root1@example.org")
    assert "https://hefed.example.org/account/password/reset/" in capsys.readouterr().out

    client.post("/account/password/reset/", {"email": "root1@example.org"})
    link = re.search(r"/account/password/reset/key/\S+", mail.outbox[0].body).group(0)
    form = client.get(link).url
    client.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    sign_in(client, "root1")

    assert client.get(PAGE).status_code == 200


@pytest.mark.parametrize(
    ("name", "email", "problem"),
    [
        ("root1", "nowhere", pattern("people.no_address", email="nowhere")),
        ("root1", "Mallory@example.org", pattern("people.address_taken", email="Mallory@example.org")),
        ("mallory", "root1@example.org", pattern("people.username_taken", name="mallory")),
        ("root\n1", "root1@example.org", pattern("people.control_character")),
    ],
)
def test_administrator_who_cannot_be_made_is_refused_in_words(empty: World, name: str, email: str, problem: str):
    before = User.objects.count()
    with pytest.raises(CommandError, match=problem):
        call_command("create_administrator", name, email)
    assert User.objects.count() == before
