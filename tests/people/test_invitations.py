"""People come into a role by an invitation, and leave it."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from hefed.core.errors import BadInput
from hefed.core.words import Said
from hospitals.audit.models import AuditEvent
from hospitals.people.models import Invitation, Membership, Role, User
from hospitals.people.services import act_for
from hospitals.studies.models import StudyInstitution
from hospitals.studies.services import grant_role
from tests.pages.conftest import signed_in
from tests.pages.factory import PASSWORD, World
from tests.words.raises import html, says
from training.releases.selectors import acts_for

PEOPLE = "/studies/icu-death/people/"
NEW = {"username": "hana", "name": "Hana Seo", "password": "a sentence of mine"}


@pytest.fixture
def invite(empty: World, django_capture_on_commit_callbacks):
    """Invite by the page; the path of the link in the mail."""

    def send(email: str = "hana@seoul.example.org", role: str = "coordinator", institution: str = "seoul") -> str:
        chosen = empty.hospitals[institution].pk if institution else ""
        data = {"email": email, "role": role, "institution": chosen}
        with django_capture_on_commit_callbacks(execute=True):
            answer = signed_in(empty, "project_administrator").post(f"{PEOPLE}invite/", data)
        assert answer.status_code == 200, answer.content.decode()
        return re.search(r"http://[^/\s]+(/invitations/\S+)", mail.outbox[-1].body).group(1)

    return send


def test_newcomer_makes_a_sign_in_and_has_the_role(empty: World, invite):
    link = invite()
    assert Client().get(link).status_code == 200

    assert Client().post(f"{link}join/", NEW).url == "/sign-in/"

    client = Client()
    assert client.post("/sign-in/", {"login": "hana", "password": NEW["password"]}).url == "/"
    assert client.get("/studies/icu-death/data/").status_code == 200
    row = Membership.objects.get(user__username="hana")
    assert (row.role, row.institution) == ("coordinator", empty.hospitals["seoul"])
    assert AuditEvent.objects.filter(action="invitation.accepted", target="hana").exists()


def test_link_works_once(invite):
    link = invite()
    Client().post(f"{link}join/", NEW)

    assert Client().post(f"{link}join/", NEW | {"username": "other"}).status_code == 404
    assert not User.objects.filter(username="other").exists()


def test_link_stops_after_its_time(invite):
    link = invite()
    Invitation.objects.update(expires_at=timezone.now())

    assert Client().get(link).status_code == 404


def test_weak_password_is_answered_in_words_and_leaves_nobody(invite):
    answer = Client().post(f"{invite()}join/", NEW | {"password": "short"})

    assert answer.status_code == 422
    assert "at least 12 characters" in answer.content.decode()
    assert not User.objects.filter(username="hana").exists()


def test_somebody_with_a_sign_in_accepts_with_it(empty: World, invite):
    link = invite(email="dana@example.org", role="auditor", institution="")

    assert "Sign in and accept" in Client().get(link).content.decode()
    signed_in(empty, "clinician").post(f"{link}accept/")

    roles = set(Membership.objects.filter(user=empty.people["clinician"]).values_list("role", flat=True))
    assert roles == {"clinician", "auditor"}


def test_invitation_of_somebody_else_is_refused(empty: World, invite):
    link = invite()

    assert signed_in(empty, "stranger").post(f"{link}accept/").status_code == 409
    assert not Membership.objects.filter(user=empty.people["stranger"]).exists()


def test_withdrawn_link_stops_working(empty: World, invite):
    link = invite()
    number = Invitation.objects.get().pk
    signed_in(empty, "project_administrator").post(f"{PEOPLE}invitations/{number}/withdraw/")

    assert Client().get(link).status_code == 404


@pytest.mark.parametrize("role", ["coordinator", "approver", "project_administrator"])
def test_who_acts_for_an_institution_needs_one(empty: World, role: str):
    data = {"email": "x@example.org", "role": role, "institution": ""}
    answer = signed_in(empty, "project_administrator").post(f"{PEOPLE}invite/", data)

    assert answer.status_code == 422
    assert html("people.no_institution_chosen", role=Said(f"people.{role}"))[1:] in answer.content.decode()


def test_nobody_is_made_platform_administrator_by_a_project_administrator(empty: World):
    data = {"email": "x@example.org", "role": "platform_administrator", "institution": ""}

    assert signed_in(empty, "project_administrator").post(f"{PEOPLE}invite/", data).status_code == 422


def test_who_drafted_a_study_says_once_for_whom_they_act(empty: World):
    alice, study = empty.people["project_administrator"], empty.study
    Membership.objects.filter(user=alice, study=study).update(institution=None)
    client, jeju = signed_in(empty, "project_administrator"), empty.hospitals["jeju"]
    assert "For which hospital do you act?" in client.get(PEOPLE).content.decode()

    assert client.post(f"{PEOPLE}act-for/", {"institution": ""}).status_code == 422
    assert client.post(f"{PEOPLE}act-for/", {"institution": jeju.pk}).status_code == 302

    assert acts_for(alice, study, Role.PROJECT_ADMINISTRATOR) == jeju
    assert AuditEvent.objects.get(action="role.acts_for.project_administrator").institution == "jeju"
    assert "For which hospital do you act?" not in client.get(PEOPLE).content.decode()
    assert client.post(f"{PEOPLE}act-for/", {"institution": empty.hospitals["seoul"].pk}).status_code == 409
    assert acts_for(alice, study, Role.PROJECT_ADMINISTRATOR) == jeju


def test_nobody_acts_for_a_hospital_outside_the_study(empty: World):
    alice = empty.people["project_administrator"]
    Membership.objects.filter(user=alice, study=empty.study).update(institution=None)
    StudyInstitution.objects.filter(study=empty.study, institution=empty.hospitals["jeju"]).delete()

    data = {"institution": empty.hospitals["jeju"].pk}
    assert signed_in(empty, "project_administrator").post(f"{PEOPLE}act-for/", data).status_code == 422
    with says("people.act_for_outsider", BadInput):
        act_for(study=empty.study, institution=empty.hospitals["jeju"], by=alice)
    assert acts_for(alice, empty.study, Role.PROJECT_ADMINISTRATOR) is None


def test_removed_person_loses_the_role_at_once(empty: World):
    row = Membership.objects.get(user=empty.people["clinician"])
    client = Client()
    client.post("/sign-in/", {"login": "dana", "password": PASSWORD})

    signed_in(empty, "project_administrator").post(f"{PEOPLE}roles/{row.pk}/remove/")

    assert client.get("/studies/icu-death/results/").url.startswith("/sign-in/")
    client.post("/sign-in/", {"login": "dana", "password": PASSWORD})
    assert client.get("/studies/icu-death/results/").status_code == 404


def test_last_project_administrator_stays(empty: World):
    row = Membership.objects.get(user=empty.people["project_administrator"])

    assert signed_in(empty, "project_administrator").post(f"{PEOPLE}roles/{row.pk}/remove/").status_code == 409


def test_role_of_another_study_is_not_found(empty: World):
    row = Membership.objects.get(user=empty.people["platform_administrator"])

    assert signed_in(empty, "project_administrator").post(f"{PEOPLE}roles/{row.pk}/remove/").status_code == 404


def test_page_shows_who_waits_only_with_buttons_for_those_who_manage(empty: World, invite):
    invite()

    manager = signed_in(empty, "project_administrator").get(PEOPLE).content.decode()
    auditor = signed_in(empty, "auditor").get(PEOPLE).content.decode()

    assert "hana@seoul.example.org" in manager
    assert "hana@seoul.example.org" in auditor
    assert "Invite somebody" in manager
    assert "Invite somebody" not in auditor
    assert "Remove" not in auditor


def test_administrator_without_an_institution_gets_one_by_inviting_herself(empty: World, invite):
    """Who drafted a study acts for no institution at first, and cannot ask for a release."""
    alice = empty.people["project_administrator"]
    Membership.objects.filter(user=alice).update(institution=None)

    link = invite(email=alice.email, role="project_administrator", institution="seoul")
    signed_in(empty, "project_administrator").post(f"{link}accept/")

    assert acts_for(alice, empty.study, Role.PROJECT_ADMINISTRATOR) == empty.hospitals["seoul"]


def test_role_of_an_institution_is_not_given_without_one(empty: World):
    with says("studies.institution_missing", BadInput):
        grant_role(user=empty.people["stranger"], role=Role.APPROVER, study=empty.study, by=empty.people["auditor"])
