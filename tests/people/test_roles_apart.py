"""Who gives roles and asks for results, who holds the key and who lets results out: three people in a study."""

import pytest
from django.test import Client

from hefed.core.errors import Conflict
from hefed.core.words import Said
from hospitals.keys.models import EnrolmentCode
from hospitals.people.models import Invitation, Membership, Role
from hospitals.people.permissions import at_odds
from hospitals.people.services import accept_as, invite
from hospitals.studies.services import create_study, grant_role
from tests.pages import cohort
from tests.pages.conftest import signed_in
from tests.pages.factory import World
from tests.words.raises import html, says

STUDY = "/studies/icu-death/"
PAIRS = [
    (Role.PROJECT_ADMINISTRATOR, Role.CUSTODIAN),
    (Role.PROJECT_ADMINISTRATOR, Role.APPROVER),
    (Role.CUSTODIAN, Role.APPROVER),
]


def give(world: World, name: str, role: Role) -> Membership:
    boss = world.people["platform_administrator"]
    hospital = world.hospitals["jeju"] if role != Role.CUSTODIAN else None
    return grant_role(user=world.people[name], role=role, study=world.study, institution=hospital, by=boss)


@pytest.mark.parametrize(("first", "second"), [*PAIRS, *((b, a) for a, b in PAIRS)])
def test_one_person_gets_one_of_them_in_a_study(empty: World, first: Role, second: Role):
    give(empty, "stranger", first)

    with says("studies.roles_exclude", Conflict):
        give(empty, "stranger", second)
    assert Membership.objects.filter(user=empty.people["stranger"]).count() == 1


@pytest.mark.parametrize("role", [Role.CUSTODIAN, Role.APPROVER])
def test_platform_administrator_is_neither_custodian_nor_approver(empty: World, role: Role):
    with says("studies.roles_exclude", Conflict, where=Said("studies.whole_platform")):
        give(empty, "platform_administrator", role)
    name = "custodian" if role == Role.CUSTODIAN else "approver"
    with says("studies.roles_exclude", Conflict, where="icu-death"):
        grant_role(user=empty.people[name], role=Role.PLATFORM_ADMINISTRATOR, by=empty.people["auditor"])


def test_another_study_and_other_roles_are_free(empty: World):
    boss = empty.people["platform_administrator"]
    other = create_study(
        slug="sepsis", name="Sepsis", question="Who?", dictionary_csv=cohort.DICTIONARY, profile="N14_L9", by=boss
    )
    grant_role(user=empty.people["custodian"], role=Role.APPROVER, study=other, institution=_jeju(empty), by=boss)
    give(empty, "auditor", Role.APPROVER)
    give(empty, "project_administrator", Role.PROJECT_ADMINISTRATOR)

    assert not at_odds({Role.AUDITOR, Role.APPROVER, Role.COORDINATOR})


def _jeju(world: World):
    return world.hospitals["jeju"]


def test_administrator_does_not_invite_herself_as_custodian(empty: World):
    data = {"email": "alice@example.org", "role": "custodian", "institution": ""}
    answer = signed_in(empty, "project_administrator").post(f"{STUDY}people/invite/", data)

    assert answer.status_code == 422
    roles = {"role": Said("people.custodian"), "held": Said("people.project_administrator")}
    refusal = html("studies.roles_exclude", user="alice", where="icu-death", **roles)
    assert refusal[1:] in answer.content.decode()
    assert not Invitation.objects.exists()


def test_newcomer_is_not_invited_into_two_of_them(empty: World):
    alice = empty.people["project_administrator"]
    invite(email="x@example.org", role=Role.CUSTODIAN, study=empty.study, by=alice)

    with says("people.invitation_at_odds", Conflict, other=Said("people.custodian")):
        invite(email="X@example.org", role=Role.APPROVER, study=empty.study, institution=_jeju(empty), by=alice)


def test_invitation_from_before_is_not_accepted_into_the_second(empty: World):
    mallory = empty.people["stranger"]
    _, key = invite(
        email=mallory.email, role=Role.CUSTODIAN, study=empty.study, by=empty.people["project_administrator"]
    )
    Membership.objects.create(user=mallory, role=Role.APPROVER, study=empty.study, institution=_jeju(empty))

    with says("studies.roles_exclude", Conflict):
        accept_as(key=key, by=mallory)


# ---- rows from before ------------------------------------------------------------------------------------------------


def both(world: World, role: str, second: Role) -> Client:
    Membership.objects.create(user=world.people[role], role=second, study=world.study, institution=_jeju(world))
    return signed_in(world, role)


def test_who_held_two_of_them_before_reads_and_changes_nothing(empty: World):
    client = both(empty, "custodian", Role.APPROVER)

    assert client.get(f"{STUDY}keys/").status_code == 200
    answer = client.post(f"{STUDY}keys/code/")
    assert answer.status_code == 403
    roles = (Said("people.approver"), Said("people.custodian"))
    assert html("people.roles_at_odds", roles=roles)[1:] in answer.content.decode()
    assert not EnrolmentCode.objects.exists()


def test_administrator_and_approver_neither_launches_nor_approves_but_ends_one_role(world: World):
    client = both(world, "project_administrator", Role.APPROVER)
    release = world.study.releases.get(state="collecting")
    row = Membership.objects.get(user=world.people["project_administrator"], role=Role.APPROVER)

    assert client.post(f"{STUDY}jobs/new/launch/").status_code == 403
    assert client.post(f"{STUDY}releases/{release.name}/approve/").status_code == 403
    assert client.post(f"{STUDY}people/roles/{row.pk}/remove/").status_code == 302

    assert signed_in(world, "project_administrator").post(f"{STUDY}set-up/rules/").status_code != 403


def test_platform_administrator_who_was_approver_before_does_not_approve(world: World):
    client = both(world, "platform_administrator", Role.APPROVER)
    release = world.study.releases.get(state="collecting")

    assert client.post(f"{STUDY}releases/{release.name}/approve/").status_code == 403
