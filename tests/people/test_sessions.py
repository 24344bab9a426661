"""A session, a token and a link last as long as what they rest on: a second factor, a role."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from hospitals.audit.models import AuditEvent
from hospitals.institutions.services import close_institution
from hospitals.keys.custody import exchange_code, issue_code
from hospitals.keys.models import EnrolmentCode
from hospitals.people.models import ApiToken, Invitation, Membership, Role
from hospitals.people.permissions import Unauthorised
from hospitals.people.services import end_role, invite
from hospitals.people.tokens import issue_token, token_of
from tests.pages.conftest import signed_in
from tests.pages.factory import PASSWORD, World
from tests.people.signing_in import FACTORS, SECRET, by_both, by_password, code_for, set_up_app, sign_in

STUDY = "/studies/icu-death/"


# ---- the second factor belongs to the session ------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_enrolment_ends_the_sessions_that_a_password_opened_before(empty: World):
    thief, carol = by_password("carol"), by_password("carol")
    assert thief.get(STUDY).status_code == 200

    set_up_app(carol)

    assert carol.get(STUDY).status_code == 200
    assert thief.get(STUDY).url.startswith("/sign-in/")


def test_session_without_the_factor_reaches_nothing_once_the_account_has_one(empty: World):
    """The session is not in allauth's list, as one that was opened by other means would not be."""
    thief = signed_in(empty, "custodian")
    TOTP.activate(empty.people["custodian"], SECRET)

    for page in (STUDY, f"{STUDY}keys/", "/account/email/", "/account/sessions/", FACTORS):
        assert thief.get(page).url.startswith(f"{FACTORS}reauthenticate/?next="), page
    assert thief.post(f"{STUDY}keys/code/").status_code == 302
    assert not EnrolmentCode.objects.exists()
    assert thief.get("/api/v1/study").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_session_without_the_factor_neither_sees_recovery_codes_nor_switches_the_factor_off(empty: World):
    before, unlisted = by_password("carol"), signed_in(empty, "custodian")
    before.post("/account/reauthenticate/", {"password": PASSWORD})
    set_up_app(by_password("carol"))
    halfway = by_password("carol")  # stops before the code

    for thief in (before, unlisted, halfway):
        thief.post("/account/reauthenticate/", {"password": PASSWORD})
        assert thief.get(f"{FACTORS}recovery-codes/").status_code == 302
        assert thief.get(f"{FACTORS}recovery-codes/download/").status_code == 302
        assert thief.post(f"{FACTORS}totp/deactivate/").status_code == 302
    assert Authenticator.objects.filter(user=empty.people["custodian"], type="totp").exists()


def test_code_of_the_app_gives_the_session_its_rights_and_the_page_it_asked_for(empty: World):
    client = signed_in(empty, "custodian")
    TOTP.activate(empty.people["custodian"], SECRET)
    address = client.get(f"{STUDY}keys/").url

    answer = client.post(address, {"code": code_for()})

    assert answer.url == f"{STUDY}keys/"
    assert client.get(f"{STUDY}keys/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_removing_the_factor_takes_the_code_and_ends_the_other_sessions(empty: World):
    carol, other = by_both(empty.people["custodian"]), by_both(empty.people["custodian"])
    assert carol.post(f"{FACTORS}totp/deactivate/").url.startswith(f"{FACTORS}reauthenticate/")
    carol.post(f"{FACTORS}reauthenticate/", {"code": code_for()})

    carol.post(f"{FACTORS}totp/deactivate/")

    assert not Authenticator.objects.exists()
    assert carol.get(STUDY).status_code == 200
    assert other.get(STUDY).url.startswith("/sign-in/")


def test_password_does_not_confirm_what_an_account_with_a_factor_changes(empty: World):
    carol = by_both(empty.people["custodian"])

    carol.post("/account/reauthenticate/", {"password": PASSWORD})

    assert carol.get(f"{FACTORS}recovery-codes/generate/").url.startswith(f"{FACTORS}reauthenticate/")


# ---- tokens, codes and invitations ask again -------------------------------------------------------------------------

TO_CONFIRM = [
    ("custodian", f"{STUDY}tokens/create/", {"name": "host", "days": 30}),
    ("custodian", f"{STUDY}keys/code/", {}),
    ("project_administrator", f"{STUDY}people/invite/", {"email": "x@example.org", "role": "auditor"}),
    ("platform_administrator", "/administrators/invite/", {"email": "x@example.org"}),
]


@pytest.mark.parametrize(("role", "address", "data"), TO_CONFIRM)
def test_what_gives_rights_away_asks_for_the_second_factor_again(empty: World, role: str, address: str, data):
    client = by_both(empty.people[role])

    answer = client.post(address, data)

    assert answer.status_code == 302
    assert answer.url.startswith(f"{FACTORS}reauthenticate/")
    assert not (ApiToken.objects.exists() or EnrolmentCode.objects.exists() or Invitation.objects.exists())
    done = client.post(answer.url, {"code": code_for()})
    assert done.status_code == 200
    assert ApiToken.objects.exists() or EnrolmentCode.objects.exists() or Invitation.objects.exists()


def test_token_of_somebody_without_a_factor_asks_for_the_password_again(empty: World):
    bob = by_password("bob")

    answer = bob.post(f"{STUDY}tokens/create/", {"name": "laptop", "days": 30})

    assert answer.url.startswith("/account/reauthenticate/")
    assert not ApiToken.objects.exists()
    assert "laptop" in bob.post(answer.url, {"password": PASSWORD}).content.decode()


# ---- a role that ends ------------------------------------------------------------------------------------------------


def test_removed_coordinator_s_token_and_sessions_end_with_the_role(empty: World):
    bob, hana, study = empty.people["coordinator"], empty.people["stranger"], empty.study
    session = by_password("bob")
    token, text = issue_token(name="laptop", study=study, institution=empty.hospitals["daegu"], by=bob)
    _, of_another = issue_token(name="server", study=study, institution=empty.hospitals["daegu"], by=hana)

    end_role(membership=Membership.objects.get(user=bob), by=empty.people["project_administrator"])

    with pytest.raises(Unauthorised):
        token_of(text)
    assert token_of(of_another).created_by == hana
    assert session.get("/account/email/").url.startswith("/sign-in/")
    assert AuditEvent.objects.filter(action="token.revoked", target=token.name).exists()


def test_removed_custodian_s_token_and_open_code_end_with_the_role(empty: World):
    carol = empty.people["custodian"]
    _, text = issue_token(name="host", study=empty.study, by=carol)
    _, code = issue_code(study=empty.study, by=carol)

    end_role(membership=Membership.objects.get(user=carol), by=empty.people["project_administrator"])

    with pytest.raises(Unauthorised):
        token_of(text)
    with pytest.raises(Unauthorised):
        exchange_code(text=code)


def test_invitations_of_a_removed_administrator_are_withdrawn(empty: World):
    alice, boss = empty.people["project_administrator"], empty.people["platform_administrator"]
    invite(
        email="hana@example.org",
        role=Role.PROJECT_ADMINISTRATOR,
        study=empty.study,
        institution=empty.hospitals["jeju"],
        by=boss,
    )
    _, key = invite(email="x@example.org", role=Role.AUDITOR, study=empty.study, by=alice)
    Membership.objects.create(
        user=empty.people["stranger"], role=Role.PROJECT_ADMINISTRATOR, study=empty.study, institution=None
    )

    end_role(membership=Membership.objects.get(user=alice), by=boss)

    assert Client().get(f"/invitations/{key}/").status_code == 404
    assert Invitation.objects.get(email="hana@example.org").withdrawn_at is None


def test_closing_a_hospital_ends_the_sessions_and_the_custodian_s_tokens_of_its_people(empty: World):
    session = by_password("bob")
    carol = empty.people["custodian"]
    Membership.objects.filter(user=carol).update(institution=empty.hospitals["daegu"])
    _, text = issue_token(name="agent", study=empty.study, by=carol)

    close_institution(
        institution=empty.hospitals["daegu"], reason="It merged.", by=empty.people["platform_administrator"]
    )

    assert session.get("/account/email/").url.startswith("/sign-in/")
    with pytest.raises(Unauthorised):
        token_of(text)


# ---- wrong passwords -------------------------------------------------------------------------------------------------


def test_stranger_locks_nobody_out_and_is_locked_out_himself(empty: World):
    for _ in range(6):
        answer = sign_in(Client(), "dana", "wrong", address="203.0.113.7")
    assert "wait five minutes" in answer.content.decode()

    assert sign_in(Client(), "dana", address="198.51.100.4").url == "/"
    assert "wait five minutes" in sign_in(Client(), "dana", address="203.0.113.7").content.decode()


def test_name_and_mail_address_of_one_person_count_together(empty: World):
    for login in ("dana", "dana@example.org", "DANA", "dana", "dana@example.org"):
        sign_in(Client(), login, "wrong")

    assert "wait five minutes" in sign_in(Client(), "dana").content.decode()
    assert "wait five minutes" in sign_in(Client(), "dana@example.org").content.decode()


def test_one_address_guesses_at_few_accounts(empty: World):
    for number in range(20):
        sign_in(Client(), f"person-{number}", "wrong", address="203.0.113.7")

    assert "wait five minutes" in sign_in(Client(), "dana", address="203.0.113.7").content.decode()
    assert sign_in(Client(), "dana", address="198.51.100.4").url == "/"
