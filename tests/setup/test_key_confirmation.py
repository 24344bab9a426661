"""Each hospital compares the key for itself, and nobody compares a key with their own word."""

import pytest
from django.test import Client

from hefed.core.errors import BadInput, Conflict
from hefed.custodian.keeping.store import Home
from hospitals.audit.models import AuditEvent
from hospitals.institutions.models import Institution
from hospitals.institutions.services import approve_institution, register_institution
from hospitals.keys.custody import exchange_code, issue_code
from hospitals.keys.models import KeyConfirmation, KeySet
from hospitals.keys.services import confirm_key, publish_public_key, publish_relinearisation_key
from hospitals.people.models import Role, User
from hospitals.people.permissions import Forbidden
from hospitals.people.services import create_person
from hospitals.studies.models import Study
from hospitals.studies.services import add_institution, grant_role
from tests.server.cohort import Upload
from tests.server.conftest import Api, ApiFor
from tests.setup.confirming import confirmed, coordinator_of
from tests.words.raises import says


@pytest.fixture
def carol(study: Study, admin: User) -> User:
    user = create_person(username="carol", email="carol@example.org")
    grant_role(user=user, role=Role.CUSTODIAN, study=study, by=admin)
    return user


@pytest.fixture
def key(study: Study, carol: User, home: Home) -> KeySet:
    """Published by a machine that enrolled with carol's code, in a study that people set up."""
    Study.objects.filter(pk=study.pk).update(set_up_by_script=False)
    study.refresh_from_db()
    token, _ = exchange_code(text=issue_code(study=study, by=carol)[1])
    publish_public_key(study=study, path=home.public_key, by=token)
    return publish_relinearisation_key(study=study, path=home.relinearisation_key, by=token)


def confirm(key: KeySet, slug: str, by: User, typed: str = "") -> KeyConfirmation:
    institution = Institution.objects.get(slug=slug)
    return confirm_key(key_set=key, institution=institution, typed=typed or key.fingerprint[-8:], by=by)


def test_whoever_made_the_code_does_not_confirm_the_key_that_came_with_it(study: Study, key: KeySet, carol: User):
    north = Institution.objects.get(slug="north")
    grant_role(user=carol, role=Role.COORDINATOR, study=study, institution=north, by=carol)

    with says("keys.confirmed_by_another", Forbidden):
        confirm(key, "north", carol)
    KeySet.objects.update(published_by=None)  # as keys from before it was kept
    key.refresh_from_db()
    with says("keys.confirmed_by_another", Forbidden):
        confirm(key, "north", carol)
    assert confirm(key, "north", coordinator_of(study, "north")).confirmed_by.username == "of-north"


@pytest.mark.parametrize("digits", [4, 7])
def test_fewer_than_eight_digits_confirm_nothing(study: Study, key: KeySet, digits: int):
    with says("keys.other_last_digits", BadInput):
        confirm(key, "north", coordinator_of(study, "north"), key.fingerprint[-digits:])
    assert not KeyConfirmation.objects.exists()


def test_other_eight_digits_of_the_fingerprint_confirm_nothing(study: Study, key: KeySet):
    with says("keys.other_last_digits", BadInput):
        confirm(key, "north", coordinator_of(study, "north"), key.fingerprint[:8])


def test_hospital_uploads_after_its_own_confirmation_and_not_after_another_s(
    study: Study, key: KeySet, api_for: ApiFor, upload: Upload
):
    north = api_for("north")
    confirmed(study, key, "south")
    answer = north.announce(upload)
    assert (answer.status_code, answer.json()["code"]) == (409, "batches.key_not_confirmed")

    confirmed(study, key, "north")

    assert north.announce(upload).status_code == 200
    event = AuditEvent.objects.get(action="key.confirmed", institution="north")
    assert "of-north" in event.actor


def test_coordinator_of_another_hospital_and_administrators_do_not_confirm_for_it(
    study: Study, key: KeySet, admin: User
):
    south = coordinator_of(study, "south")
    lead = create_person(username="lead-person", email="lead@example.org")
    grant_role(
        user=lead,
        role=Role.PROJECT_ADMINISTRATOR,
        study=study,
        institution=Institution.objects.get(slug="north"),
        by=admin,
    )

    for person in (south, lead, admin):
        with says("keys.confirmed_by_its_coordinator", Forbidden):
            confirm(key, "north", person)


def test_second_time_is_refused(study: Study, key: KeySet):
    confirmed(study, key, "north")

    with says("keys.confirmed_already", Conflict):
        confirm(key, "north", coordinator_of(study, "north", "second"))


def test_page_says_who_has_confirmed_and_who_has_not_and_takes_the_eight_digits(study: Study, key: KeySet):
    confirmed(study, key, "south")
    client, address = Client(), f"/studies/{study.slug}/keys/"
    client.force_login(coordinator_of(study, "north"))

    page = " ".join(client.get(address).content.decode().split())
    assert "of-south compared it with the custodian on" in page
    assert "not yet; it can upload nothing before" in page
    assert client.post(f"{address}confirm/", {"last_digits": key.fingerprint[-4:]}).status_code == 422
    assert client.post(f"{address}confirm/", {"last_digits": key.fingerprint[-8:]}).status_code == 302

    assert "of-north compared it with the custodian on" in " ".join(client.get(address).content.decode().split())


def test_first_key_of_a_script_is_trusted_for_the_hospitals_of_then_and_not_for_later_ones(
    study: Study, published: Api, admin: User
):
    assert set(KeyConfirmation.objects.values_list("institution__slug", flat=True)) == {"north", "south", "west"}
    assert not KeyConfirmation.objects.exclude(confirmed_by=None).exists()
    contact = ("Dr Oh", "oh@example.org")
    late = register_institution(
        slug="late", name="Late", kind=Institution.Kind.HOSPITAL, country="KR", contact=contact, by=admin
    )
    add_institution(study=study, institution=approve_institution(institution=late, by=admin), by=admin)

    assert not KeyConfirmation.objects.filter(institution=late).exists()
