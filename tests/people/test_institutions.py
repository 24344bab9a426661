"""From "register our hospital" to a decision with a reason, and what suspended and closed mean."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from hefed.core.errors import BadInput, Conflict
from hospitals.audit.models import AuditEvent
from hospitals.institutions.models import Institution
from hospitals.institutions.services import approve_institution, close_institution, suspend_institution
from hospitals.people.models import Membership
from hospitals.people.permissions import Unauthorised
from hospitals.people.tokens import issue_token, token_of
from tests.pages.conftest import signed_in
from tests.pages.factory import World
from tests.words.raises import html, says

FORM = {
    "name": "Busan Harbour Clinic",
    "slug": "busan",
    "kind": "hospital",
    "country": "kr",
    "domain": "busan.example.org",
    "approval_number": "IRB 2026-04-117",
    "approval_date": "2026-04-02",
    "contact_name": "Dr Oh",
    "contact_email": "oh@busan.example.org",
}


@pytest.fixture
def registered(empty: World, django_capture_on_commit_callbacks) -> str:
    """A visitor has registered; the path of the link in the contact person's mail."""
    with django_capture_on_commit_callbacks(execute=True):
        assert Client().post("/register/", FORM).url == "/register/done/"
    return re.search(r"http://[^/\s]+(\S+)", mail.outbox[0].body).group(1)


def decide(world: World, action: str, reason: str = ""):
    client = signed_in(world, "platform_administrator")
    return client.post(f"/institutions/busan/{action}/", {"reason": reason})


def test_contact_confirms_by_the_link_and_its_button(registered: str):
    visitor = Client()

    assert visitor.get(registered).status_code == 200
    assert Institution.objects.get(slug="busan").contact_verified_at is None
    visitor.post(f"{registered}yes/")

    assert Institution.objects.get(slug="busan").contact_verified_at is not None
    assert AuditEvent.objects.filter(action="institution.contact_confirmed", target="busan").exists()


def test_link_with_a_changed_letter_confirms_nothing(registered: str):
    assert Client().post(f"{registered[:-3]}xx/yes/").status_code == 422


def test_approval_waits_for_the_confirmed_address(empty: World, registered: str):
    answer = decide(empty, "approve")

    assert answer.status_code == 422
    refusal = html("people.address_not_confirmed", institution="busan", email=FORM["contact_email"])
    assert refusal[1:] in answer.content.decode()


def test_administrator_reads_everything_and_approves(empty: World, registered: str):
    Client().post(f"{registered}yes/")
    page = signed_in(empty, "platform_administrator").get("/institutions/busan/").content.decode()
    assert "IRB 2026-04-117" in page
    assert "busan.example.org" in page

    decide(empty, "approve", "Papers are complete.")

    institution = Institution.objects.get(slug="busan")
    assert (institution.state, institution.reason) == ("approved", "Papers are complete.")


def test_refusal_needs_a_reason_and_tells_it_to_the_contact(
    empty: World, registered: str, django_capture_on_commit_callbacks
):
    assert decide(empty, "refuse", " ").status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        decide(empty, "refuse", "The approval has lapsed.")

    assert Institution.objects.get(slug="busan").state == "refused"
    assert "The approval has lapsed." in mail.outbox[-1].body


def test_approval_date_in_the_future_is_refused(db: None):
    tomorrow = timezone.localdate() + timedelta(days=1)

    answer = Client().post("/register/", FORM | {"approval_date": tomorrow.isoformat()})

    assert answer.status_code == 422
    assert "in the future" in answer.content.decode()


def test_suspended_stops_tokens_until_approved_again(empty: World):
    boss, daegu = empty.people["platform_administrator"], empty.hospitals["daegu"]
    _, text = issue_token(name="server", study=empty.study, institution=daegu, by=empty.people["coordinator"])

    suspend_institution(institution=daegu, reason="An incident is looked into.", by=boss)
    with pytest.raises(Unauthorised):
        token_of(text)
    daegu.refresh_from_db()
    approve_institution(institution=daegu, by=boss)

    assert token_of(text).institution == daegu


def test_closed_is_for_good_and_ends_roles_and_tokens(empty: World):
    boss, daegu = empty.people["platform_administrator"], empty.hospitals["daegu"]
    token, _ = issue_token(name="server", study=empty.study, institution=daegu, by=empty.people["coordinator"])

    closed = close_institution(institution=daegu, reason="It merged with another.", by=boss)

    token.refresh_from_db()
    assert token.revoked_at is not None
    assert not Membership.objects.filter(institution=daegu).exists()
    assert AuditEvent.objects.filter(action="role.ended.coordinator", institution="daegu").exists()
    with says("server.no_move_left", Conflict):
        approve_institution(institution=closed, by=boss)


def test_suspending_without_a_reason_is_refused(empty: World):
    with says("people.no_reason", BadInput):
        suspend_institution(institution=empty.hospitals["daegu"], by=empty.people["platform_administrator"])
