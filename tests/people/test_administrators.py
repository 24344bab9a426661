"""Platform administrators invite each other from a page; nobody else does, and the last one stays."""

import re

import pytest
from django.core import mail
from django.test import Client

from hospitals.audit.models import AuditEvent
from hospitals.people.models import Invitation, Membership, Role
from hospitals.people.permissions import roles
from tests.pages.conftest import signed_in
from tests.pages.factory import World
from tests.words.raises import html

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
